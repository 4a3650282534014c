import pytest

from ragstone.errors import UsageError
from ragstone.evaluation.gate.slices import members


@pytest.fixture
def cases(report):
    return [outcome.case for outcome in report({"f1": [1.0] * 12}).outcomes]


def test_all_is_always_there_and_first(cases):
    assert list(members(cases, [])) == ["all"]
    assert len(members(cases, ["language"])["all"]) == 12


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("language", {"language=en": 6, "language=zh": 6}),
        ("split", {"split=dev": 2, "split=test": 10}),
        ("tag:topic", {"tag=topic-fees": 8, "tag=topic-returns": 4}),
        ("tag:主题", {"tag=主题-退货": 4}),
        ("attribute:gender", {"attribute:gender=female": 5, "attribute:gender=male": 5}),
    ],
)
def test_a_name_gives_its_parts(cases, name: str, sizes: dict[str, int]):
    found = members(cases, [name])
    assert {label: len(ids) for label, ids in found.items() if label != "all"} == sizes


@pytest.mark.parametrize("name", ["tag:", "attribute:", "languages", "language:en", ""])
def test_an_unknown_name_is_refused(cases, name: str):
    with pytest.raises(UsageError, match="is no slice"):
        members(cases, [name])


@pytest.mark.parametrize("name", ["tag:nothing", "attribute:age", "tag:没有"])
def test_a_slice_without_cases_is_refused(cases, name: str):
    with pytest.raises(UsageError, match="No case"):
        members(cases, [name])
