"""What is cached is not asked again, what is replayed never; keys hold no text, and the folder is private."""

import math
import sqlite3
import stat

import pytest

from ragstone.errors import ServerError, UsageError
from ragstone.evaluation.runs.cache import AnswerCache, cached, cached_judge
from ragstone.evaluation.runs.files import encode_outcomes
from ragstone.models.generation import Completion, Endpoint, GenerationOptions, Message, TokenLogprob
from ragstone.types import Answer, Evidence, Question, Span, Turn, Usage

QUESTIONS = {"en": "May I combine ibuprofen and aspirin?", "zh": "布洛芬可以和阿司匹林一起吃吗？"}


@pytest.fixture
def cache(tmp_path):
    opened = AnswerCache(tmp_path / "cache")
    yield opened
    opened.close()


def replaying(tmp_path) -> AnswerCache:
    return AnswerCache(tmp_path / "cache", replay=True)


async def test_a_system_is_asked_once_and_hits_have_no_time(lab, tmp_path, cache) -> None:
    system = lab.system()
    first = await lab.run(cached(system, cache, "v1"))
    second = await lab.run(cached(system, cache, "v1"))
    assert len(system.asked) == 10
    assert [outcome.answer for outcome in first.outcomes] == [outcome.answer for outcome in second.outcomes]
    assert all(outcome.seconds is not None for outcome in first.outcomes)
    assert {outcome.seconds for outcome in second.outcomes} == {None}
    third = await lab.run(cached(lab.system(lambda _: 1 // 0), replaying(tmp_path), "v1"))
    assert encode_outcomes(third) == encode_outcomes(second)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_part_of_the_question_and_the_identity_is_in_the_key(cache, language) -> None:
    asked: list[Question] = []

    async def system(question: Question) -> Answer:
        asked.append(question)
        return Answer(text=question.text, language=language)

    question = Question(id="1", text=QUESTIONS[language], language=language, groups=frozenset({"a", "b"}))
    changes = [
        {},
        {"id": "2"},
        {"text": question.text + "?"},
        {"language": None},
        {"groups": frozenset({"a"})},
        {"conversation": (Turn(role="user", text="你好"),)},
    ]
    others = [question.model_copy(update=change) for change in changes]
    for _ in range(2):
        for other in others:
            assert (await cached(system, cache, "v1")(other)).text == other.text
    await cached(system, cache, "v2")(question)
    assert asked == [*others, question]


async def test_errors_are_not_kept(lab, cache) -> None:
    failing = lab.system(lambda _: 1 // 0)
    await lab.run(cached(failing, cache, "v1"))
    system = lab.system()
    assert lab.counts(await lab.run(cached(system, cache, "v1"))) == {"exact": {"score": 10}}
    assert len(system.asked) == 10
    odd = lab.system(lambda _: Answer(text="", language="en", values={"x": math.nan}))
    report = await lab.run(cached(odd, cache, "v2"))
    assert lab.counts(report) == {"exact": {"failed": 10}}
    assert {outcome.error for outcome in report.outcomes} == {
        "the answer holds a number that is not finite, or text that UTF-8 cannot hold"
    }


async def test_a_whole_answer_comes_back_equal(lab, cache, tmp_path) -> None:
    passage = {"document_id": "d", "span": Span(start=0, end=2), "text": "布洛", "language": "zh", "groups": {"b", "a"}}
    answer = Answer(
        text="可以。\u2028",
        language="zh",
        evidence=(Evidence(passage=passage, dense=1 / 3),),
        values={"n": 1, "x": 1.0, "yes": True, "text": "1"},
    )

    async def system(_: Question) -> Answer:
        return answer

    question = Question(text=QUESTIONS["zh"])
    assert await cached(system, cache, "v")(question) == answer
    found = await cached(system, replaying(tmp_path), "v")(question)
    assert found == answer
    assert {name: type(value) for name, value in found.values.items()} == {
        "n": int,
        "x": float,
        "yes": bool,
        "text": str,
    }


async def test_a_miss_while_replaying_is_an_error_that_holds_no_text(lab, tmp_path, cache) -> None:
    await lab.run(cached(lab.system(lambda name: 1 // 0 if name == "zh-1" else None), cache, "v1"))
    replayed = cached(lab.system(), replaying(tmp_path), "v1")
    report = await lab.run(replayed)
    assert lab.counts(report) == {"exact": {"score": 9, "failed": 1}}
    [error] = [outcome.error for outcome in report.outcomes if outcome.error]
    assert error.startswith("UsageError: No recorded answer ")
    assert "保修" not in error
    with pytest.raises(UsageError, match="Run once without replay"):
        await replayed(Question(text="新的问题？"))


async def test_keys_are_digests_and_the_folder_is_private(lab, tmp_path, cache) -> None:
    await lab.run(cached(lab.system(), cache, "v1"))
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    base = sqlite3.connect(tmp_path / "cache" / "cache.sqlite")
    keys = [key for (key,) in base.execute("SELECT key FROM entries")]
    assert len(keys) == 10
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(UsageError, match="Run: chmod 700"):
        AnswerCache(tmp_path / "open")


async def test_a_value_of_another_version_is_asked_for_again(lab, tmp_path, cache) -> None:
    system = lab.system()
    await lab.run(cached(system, cache, "v1"))
    base = sqlite3.connect(tmp_path / "cache" / "cache.sqlite", isolation_level=None)
    base.execute("""UPDATE entries SET value = '{"words":"two"}'""")
    await lab.run(cached(system, cache, "v1"))
    await lab.run(cached(system, cache, "v1"))
    assert len(system.asked) == 20


def test_a_damaged_file_is_said_so(tmp_path) -> None:
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / "cache.sqlite").write_bytes(b"not a database at all" * 50)
    with pytest.raises(UsageError, match=r"cannot be used: file is not a database. Remove it"):
        AnswerCache(tmp_path / "cache")


class Chat:
    """A chat model that counts its calls and has every answer."""

    def __init__(self, model: str = "m") -> None:
        self.endpoint = Endpoint(base_url="http://127.0.0.1:1/v1", model=model)
        self.calls: list[str] = []

    async def complete(self, messages, options=None) -> Completion:
        self.calls.append("complete")
        logprobs = (TokenLogprob(token="对", logprob=-0.1),)  # noqa: S106 (no password)
        return Completion(text=f"对 {len(self.calls)}", usage=Usage(), finish_reason="stop", logprobs=logprobs)

    async def prompt_logprobs(self, text: str) -> list[float | None]:
        self.calls.append("prompt_logprobs")
        return [None, -1 / 3, *(-float(len(text)) for _ in text)]

    async def count_tokens(self, content) -> int:
        self.calls.append("count_tokens")
        return len(content)

    async def context_length(self) -> int:
        self.calls.append("context_length")
        return 4096

    async def supports_grammar(self) -> bool:
        self.calls.append("supports_grammar")
        return True

    async def dialect(self) -> str:
        self.calls.append("dialect")
        return "vllm"

    async def token_ids(self, text: str) -> list[int]:
        self.calls.append("token_ids")
        return [ord(character) for character in text]

    async def aclose(self) -> None:
        self.calls.append("aclose")


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text),)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_judge_is_asked_once_and_replayed_without_its_server(tmp_path, cache, language) -> None:
    text = QUESTIONS[language]
    calls = {
        "complete": (ask(text), GenerationOptions(schema={"type": "object"})),
        "prompt_logprobs": (text,),
        "count_tokens": (ask(text),),
        "context_length": (),
        "supports_grammar": (),
        "dialect": (),
        "token_ids": (text,),
    }
    chat = Chat()
    judge = cached_judge(chat, cache, "sha")
    first = {name: await getattr(judge, name)(*arguments) for name, arguments in calls.items()}
    assert [await getattr(judge, name)(*arguments) for name, arguments in calls.items()] == list(first.values())
    assert chat.calls == list(calls)
    down = Chat()
    replayed = cached_judge(down, replaying(tmp_path), "sha")
    assert {name: await getattr(replayed, name)(*arguments) for name, arguments in calls.items()} == first
    assert down.calls == []
    with pytest.raises(UsageError, match="No recorded answer"):
        await replayed.complete(ask("别的"))
    await replayed.aclose()
    assert down.calls == ["aclose"]
    assert replayed.endpoint.model == "m"


async def test_another_prompt_option_model_or_hash_is_another_judgement(cache) -> None:
    chat, other = Chat(), Chat("n")
    for _ in range(2):
        await cached_judge(chat, cache, "sha").complete(ask("对吗？"))
        await cached_judge(chat, cache, "sha").complete(ask("对么？"))
        await cached_judge(chat, cache, "sha").complete(ask("对吗？"), GenerationOptions(max_tokens=9))
        await cached_judge(chat, cache, "ash").complete(ask("对吗？"))
        await cached_judge(other, cache, "sha").complete(ask("对吗？"))
    assert (len(chat.calls), len(other.calls)) == (4, 1)


async def test_an_infinite_logprob_is_given_and_not_kept(cache) -> None:
    async def impossible(_: str) -> list[float | None]:
        chat.calls.append("prompt_logprobs")
        return [None, -math.inf]

    chat = Chat()
    chat.prompt_logprobs = impossible
    for _ in range(2):
        assert await cached_judge(chat, cache, "sha").prompt_logprobs("对") == [None, -math.inf]
    assert len(chat.calls) == 2


async def test_a_random_judgement_is_never_kept_nor_replayed(tmp_path, cache) -> None:
    chat, random = Chat(), GenerationOptions(temperature=0.7)
    judge = cached_judge(chat, cache, "sha")
    assert (await judge.complete(ask("?"), random)).text != (await judge.complete(ask("?"), random)).text
    seeded = GenerationOptions(temperature=0.7, seed=1)
    assert await judge.complete(ask("?"), options=seeded) == await judge.complete(ask("?"), options=seeded)
    with pytest.raises(UsageError, match="A random answer cannot be replayed"):
        await cached_judge(chat, replaying(tmp_path), "sha").complete(ask("?"), random)


async def test_errors_of_a_judge_are_not_kept(cache) -> None:
    chat = Chat()

    async def down(*_: object) -> Completion:
        raise ServerError("The server is down. Start it.")

    works, chat.complete = chat.complete, down
    judge = cached_judge(chat, cache, "sha")
    with pytest.raises(ServerError):
        await judge.complete(ask("?"))
    chat.complete = works
    assert (await judge.complete(ask("?"))).text == "对 1"
