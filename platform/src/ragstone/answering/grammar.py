"""A GBNF grammar under which a source that was not given cannot be cited, and a sentence cannot go uncited."""

from ragstone.answering.wording import wording
from ragstone.types import Language

_MOST_SENTENCES = 3
_LONGEST_SENTENCE = {"en": 240, "zh": 90}
"""Characters. A small model copies whole sources unless it is stopped."""


def cited_answer(sources: int, language: Language) -> str:
    """The word for "found" and sentences that each end in ``[n]`` with ``1 <= n <= sources``, or the refusal.

    GBNF is what llama.cpp reads, and vLLM through xgrammar.
    """
    words = wording(language)
    longest = _LONGEST_SENTENCE.get(language, 240)
    numbers = " | ".join(f'"{number}"' for number in range(1, sources + 1))
    more = "sentence? " * (_MOST_SENTENCES - 1)
    return "\n".join(
        [
            f'root ::= "{words.declined}" | "{words.found}" gap sentence {more.strip()}',
            r"gap ::= [ .,:\n，。：]{0,2}",
            'sentence ::= " "? first rest cite',
            r"first ::= [^\[\]【】［］\n .,;:!?。，；：！？、]",
            rf"rest ::= [^\[\]【】［］\n]{{0,{longest}}}",
            'cite ::= "[" number "]" ("[" number "]")?',
            f"number ::= {numbers}",
            "",
        ]
    )
