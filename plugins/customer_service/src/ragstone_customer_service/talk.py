"""Where a conversation stands. Plain values: it travels with the reply and comes back with the next message."""

import re
from typing import Literal

from pydantic import Field, ValidationError

from ragstone.sdk import Language, Record, Turn, UsageError
from ragstone.sdk.flows import FlowState
from ragstone_customer_service.handoff.records import Reason, State

MOST_TURNS = 24
"""Turns that are remembered; what lies further back no longer helps to understand a question."""

_FOLLOW_UP = re.compile(
    r"^\W*(?:and|or|but|also|what about|how about|then|what if|ok|okay)\b"
    r"|\b(?:it|its|they|them|their|that|this|those|these|one)\b"
    r"|^\W*(?:那|那么|还有|另外|如果|要是|但是|可是|然后)|它|这个|那个|这种|那种|这款|那款|呢\W*$",
    re.IGNORECASE,
)
_SHORT = {"en": 3, "zh": 4}


class Talk(Record):
    """What is remembered from one message to the next."""

    language: Language = "en"
    turns: tuple[Turn, ...] = Field(default=(), max_length=MOST_TURNS)
    flow: FlowState | None = None
    failures: int = Field(default=0, ge=0)
    handoff: State = "none"
    reason: Reason | None = None
    topic: str = ""

    def heard(self, text: str, said: str) -> "Talk":
        """The same conversation one message and one reply later."""
        turns = (*self.turns, Turn(role="user", text=text), Turn(role="assistant", text=said))
        return self.model_copy(update={"turns": turns[-MOST_TURNS:]})


def read_talk(state: str) -> Talk:
    """The conversation that a reply carried; empty text begins a new one.

    Raises:
        UsageError: it is no such state.
    """
    try:
        return Talk.model_validate_json(state) if state else Talk()
    except ValidationError:
        raise UsageError("The state of the conversation cannot be read. Send back 'state' as it came.") from None


def standalone(text: str, talk: Talk) -> str:
    """A question that can be understood by itself: a follow-up gets the question before it in front."""
    before = next((turn.text for turn in reversed(talk.turns) if turn.role == "user"), "")
    return f"{before} {text}".strip() if before and is_follow_up(text, talk.language) else text


def is_follow_up(text: str, language: Language) -> bool:
    """Whether a message leans on what was said: it is very short, goes on, or points back."""
    words = len(re.findall(r"\w", text)) if language == "zh" else len(text.split())
    return words <= _SHORT["zh" if language == "zh" else "en"] or bool(_FOLLOW_UP.search(text))


Command = Literal["back", "leave", "go_on", "yes", "without", "no"]
_WORDS: dict[Command, str] = {
    "back": "(?:go |step )?back|previous(?: step)?|上一步|返回上一步|退回(?:去)?|回到上一步",
    "leave": "stop|cancel|quit|exit|leave it|never ?mind|forget it|退出|算了|不弄了|停止|取消|不用了",
    "go_on": "go on|continue|resume|carry on|let'?s go on|继续|接着来|接着说|继续吧",
    "yes": "yes|yeah|yep|ok(?:ay)?|sure|please do|yes,? (?:please|pass it on|go ahead)|go ahead"
    "|是|是的|好|好的|可以|行|同意(?:转接)?|要|请转|转吧|嗯",
    "without": "without(?: it| the conversation)?|不带对话|不带|只转问题",
    "no": "no|nope|no,? thanks?|don'?t|not now|不|不用|不要|不行|不同意|先不|不必了",
}
_THANKS = r"(?:\W+(?:please|thanks|thank you)|\W*谢谢)?"
_COMMANDS: dict[Command, re.Pattern[str]] = {
    name: re.compile(rf"\W*(?:{words}){_THANKS}\W*", re.IGNORECASE) for name, words in _WORDS.items()
}


def command(text: str) -> Command | None:
    """What a message that is nothing else asks the conversation to do."""
    return next((name for name, pattern in _COMMANDS.items() if pattern.fullmatch(text)), None)
