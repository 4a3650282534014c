"""The head learns what people want in both languages, knows what it was never told, and is kept without pickle."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ragstone.errors import PluginError, UsageError
from ragstone.sdk.intents import IntentModel, Scope, held_out_scores

SAID = {
    "cancel": (
        ("cancel my order", "please stop order {}", "I do not want parcel {} any more", "call off the purchase"),
        ("取消订单", "不要包裹{}了", "请停止订单{}", "把购买取消掉"),
    ),
    "hours": (
        ("when do you open", "opening hours on day {}", "are you open at {}", "what time does the shop close"),
        ("几点开门", "周{}营业吗", "{}点还开着吗", "商店什么时候关门"),
    ),
}
EXAMPLES = [
    (said.format(number), intent)
    for intent, languages in SAID.items()
    for language in languages
    for said in language
    for number in range(8)
]
TEXTS, LABELS = [text for text, _ in EXAMPLES], [label for _, label in EXAMPLES]
EN, ZH = [text for text in TEXTS if text.isascii()], [text for text in TEXTS if not text.isascii()]


def vectors(texts: list[str]) -> np.ndarray:
    """A stand-in for an embedder: mean random vectors of characters."""
    table = np.random.default_rng(7).normal(size=(997, 16))
    rows = np.asarray([np.mean([table[ord(sign) % 997] for sign in text + " "], axis=0) for text in texts])
    rows = rows.reshape(-1, 16)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel.train(TEXTS, vectors(TEXTS), LABELS)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("could you cancel the order", "cancel"),
        ("CANCEL ORDER", "cancel"),
        ("until what time is the shop open", "hours"),
        ("我想取消订单", "cancel"),
        ("你们几点开门营业", "hours"),
        ("ｃａｎｃｅｌ order", "cancel"),
    ],
)
def test_tells_what_is_wanted(model: IntentModel, text: str, label: str):
    (found,) = model.predict([text], vectors([text]))
    assert found.label == label
    assert found.probability > 0.5


@pytest.mark.parametrize("text", ["zebra quokka", "袋鼠跳舞", "\ud800", ""])
def test_what_is_like_no_example_scores_low(model: IntentModel, text: str):
    (found,) = model.predict([text], vectors([text]))
    assert not found.in_scope
    assert found.score < min(one.score for one in model.predict(TEXTS, vectors(TEXTS)))


def test_scope_keeps_its_share_of_the_examples(model: IntentModel):
    for half, language in ((EN, "en"), (ZH, "zh")):
        assert np.mean([one.in_scope for one in model.predict(half, vectors(half))]) >= 0.95
        assert model.scopes[language].n == 64


def test_each_language_has_its_own_threshold(model: IntentModel):
    scores = np.asarray([1.0 if text in ZH else -1e9 for text in TEXTS])
    model = model.calibrated(TEXTS, scores)
    said = ["zebra quokka", "袋鼠跳舞"]
    assert {language: scope.threshold for language, scope in model.scopes.items()} == {"en": -1e9, "zh": 1.0}
    assert [one.in_scope for one in model.predict(said, vectors(said))] == [True, False]


def test_a_language_without_examples_has_the_strictest_threshold(model: IntentModel):
    strict = model.calibrated(EN, np.full(64, 1e9))
    assert not strict.predict(["取消订单"], vectors(["取消订单"]))[0].in_scope
    assert not strict.predict(["キャンセル"], vectors(["キャンセル"]))[0].in_scope


def test_without_a_scope_everything_is_in_it(model: IntentModel):
    fitted = IntentModel.fit(TEXTS, vectors(TEXTS), LABELS)
    assert not fitted.scopes
    assert all(one.in_scope for one in fitted.predict(["zebra", "袋鼠"], vectors(["zebra", "袋鼠"])))
    assert (fitted.weights == model.weights).all()


def test_score_rises_with_familiarity(model: IntentModel):
    mute = replace(model, weights=np.zeros_like(model.weights))
    familiar = [one.score for one in mute.predict(TEXTS, vectors(TEXTS))]
    between = mute.predict(["x"], vectors(TEXTS).mean(axis=0, keepdims=True))[0].score
    assert np.mean(familiar) > between


def test_no_texts_give_no_predictions(model: IntentModel):
    assert model.predict([], vectors([])) == []


def test_saved_and_loaded_it_says_the_same(model: IntentModel, tmp_path: Path):
    asked = ["cancel it", "几点关门"]
    for number, kept in enumerate((model, IntentModel.fit(TEXTS, vectors(TEXTS), LABELS))):
        path = tmp_path / f"{number}.npz"
        kept.save(path)
        again = IntentModel.load(path)
        assert again.scopes == kept.scopes
        assert again.predict(asked, vectors(asked)) == kept.predict(asked, vectors(asked))


@pytest.mark.parametrize("damage", ["missing", "text", "format", "keys", "pickle"])
def test_a_file_that_is_no_model_is_refused(model: IntentModel, tmp_path: Path, damage: str):
    path = tmp_path / "model.npz"
    if damage == "text":
        path.write_text("no model")
    elif damage == "format":
        np.savez(path, format=np.asarray(99))
    elif damage == "keys":
        np.savez(path, format=np.asarray(1))
    elif damage == "pickle":
        np.savez(path, format=np.asarray(1), scope=np.asarray([object()]))
    with pytest.raises(PluginError, match="holds no intent model"):
        IntentModel.load(path)


def test_vectors_must_fit_the_texts(model: IntentModel):
    with pytest.raises(UsageError, match="2 texts"):
        model.predict(["one", "二"], vectors(["one"]))
    with pytest.raises(UsageError, match=r"8 .* 16"):
        model.predict(["one"], vectors(["one"])[:, :8])
    with pytest.raises(UsageError, match="1 texts"):
        IntentModel.fit(["one"], vectors(["one", "二"]), ["a"])


@pytest.mark.parametrize("labels", [["a", "a"], ["a"]])
def test_labels_must_teach_something(labels: list[str]):
    with pytest.raises(UsageError, match="at least two intents"):
        IntentModel.fit(["one", "二"], vectors(["one", "二"]), labels)


def test_held_out_scores_come_from_models_that_did_not_see_the_text():
    scores = held_out_scores(TEXTS, vectors(TEXTS), LABELS)
    seen = [one.score for one in IntentModel.fit(TEXTS, vectors(TEXTS), LABELS).predict(TEXTS, vectors(TEXTS))]
    assert scores.shape == (len(TEXTS),)
    assert scores.mean() < np.mean(seen)


def test_a_label_with_one_example_cannot_be_held_out():
    with pytest.raises(UsageError, match="'lonely' has a single example"):
        held_out_scores(["a", "b", "丙"], vectors(["a", "b", "丙"]), ["x", "x", "lonely"])


def test_too_few_examples_for_a_promise():
    few = [0, 1, 32, 33, 64, 65, 96, 97]
    texts, labels = [TEXTS[at] for at in few], [LABELS[at] for at in few]
    with pytest.raises(UsageError, match="Give at least 59"):
        IntentModel.train(texts, vectors(texts), labels)


def test_scope_can_be_set_from_other_texts(model: IntentModel):
    said = [f"cancel {number}" for number in range(100)]
    strict = model.calibrated(said, np.full(100, 1e9))
    assert strict.scopes == {"en": Scope.choose(np.full(100, 1e9))}
    assert not strict.predict(["cancel my order"], vectors(["cancel my order"]))[0].in_scope
