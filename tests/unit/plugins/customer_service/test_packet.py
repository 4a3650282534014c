"""What a person is told: exact facts, masked texts, nothing personal without consent."""

import pytest

from ragstone.sdk import Turn
from ragstone_customer_service.handoff.packet import Consent, facts_of, make_packet
from ragstone_customer_service.handoff.records import Step


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "Order HL-20934 shows E-07 since 3 March, I paid $129.50",
            [("order", "HL-20934"), ("error code", "E-07"), ("date", "3 March"), ("amount", "$129.50")],
        ),
        (
            "订单号：20261124001，昨天付了129元，报错R07",
            [("order", "20261124001"), ("date", "昨天"), ("amount", "129元"), ("error code", "R07")],
        ),
        ("2026年11月3日买的", [("date", "2026年11月3日")]),
        ("It just stopped.", []),
        ("突然不动了", []),
    ],
)  # fmt: skip
def test_facts_are_exact_slices(text: str, facts: list[tuple[str, str]]) -> None:
    found = facts_of(text, 4)
    assert [(fact.kind, fact.text) for fact in found] == facts
    for fact in found:
        assert text[fact.span.start : fact.span.end] == fact.text
        assert fact.turn == 4


CONVERSATIONS = {
    "en": (Turn(role="user", text="My password is hunter2, order HL-20934 is late"), Turn(role="assistant", text="")),
    "zh": (Turn(role="user", text="密码是hunter2，订单20934001一直没到"), Turn(role="assistant", text="抱歉。")),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_consent_nobody_is_named(language: str) -> None:
    consent = Consent(given=False, user="ana", contact="ana@example.org")
    steps = (Step(text="Restart", answer="no"),)
    packet = make_packet(CONVERSATIONS[language], language, "failures", "wifi", steps, consent)  # type: ignore[arg-type]
    assert (packet.conversation, packet.user, packet.contact, packet.consent) == ((), "", "", False)
    written = packet.model_dump_json()
    assert "hunter2" not in written
    assert "ana" not in written.replace("[a credential]", "")
    assert "20934" in packet.summary
    assert "wifi" in packet.summary
    assert packet.facts[0].text.endswith(("20934", "20934001"))
    assert packet.steps == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_with_consent_the_conversation_goes_along_masked(language: str) -> None:
    consent = Consent(given=True, user="ana", contact="ana@example.org")
    packet = make_packet(CONVERSATIONS[language], language, "asked", "", (), consent)  # type: ignore[arg-type]
    assert [turn.role for turn in packet.conversation] == ["user", "assistant"]
    assert "hunter2" not in packet.model_dump_json()
    assert (packet.user, packet.contact) == ("ana", "ana@example.org")
    for fact in packet.facts:
        assert fact.span.of(packet.conversation[fact.turn].text) == fact.text


def test_a_long_question_is_cut_and_an_empty_conversation_told() -> None:
    packet = make_packet((Turn(role="user", text="x" * 400),), "en", "asked", "", (), Consent())
    assert "x" * 300 + "…" in packet.summary
    assert make_packet((), "zh", "policy", "安全", (), Consent()).summary.startswith("该话题须由人工处理（安全）")
