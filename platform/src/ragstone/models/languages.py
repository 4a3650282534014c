"""The language guard: a model that does not know a corpus' language is refused, not quietly bad."""

import logging
from collections.abc import Iterable, Set

from ragstone.errors import LanguageMismatchError
from ragstone.models.catalog import ModelEntry

_log = logging.getLogger(__name__)


def require_languages(
    entry: ModelEntry, wanted: Set[str], alternatives: Iterable[ModelEntry], *, force: bool = False
) -> None:
    """Refuse a model for languages that it was not trained on; with ``force`` only warn.

    Raises:
        LanguageMismatchError: names the languages and a model of the same role that knows them.
    """
    unknown = sorted(wanted - set(entry.languages))
    if not unknown:
        return
    problem = f"Model '{entry.name}' does not know {', '.join(unknown)} (it knows {', '.join(entry.languages)})."
    if force:
        _log.warning("%s Used all the same, as asked: expect poor results there.", problem)
        return
    better = next((other.name for other in alternatives if wanted <= set(other.languages)), None)
    advice = f"Set models.{entry.role} to '{better}'" if better else f"Choose a {entry.role} that knows them"
    raise LanguageMismatchError(f"{problem} {advice}, or set models.allow_language_mismatch.")
