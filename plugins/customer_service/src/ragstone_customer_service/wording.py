"""What the desk says by itself, in both languages."""

from dataclasses import dataclass

from ragstone.sdk import Language
from ragstone_customer_service.handoff.records import Reason


@dataclass(frozen=True)
class Wording:
    """One language; names in braces are filled in."""

    offers: dict[Reason, str]
    consent: str
    sent: str
    declined: str
    interrupted: str
    left: str
    gone: str
    why_approved: str
    why_flow: str
    why_known: str
    why_answer: str
    why_abstained: str
    why_stale: str
    why_handoff: str


_ENGLISH = Wording(
    offers={
        "asked": "I can hand you over to a person.",
        "failures": "I have not been able to help twice in a row. I can hand you over to a person.",
        "policy": "This is something that a person should look at ({topic}). I can hand you over.",
        "low_evidence": "I can hand you over to a person who may know more.",
    },
    consent=(
        "May I pass on this conversation, so that you need not repeat it? Say “yes”, “without” to pass on your last "
        "question alone, or “no” to stay with me."
    ),
    sent="A person takes over. Your ticket is {ticket}.",
    declined="All right. What else can I do?",
    interrupted="When you want to go back to “{title}”, say “go on”.",
    left="I have stopped “{title}”.",
    gone="The guide that we were in is no longer offered.",
    why_approved="An approved answer: the FAQ “{question}” asks the same (cosine {cosine:.2f}, letters {overlap:.2f}).",
    why_flow="A guide for this problem: “{title}”, version {version}.",
    why_known="Known about you, so not asked again: {names}.",
    why_answer="Written from the documents; each sentence is checked against its quote.",
    why_abstained="No approved answer, no guide, and the documents do not prove an answer.",
    why_stale="The guide “{title}” is not offered: what proves it has changed, or is not for you.",
    why_handoff="Code decided to offer a person: {reason}.",
)

_CHINESE = Wording(
    offers={
        "asked": "可以为您转接人工客服。",
        "failures": "连续两次没能帮到您，可以为您转接人工客服。",
        "policy": "这件事应当由人工处理（{topic}），可以为您转接。",
        "low_evidence": "可以为您转接人工客服，他们也许知道更多。",
    },
    consent="是否同意把这段对话一并转交，省得您再说一遍？回复“好”转接，回复“不带”只转交最后一个问题，回复“不用”继续和我聊。",
    sent="已转接人工客服，您的工单号是 {ticket}。",
    declined="好的。还有什么可以帮您？",
    interrupted="想回到“{title}”，请说“继续”。",
    left="已退出“{title}”。",
    gone="刚才的引导已不再提供。",
    why_approved="已核准的答案：常见问题“{question}”问的是同一件事（余弦{cosine:.2f}，字形{overlap:.2f}）。",
    why_flow="这个问题有引导流程：“{title}”，第{version}版。",
    why_known="已知您的情况，不再询问：{names}。",
    why_answer="根据文档写成，每句话都与原文引用核对过。",
    why_abstained="没有核准的答案，没有引导流程，文档也无法证实答案。",
    why_stale="引导流程“{title}”没有提供：它所依据的文档已变动，或您无权查看。",
    why_handoff="由规则决定提供人工服务：{reason}。",
)


def wording(language: Language) -> Wording:
    """The texts for a language; English for one that has none of its own."""
    return _CHINESE if language == "zh" else _ENGLISH
