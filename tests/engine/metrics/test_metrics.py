from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve
from sklearn import metrics as reference
from torch import Tensor

from engine.data.prepare import persistence, prepare
from engine.data.scale import Scaler
from engine.data.schema import Column
from engine.data.settings import DataSettings
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.metrics.metric import METRICS
from engine.training.metrics import Meter, all_metrics, key, predicted_classes, series_metrics
from engine.training.objectives import Objective
from tests.engine.projects import source

CPU = torch.device("cpu")


def objective(
    loss: str, classes: int = 0, scaler: Scaler | None = None, metrics: tuple[str, ...] = METRICS
) -> Objective:
    names = tuple(map(str, range(classes)))
    column = Column("target", (), "int" if classes else "float", names)
    return Objective("n1", "output1", column, registry(Loss)[loss](), 1.0, metrics, scaler)


def metrics_of(asked: Objective, prediction: Tensor, target: Tensor) -> dict[str, float]:
    judged = all_metrics(asked, prediction, target)
    assert not judged.failures
    return judged.values


def scores(labels: Tensor, classes: int) -> Tensor:
    """Predictions whose largest score is at the label."""
    return torch.nn.functional.one_hot(labels, classes).float() + 0.3 * torch.rand(len(labels), classes)


def each_against_the_rest(metric: Any, rows: Tensor, true: Tensor) -> float:
    return float(np.mean([metric(true == one, rows.softmax(1)[:, one]) for one in true.unique()]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("absent", [False, True])
def test_metrics_of_classes_are_those_of_scikit_learn(seed: int, absent: bool) -> None:
    torch.manual_seed(seed)
    true = torch.randint(0, 4, (60,))
    said = torch.where(torch.rand(60) < 0.6, true, torch.randint(0, 4, (60,)))
    if absent:  # class 3 is never right, though it is foretold; class 4 is neither
        true[true == 3] = 0
    rows = scores(said, 5)
    found = metrics_of(objective("CrossEntropy", 5), rows, true)
    macro = {"average": "macro", "zero_division": 0}
    expected = {
        "accuracy": reference.accuracy_score(true, said),
        "balanced_accuracy": np.mean(
            [(said[true == one] == one).float().mean() for one in true.unique()]  # as balanced_accuracy_score
        ),
        "precision": reference.precision_score(true, said, **macro),
        "recall": reference.recall_score(true, said, **macro),
        "f1": reference.f1_score(true, said, **macro),
        "top_3_accuracy": reference.top_k_accuracy_score(true, rows, k=3, labels=range(5)),
        "top_5_accuracy": 1.0,
        "iou": reference.jaccard_score(true, said, average="macro"),
        "dice": reference.f1_score(true, said, average="macro"),
        "perplexity": math.exp(reference.log_loss(true, rows.double().softmax(1), labels=range(5))),
        "auroc": each_against_the_rest(reference.roc_auc_score, rows, true),
        "average_precision": each_against_the_rest(reference.average_precision_score, rows, true),
    }
    assert found == pytest.approx(expected, rel=1e-6)
    if not absent:
        assert found["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(true, said))


def test_metrics_of_yes_and_no_are_those_of_scikit_learn() -> None:
    torch.manual_seed(1)
    true, logits = torch.randint(0, 2, (50, 1)), torch.randn(50, 1)
    found = metrics_of(objective("BinaryCrossEntropy", 2), logits, true.float())
    said = (logits > 0).long().flatten()
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(true.flatten(), said))
    for name, judged in (
        ("precision", reference.precision_score),
        ("recall", reference.recall_score),
        ("f1", reference.f1_score),
        ("iou", reference.jaccard_score),
        ("dice", reference.f1_score),
    ):
        assert found[name] == pytest.approx(judged(true.flatten(), said)), name
    assert found["auroc"] == pytest.approx(reference.roc_auc_score(true, logits))
    assert found["average_precision"] == pytest.approx(reference.average_precision_score(true, logits))
    assert "auroc" not in metrics_of(objective("BinaryCrossEntropy", 2), logits, torch.ones(50, 1))


SCALES = [1, 100, 1e4]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("rounded", [False, True], ids=["", "ties"])
@pytest.mark.parametrize(
    "drawn", [(0, 1), (0, 1, 2, 3), (0, 2), (1, 3)], ids=["two", "all", "first absent", "last there"]
)
def test_metrics_of_scores_of_any_size_are_those_of_scikit_learn(
    scale: float, rounded: bool, drawn: tuple[int, ...]
) -> None:
    torch.manual_seed(5)
    classes = 2 if max(drawn) == 1 else 4
    true = torch.tensor(drawn)[torch.randint(0, len(drawn), (80,))]
    rows = torch.randn(80, classes) + torch.nn.functional.one_hot(true, classes)
    rows = (rows.round() if rounded else rows) * scale
    judged = all_metrics(objective("CrossEntropy", classes), rows, true)
    assert not judged.failures
    found, said = judged.values, rows.argmax(1)
    macro = {"average": "macro", "zero_division": 0}
    # of equal scores the first counts here, the last in scikit-learn
    turned = (classes - 1 - true, rows.flip(1))
    expected = {
        "accuracy": reference.accuracy_score(true, said),
        "balanced_accuracy": np.mean([(said[true == one] == one).float().mean() for one in true.unique()]),
        "precision": reference.precision_score(true, said, **macro),
        "recall": reference.recall_score(true, said, **macro),
        "f1": reference.f1_score(true, said, **macro),
        "iou": reference.jaccard_score(true, said, **macro),
        "dice": reference.f1_score(true, said, **macro),
        "top_3_accuracy": share_of_the_best(*turned, k=3),
        "top_5_accuracy": share_of_the_best(*turned, k=5),
    }
    odds = log_odds(rows)
    asked = [1] if classes == 2 else drawn
    for name, metric in (
        ("auroc", reference.roc_auc_score),
        ("average_precision", reference.average_precision_score),
    ):
        expected[name] = np.mean([metric(true == one, odds[:, one]) for one in asked])
    perplexity = found.pop("perplexity", None)  # e to the power of some thousand is left out
    if scale == 1:
        log_loss = reference.log_loss(true, rows.double().softmax(1), labels=range(classes))
        assert perplexity == pytest.approx(math.exp(log_loss))
    assert found == pytest.approx(expected, rel=1e-6)


def share_of_the_best(true: Tensor, rows: Tensor, k: int) -> float:
    if k >= rows.shape[1]:
        return 1.0
    return float(reference.top_k_accuracy_score(true, rows, k=k, labels=range(rows.shape[1])))


def log_odds(rows: Tensor) -> np.ndarray:
    """Each class against all others, from scores rows×classes, by NumPy; rounded, so that ties are ties."""
    scores = rows.numpy().astype(np.float64)
    columns = range(scores.shape[1])
    others = [np.logaddexp.reduce(np.delete(scores, one, 1), axis=1) for one in columns]
    return np.stack([scores[:, one] - others[one] for one in columns], 1).round(9)


@pytest.mark.parametrize("scale", SCALES)
def test_a_yes_of_any_size_is_ranked_as_scikit_learn_ranks_it(scale: float) -> None:
    torch.manual_seed(6)
    true, logits = torch.randint(0, 2, (70, 1)), torch.randn(70, 1) * scale
    found = metrics_of(objective("BinaryCrossEntropy", 2), logits, true.float())
    assert found["auroc"] == pytest.approx(reference.roc_auc_score(true, logits), abs=1e-12)
    expected = reference.average_precision_score(true, logits)
    assert found["average_precision"] == pytest.approx(expected, abs=1e-12)


def test_two_samples_and_one_class_are_judged_as_far_as_they_can_be() -> None:
    two = metrics_of(
        objective("CrossEntropy", 2), torch.tensor([[0.0, 40.0], [0.0, 50.0]]), torch.tensor([0, 1])
    )
    assert (two["auroc"], two["average_precision"]) == (1, 1), "50 speaks more for it than 40"
    one = metrics_of(objective("CrossEntropy", 3), torch.eye(3)[[0, 0, 1]], torch.zeros(3, dtype=torch.long))
    assert one.keys().isdisjoint({"auroc", "average_precision"})
    assert one["accuracy"] == one["recall"] * 2 == one["balanced_accuracy"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("offset", [0.0, 1e6])
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e4])
def test_errors_of_numbers_of_any_size_are_those_of_scikit_learn(offset: float, scale: float) -> None:
    torch.manual_seed(7)
    scaler = Scaler("standardise", offset * scale, scale)
    said, true = torch.randn(40, 1), torch.randn(40, 1)
    own_said, own_true = (values.double().numpy() * scale + offset * scale for values in (said, true))
    found = metrics_of(objective("MeanSquaredError", scaler=scaler), said, true)
    assert found == pytest.approx(
        {
            "mae": reference.mean_absolute_error(own_true, own_said),
            "rmse": math.sqrt(reference.mean_squared_error(own_true, own_said)),
            "mape": reference.mean_absolute_percentage_error(own_true, own_said),
            "r2": reference.r2_score(own_true, own_said),
        },
        rel=1e-6,
    )


def test_a_metric_that_raises_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(scores: Tensor, yes: Tensor) -> float:
        raise RuntimeError("no memory for that many pairs")

    monkeypatch.setattr("engine.metrics.classification.auroc", broken)
    true = torch.tensor([0, 1, 2])
    judged = all_metrics(objective("CrossEntropy", 3, metrics=("accuracy", "AUROC")), scores(true, 3), true)
    assert judged.values == {"accuracy": 1}
    assert list(judged.failures) == ["auroc"]


def test_what_is_ignored_counts_in_no_metric() -> None:
    asked = evolve(objective("CrossEntropy", 3), loss=registry(Loss)["CrossEntropy"](ignore=0))
    said = scores(torch.tensor([[1, 2, 1], [2, 2, 0]]).flatten(), 3).reshape(2, 3, 3).movedim(-1, 1)
    true = torch.tensor([[1, 1, 0], [0, 2, 0]])
    assert metrics_of(asked, said, true)["accuracy"] == pytest.approx(2 / 3)
    measured, counted = Meter(asked, CPU).sums(said, true)
    assert float(measured / counted) == pytest.approx(2 / 3)
    assert not metrics_of(asked, said, torch.zeros(2, 3, dtype=torch.long))
    assert Meter(asked, CPU).sums(said, torch.zeros(2, 3, dtype=torch.long)).tolist() == [0, 0]


def test_a_sequence_is_right_as_a_whole() -> None:
    asked = evolve(
        objective("CTC", 3, metrics=("accuracy",)), column=Column("word", (3,), "int", ("blank", "a", "b"))
    )
    steps = torch.tensor([[0, 1, 1, 0, 1, 2], [2, 2, 0, 0, 0, 0]])  # "aab" and "b"
    said = torch.nn.functional.one_hot(steps, 3).float()
    true = torch.tensor([[1, 1, 2], [1, 0, 0]])
    assert predicted_classes(asked, said).tolist() == [[1, 1, 2], [2, 0, 0]]
    assert metrics_of(asked, said, true) == {"accuracy": 0.5}
    assert Meter(asked, CPU).each(said, true).tolist() == [1, 0]


def test_errors_are_in_own_units() -> None:
    torch.manual_seed(2)
    scaler = Scaler("standardise", 150.0, 77.0)
    said, true = torch.randn(40, 1), torch.randn(40, 1)
    own_said, own_true = (values.numpy() * 77.0 + 150.0 for values in (said, true))
    found = metrics_of(objective("MeanSquaredError", scaler=scaler), said, true)
    assert found == pytest.approx(
        {
            "mae": reference.mean_absolute_error(own_true, own_said),
            "rmse": math.sqrt(reference.mean_squared_error(own_true, own_said)),
            "mape": reference.mean_absolute_percentage_error(own_true, own_said),
            "r2": reference.r2_score(own_true, own_said),
        },
        rel=1e-5,
    )


def test_a_loss_that_takes_the_logarithm_is_judged_by_the_numbers_themselves() -> None:
    class Counts(registry(Loss)["MeanSquaredError"]):  # type: ignore[misc]  # a class from the registry
        link = "log"

    asked = evolve(objective("MeanSquaredError"), loss=Counts())
    true = torch.tensor([[1.0], [4.0], [9.0]])
    assert metrics_of(asked, true.log(), true)["rmse"] == pytest.approx(0, abs=1e-5)
    assert Meter(asked, CPU).each(true.log(), true).tolist() == pytest.approx([0, 0, 0], abs=1e-5)


def test_what_is_not_defined_is_left_out() -> None:
    constant = torch.ones(5, 1)
    found = metrics_of(objective("MeanSquaredError"), torch.rand(5, 1), constant)
    assert found.keys() == {"mae", "rmse", "mape"}
    found = metrics_of(objective("MeanSquaredError"), torch.full((3, 1), math.inf), torch.rand(3, 1))
    assert "rmse" not in found


def test_an_output_says_which_metrics_it_wants() -> None:
    true = torch.tensor([0, 1, 2])
    found = metrics_of(objective("CrossEntropy", 3, metrics=("F1",)), scores(true, 3), true)
    assert found == {"f1": pytest.approx(1.0)}
    assert key("balanced accuracy") == "balanced_accuracy"


@pytest.mark.parametrize(("metrics", "name"), [(("RMSE",), "rmse"), (("MAE", "RMSE"), "mae"), ((), "rmse")])
def test_the_measure_of_a_curve_is_the_metric_itself(metrics: tuple[str, ...], name: str) -> None:
    torch.manual_seed(3)
    asked = objective("MeanSquaredError", scaler=Scaler("standardise", 3.0, 5.0), metrics=metrics)
    said, true = torch.randn(30, 1), torch.randn(30, 1)
    meter = Meter(asked, CPU)
    assert meter.name == name
    whole = meter.whole(float(meter.each(said, true).mean()))
    assert whole == pytest.approx(metrics_of(evolve(asked, metrics=METRICS), said, true)[name], rel=1e-5)


def test_the_measure_of_classes_is_accuracy() -> None:
    meter = Meter(objective("CrossEntropy", 3), CPU)
    said = scores(torch.tensor([0, 1, 2, 2]), 3)
    assert meter.each(said, torch.tensor([0, 1, 2, 0])).tolist() == [1, 1, 1, 0]


def test_accuracy_of_a_map_of_classes_is_the_share_of_its_places() -> None:
    meter = Meter(objective("CrossEntropy", 2), CPU)
    said = torch.stack([torch.zeros(1, 2, 2), torch.tensor([[[1.0, -1.0], [-1.0, -1.0]]])], 1)
    assert meter.each(said, torch.tensor([[[1, 1], [0, 0]]])).tolist() == [0.75]


def test_a_series_is_measured_against_staying_as_it_is() -> None:
    prepared = prepare(DataSettings(source=source("Sunspots")))
    asked = Objective(
        "n1",
        "output1",
        prepared.schema.columns[prepared.schema.target],
        registry(Loss)["Huber"](),
        1.0,
        (),
        None,
    )
    found = dict(series_metrics(asked, prepared, prepared.test))
    assert found == {"persistence": persistence(prepared, prepared.test)}
    flowers = prepare(DataSettings(source=source("Iris")))
    assert not dict(series_metrics(asked, flowers, flowers.test))
