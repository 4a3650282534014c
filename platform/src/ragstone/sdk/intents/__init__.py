"""What people want: intent files, a head that tells intents, and a scope with a promise (numpy alone).

Examples are embedded with ``Context.embed``; `IntentModel.train` fits and calibrates, `IntentModel.predict` tells.
"""

from ragstone.sdk.intents.files import Action, Examples, Intent, Words, load_intents
from ragstone.sdk.intents.model import IntentModel, Prediction, held_out_scores
from ragstone.sdk.intents.scope import Scope

__all__ = [
    "Action",
    "Examples",
    "Intent",
    "IntentModel",
    "Prediction",
    "Scope",
    "Words",
    "held_out_scores",
    "load_intents",
]
