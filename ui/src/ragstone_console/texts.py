"""Every text of the console, in English and in Chinese."""

from dataclasses import dataclass
from typing import Literal

from ragstone.types import AbstentionReason, Verdict

UiLanguage = Literal["en", "zh"]
NAMES: dict[UiLanguage, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Texts:
    """One language. ``{…}`` stands for values that the views fill in."""

    tagline: str
    language: str
    # asking
    ask_intro: str
    question: str
    question_hint: str
    ask: str
    stop: str
    examples: str
    corpus: str
    groups: str
    groups_label: str
    groups_hint: str
    groups_note: str
    no_ask_task: str
    thinking: str
    writing: str
    # the answer
    verdicts: dict[Verdict, str]
    abstained: str
    abstentions: dict[AbstentionReason, str]
    # the proof
    sources: str
    sources_hint: str
    source_label: str
    open_source: str
    close_source: str
    document: str
    quote_moved: str
    evidence: str
    evidence_note: str
    left_out: str
    numbers: str
    cosine: str
    bm25: str
    fused: str
    stages: dict[str, str]
    tokens_read: str
    tokens_written: str
    model: str
    # models and corpora
    inventory: str
    inventory_intro: str
    models: str
    endpoint: str
    embedded: str
    external: str
    corpora: str
    indexes: str
    states: dict[str, str]
    not_built: str
    no_corpora: str
    name: str
    title: str
    role: str
    state: str
    size: str
    used_here: str
    yes: str
    languages: str
    documents: str
    licence: str
    provenance: str
    generation: str
    passages: str
    embedder: str
    built: str
    # trouble
    failed: str
    mend: str
    unexpected: str


ENGLISH = Texts(
    tagline="Every sentence, proved.",
    language="Language",
    ask_intro="Ask in English or Chinese. Every sentence of the answer is checked against its source.",
    question="Your question",
    question_hint="What would you like to know?",
    ask="Ask",
    stop="Stop",
    examples="For example",
    corpus="Documents",
    groups="I belong to these groups",
    groups_label="Groups, separated by commas",
    groups_hint="staff, clinic-a",
    groups_note="Documents of other groups stay invisible: they are left out before the search begins.",
    no_ask_task="This plugin answers no questions. Its tasks run from the command line:",
    thinking="Searching the documents · {seconds} s",
    writing="Writing · {seconds} s",
    verdicts={
        "supported": "Proved by its source",
        "unsupported": "Not proved by its source",
        "unchecked": "No source",
    },
    abstained="No answer, on purpose",
    abstentions={
        "no_evidence": "Nothing was found in the documents that you may read.",
        "low_relevance": "What was found is not close enough to the question. Other words or other documents may help.",
        "model_declined": "The passages that were found do not hold the answer. They are listed under Evidence.",
        "unsupported": "An answer was written, but none of its sentences could be proved, so it is withheld.",
        "no_room": "The question is too long for the model. A shorter one will do.",
    },
    sources="Sources",
    sources_hint="Click a number to see the sentence in its document.",
    source_label="Source {number}: {title}",
    open_source="Open source",
    close_source="Close",
    document="Source document",
    quote_moved="The document has changed since this answer: the quote is no longer at its place.",
    evidence="Evidence ({count})",
    evidence_note="Everything that was found, best first, and why.",
    left_out="Left out ({count})",
    numbers="Timings and tokens",
    cosine="cosine",
    bm25="BM25",
    fused="fused",
    stages={
        "embed": "Query embedding",
        "retrieve": "Retrieval",
        "first_token": "First token",
        "generate": "Generation",
        "verify": "Check of the citations",
        "total": "Total",
    },
    tokens_read="Tokens read",
    tokens_written="Tokens written",
    model="Model",
    inventory="Models and corpora",
    inventory_intro="What this machine answers with.",
    models="Models",
    endpoint="Chat endpoint",
    embedded="Embedded: {model} in a server that Ragstone starts on this machine",
    external="External: {model} at {url}",
    corpora="Corpora",
    indexes="Indexes",
    states={
        "present": "present, verified",
        "unverified": "present, not verified yet",
        "damaged": "damaged",
        "missing": "not pulled",
    },
    not_built="not built · {command}",
    no_corpora="There is no corpus in the corpora folder.",
    name="Name",
    title="Title",
    role="Role",
    state="State",
    size="Size",
    used_here="In use",
    yes="yes",
    languages="Languages",
    documents="Documents",
    licence="Licence",
    provenance="Provenance",
    generation="Generation",
    passages="Passages",
    embedder="Embedder",
    built="Built",
    failed="That did not work.",
    mend="This mends it:",
    unexpected="Something unexpected happened. The console's log says what; try again.",
)

CHINESE = Texts(
    tagline="句句有据。",
    language="语言",
    ask_intro="可以用中文或英文提问。答案的每一句话都会与原文核对。",
    question="您的问题",
    question_hint="想了解什么？",
    ask="提问",
    stop="停止",
    examples="例如",
    corpus="文档库",
    groups="我所属的用户组",
    groups_label="用户组，用逗号分隔",
    groups_hint="staff, clinic-a",
    groups_note="其他组的文档不可见：检索开始之前就已排除。",
    no_ask_task="该插件不回答提问，其任务请在命令行中运行：",
    thinking="正在检索文档 · {seconds} 秒",
    writing="正在作答 · {seconds} 秒",
    verdicts={
        "supported": "原文可以证实",
        "unsupported": "原文不能证实",
        "unchecked": "没有出处",
    },
    abstained="有意不作回答",
    abstentions={
        "no_evidence": "在您可以查阅的文档里没有找到相关内容。",
        "low_relevance": "找到的内容与问题不够相关。可以换个说法，或换一个文档库。",
        "model_declined": "找到的段落里没有答案，段落列在“检索结果”中。",
        "unsupported": "写出的答案没有一句能够证实，因此不予显示。",
        "no_room": "问题太长，超出模型的处理范围，请缩短后再问。",
    },
    sources="出处",
    sources_hint="点击编号，查看该句在原文中的位置。",
    source_label="出处 {number}：{title}",
    open_source="打开原文",
    close_source="关闭",
    document="原文",
    quote_moved="文档在作答之后有改动：引文已不在原来的位置。",
    evidence="检索结果（{count}）",
    evidence_note="找到的全部段落，最相关的在前，并附理由。",
    left_out="未采用的内容（{count}）",
    numbers="用时与词元",
    cosine="余弦",
    bm25="BM25",
    fused="融合",
    stages={
        "embed": "问题向量化",
        "retrieve": "检索",
        "first_token": "首个词元",
        "generate": "生成",
        "verify": "引文核对",
        "total": "总计",
    },
    tokens_read="读入词元",
    tokens_written="写出词元",
    model="模型",
    inventory="模型与文档库",
    inventory_intro="本机作答所用的模型、文档与索引。",
    models="模型",
    endpoint="对话模型服务",
    embedded="内置：{model}，由 Ragstone 在本机启动的服务提供",
    external="外部：{model}，地址 {url}",
    corpora="文档库",
    indexes="索引",
    states={
        "present": "已就绪，已校验",
        "unverified": "已就绪，尚未校验",
        "damaged": "已损坏",
        "missing": "未下载",
    },
    not_built="未建立 · {command}",
    no_corpora="文档库文件夹里没有文档库。",
    name="名称",
    title="标题",
    role="用途",
    state="状态",
    size="大小",
    used_here="使用中",
    yes="是",
    languages="语言",
    documents="文档数",
    licence="许可",
    provenance="来源说明",
    generation="代次",
    passages="段落数",
    embedder="向量模型",
    built="建立时间",
    failed="操作未成功。",
    mend="可用以下命令修复：",
    unexpected="发生了意外错误，详情见控制台日志，请重试。",
)


def texts(language: UiLanguage) -> Texts:
    """The texts of one language."""
    return CHINESE if language == "zh" else ENGLISH


def language_of(locale: str | None) -> UiLanguage:
    """The language for a browser's locale ("zh-CN", "en-GB"); English for any other."""
    return "zh" if (locale or "").lower().startswith("zh") else "en"
