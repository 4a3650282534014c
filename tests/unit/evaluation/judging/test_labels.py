import numpy as np
import pytest

from ragstone.evaluation.cases.files import CaseFileError
from ragstone.evaluation.judging.labels import Judged, Label, join_labels, read_labels
from ragstone.evaluation.records import Metric
from ragstone.evaluation.statistics.samples import Sample


@pytest.mark.parametrize(("first", "second"), [("case-1", "case-2"), ("案例一", "案例二")])
def test_labels_are_zero_or_one_with_or_without_a_cluster(tmp_path, first, second):
    path = tmp_path / "labels.jsonl"
    path.write_text(
        f'{{"id": "{first}", "label": 1, "cluster": "文档"}}\n\n{{"id": "{second}", "label": false}}\n', "utf-8"
    )
    assert read_labels(path) == (
        Label(id=first, label=True, cluster="文档"),
        Label(id=second, label=False),
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"id": "b", "label": 2}', r"labels.jsonl:2: field 'label': a label is 0, 1, true or false"),
        ('{"id": "b", "label": "yes"}', r"labels.jsonl:2: field 'label'"),
        ('{"id": "b", "label": 1.0}', r"labels.jsonl:2: field 'label'"),
        ('{"id": "b", "label": null}', r"labels.jsonl:2: field 'label'"),
        ('{"id": "b"}', r"labels.jsonl:2: field 'label'"),
        ('{"id": "b", "label": 1, "why": "秘密"}', r"labels.jsonl:2: field 'why': no such field"),
        ('{"id": "a", "label": 1}', r"labels.jsonl:2: field 'id': .*labels.jsonl:1 has the same id"),
        ("nonsense", r"labels.jsonl:2: it is not JSON"),
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path, row, message):
    path = tmp_path / "labels.jsonl"
    path.write_text(f'{{"id": "a", "label": 0}}\n{row}\n', "utf-8")
    with pytest.raises(CaseFileError, match=message) as error:
        read_labels(path)
    assert "秘密" not in str(error.value)


def test_labels_join_scores_and_nothing_is_lost():
    sample = Sample(
        metric=Metric(name="faithfulness"),
        values=np.array([0.9, 0.2, 0.4]),
        units=("doc", "doc", "c"),
        case_ids=("a", "b", "c"),
        failed=(("d", "d"), ("e", "e")),
        not_applicable=1,
    )
    labels = [
        Label(id="c", label=False),
        Label(id="a", label=True, cluster="other"),
        Label(id="d", label=True),
        Label(id="x", label=True),
    ]
    joined = join_labels(labels, sample)
    assert joined.judged == (Judged(score=0.9, label=True, unit="other"), Judged(score=0.4, label=False, unit="c"))
    assert joined.unlabelled.values.tolist() == [0.2]
    assert (joined.unlabelled.case_ids, joined.unlabelled.units) == (("b",), ("doc",))
    assert joined.unlabelled.failed == (("e", "e"),)
    assert joined.unscored == ("d", "x")
