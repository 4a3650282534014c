"""A GBNF grammar under which a source that was not given cannot be cited, and a sentence cannot go uncited."""

from ragstone.answering.wording import wording
from ragstone.types import Language

MOST_SENTENCES = 3
"""Of an answer to a question."""
_LONGEST_SENTENCE = {"en": 240, "zh": 90}
"""Characters. A small model copies whole sources unless it is stopped."""


def cited_answer(sources: int, language: Language, sentences: int = MOST_SENTENCES, led: bool = True) -> str:
    """Up to ``sentences`` sentences that each end in ``[n]`` with ``1 <= n <= sources``.

    ``led``: the word for "found" stands before them, or the refusal stands alone. GBNF is what llama.cpp reads, and
    vLLM through xgrammar.
    """
    words = wording(language)
    longest = _LONGEST_SENTENCE.get(language, 240)
    numbers = " | ".join(f'"{number}"' for number in range(1, sources + 1))
    more = " ".join(["sentence", *["sentence?"] * (sentences - 1)])
    root = f'"{words.declined}" | "{words.found}" gap {more}' if led else more
    return "\n".join(
        [
            f"root ::= {root}",
            *([r"gap ::= [ .,:\n，。：]{0,2}"] if led else []),
            'sentence ::= " "? first rest cite',
            r"first ::= [^\[\]【】［］\n .,;:!?。，；：！？、]",
            rf"rest ::= [^\[\]【】［］\n]{{0,{longest}}}",
            'cite ::= "[" number "]" ("[" number "]")?',
            f"number ::= {numbers}",
            "",
        ]
    )
