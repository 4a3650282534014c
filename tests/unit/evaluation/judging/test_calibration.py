import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from ragstone.errors import UsageError
from ragstone.evaluation.cases.files import CaseFileError
from ragstone.evaluation.judging.calibration import (
    JudgeIdentity,
    calibrate,
    rate,
    read_calibrations,
    stale,
    write_calibrations,
)
from ragstone.evaluation.judging.labels import Judged
from ragstone.evaluation.statistics.proportions import wilson

JUDGE = JudgeIdentity.of("tiny-model", "Is it true? 对吗？", "faithfulness 1")


def judged(n, seed=1, pull=1.5, clusters=None):
    rng = np.random.default_rng(seed)
    labels = rng.random(n) < 0.5
    scores = rng.normal(0, 1, n) + pull * labels
    return [
        Judged(score=score, label=label, unit=str(index % (clusters or n)))
        for index, (score, label) in enumerate(zip(scores.tolist(), labels.tolist(), strict=True))
    ]


def test_a_given_threshold_is_measured_on_every_case():
    cases = judged(200)
    found = calibrate("faithfulness", cases, JUDGE, threshold=0.75)
    labels, said = [case.label for case in cases], [case.score >= 0.75 for case in cases]
    assert (found.id, found.threshold, found.development, found.n) == ("faithfulness", 0.75, 0, 200)
    assert (found.positives, found.clusters) == (sum(labels), 200)
    assert found.kappa.value == pytest.approx(metrics.cohen_kappa_score(labels, said))
    assert found.auroc.value == pytest.approx(metrics.roc_auc_score(labels, [case.score for case in cases]))
    assert found.sensitivity.value == pytest.approx(metrics.recall_score(labels, said))
    assert found.specificity.value == pytest.approx(metrics.recall_score(labels, said, pos_label=0))
    assert found.kappa.low < found.kappa.value < found.kappa.high
    hits = sum(one and two for one, two in zip(labels, said, strict=True))
    assert (found.sensitivity.low, found.sensitivity.high) == pytest.approx(wilson(hits, sum(labels)))
    assert found.sensitivity.effective == pytest.approx(sum(labels))


def test_a_threshold_is_chosen_on_one_half_of_the_clusters_and_measured_on_the_other():
    cases = judged(205, pull=4.0, clusters=41)
    found = calibrate("faithfulness", cases, JUDGE)
    assert (found.development, found.n, found.clusters) == (100, 105, 21)
    assert 1.0 < found.threshold < 3.0
    assert found == calibrate("faithfulness", cases, JUDGE)
    assert found != calibrate("faithfulness", cases, JUDGE, seed=8)


def test_a_judge_that_says_yes_or_no_needs_no_development_part():
    cases = [case.model_copy(update={"score": float(case.score > 0.75)}) for case in judged(60)]
    found = calibrate("faithfulness", cases, JUDGE)
    assert (found.threshold, found.development, found.n) == (0.5, 0, 60)


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ([], "Give one label"),
        ([Judged(score=0.4, label=True, unit="a"), Judged(score=0.6, label=True, unit="b")], "cases of both kinds"),
        ([Judged(score=0.4, label=True, unit="a"), Judged(score=0.6, label=False, unit="b")], "Too few labels"),
    ],
)
def test_too_few_labels_are_refused(cases, message):
    with pytest.raises(UsageError, match=message):
        calibrate("faithfulness", cases, JUDGE)


def test_clustered_hits_count_for_less():
    rng = np.random.default_rng(2)
    hits = np.repeat(rng.random(20) < 0.7, 10)
    together = rate(hits, [str(index // 10) for index in range(200)])
    apart = rate(hits, [str(index) for index in range(200)])
    assert apart.effective == pytest.approx(200)
    assert together.effective == pytest.approx(20, rel=0.2)
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_few_clusters_count_for_less_than_their_spread_says():
    hits = np.array([True, True, True, False, True, False, False, False])
    units = list("aabbccdd")
    means = np.array([1.0, 0.5, 0.5, 0.0])
    design = (means.var(ddof=1) / 4) / (0.25 / 7)
    shrink = (stats.t.ppf(0.975, 7) / stats.t.ppf(0.975, 3)) ** 2
    assert rate(hits, units).effective == pytest.approx(8 / design * shrink)


@pytest.mark.parametrize(
    ("hits", "units", "effective"),
    [
        ([True] * 6, ["a", "a", "b", "b", "c", "c"], 3),
        ([True, False] * 3, ["a", "a", "b", "b", "c", "c"], 3),
        ([True, False, True], ["a", "a", "a"], 1),
        ([True], ["a"], 1),
    ],
)
def test_where_no_spread_is_seen_clusters_count(hits, units, effective):
    assert rate(np.array(hits), units).effective == effective


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        (JudgeIdentity.of("tiny-model", "Is it true? 对吗？", "faithfulness 1"), ()),
        (JudgeIdentity.of("tiny-model", "Is it true? 是吗？", "faithfulness 1"), ("prompt",)),
        (JudgeIdentity.of("big-model", "Is it true? 对吗？", "faithfulness 2"), ("model", "scorer")),
    ],
)
def test_a_calibration_is_stale_when_model_prompt_or_scorer_change(other, changed):
    calibration = calibrate("faithfulness", judged(40), JUDGE, threshold=0.75)
    assert stale(calibration, other) == changed
    assert (other.fingerprint == JUDGE.fingerprint) is (not changed)
    assert "对吗" not in JUDGE.model_dump_json()


def test_calibrations_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "judges.jsonl"
    made = [calibrate(name, judged(40), JUDGE, threshold=0.75) for name in ("faithfulness", "relevancy")]
    write_calibrations(path, made)
    assert read_calibrations(path) == {calibration.id: calibration for calibration in made}
    assert len(path.read_text("utf-8").splitlines()) == 2


def test_a_calibration_file_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "judges.jsonl"
    path.write_text('{"id": "faithfulness"}\n', "utf-8")
    with pytest.raises(CaseFileError, match=r"judges.jsonl:1: field 'judge'"):
        read_calibrations(path)
    with pytest.raises(UsageError, match=r"\.jsonl"):
        write_calibrations(tmp_path / "judges.json", [])
