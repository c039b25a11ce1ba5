"""Losses that compare several wires, read sequences, weigh classes or have no target: against PyTorch's own,
and in training.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine import edits
from engine.analysis.check import check
from engine.codegen.build import build
from engine.codegen.emit import emit
from engine.data.prepare import prepare
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.exports import export
from engine.kinds import Layer, registry
from engine.losses import modules
from engine.losses.loss import Loss
from engine.message import Illegal
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.repairs.propose import propose
from engine.templates.builder import Sketch
from engine.training.predict import Predictor
from engine.training.reports import Evaluated, Finished
from engine.training.state import TrainingState
from engine.training.train import train
from tests.engine.networks import record
from tests.engine.projects import layer, source, table


def loss(name: str, **values: Any) -> Loss:
    return registry(Loss)[name](**values)


def headed(data: str, ending: Loss, *heads: Layer, **values: Any) -> Project:
    """An Input, a layer, and as many heads as the loss compares."""
    sketch = Sketch("Heads", DataSettings(source=source(data)), Recipe(epochs=3, threads=1, device="cpu"))
    x = sketch.add(layer("Input"))
    body = sketch.chain(x, layer("Linear", out_features=8), layer("Tanh"))
    ends = [sketch.add(head, body) for head in heads]
    sketch.add(layer("Output", loss=ending, **values), *ends)
    return sketch.project()


def finished(project: Project) -> tuple[list[Evaluated], Finished, nn.Module]:
    training, reports = train(project), []
    while True:
        try:
            reports.append(next(training))
        except StopIteration as end:
            (last,) = [report for report in reports if isinstance(report, Finished)]
            return [r for r in reports if isinstance(r, Evaluated)], last, end.value.built.module


def linear(size: int) -> Layer:
    return layer("Linear", out_features=size)


# --------------------------------------------------------------------------- formulas


def test_counted_cross_entropy_is_that_of_pytorch_and_zero_where_nothing_counts() -> None:
    torch.manual_seed(0)
    scores, target = torch.randn(9, 4, 5), torch.randint(0, 4, (9, 5))
    weight = torch.tensor([0.5, 1.0, 2.0, 0.25])
    for options in ({}, {"weight": weight}, {"weight": weight, "label_smoothing": 0.1}):
        ours = modules.CountedCrossEntropy(ignore_index=2, **options)(scores, target)
        theirs = nn.CrossEntropyLoss(ignore_index=2, **options)(scores, target)
        assert float(ours) == pytest.approx(float(theirs), rel=1e-5)
    logs = scores.log_softmax(1)
    ours = modules.CountedCrossEntropy(weight, 2, log_probabilities=True)(logs, target)
    assert float(ours) == pytest.approx(float(nn.NLLLoss(weight, ignore_index=2)(logs, target)), rel=1e-5)
    scores.requires_grad_()
    nothing = modules.CountedCrossEntropy(ignore_index=2)(scores, torch.full_like(target, 2))
    nothing.backward()
    assert float(nothing.detach()) == 0
    assert not scores.grad.any()  # type: ignore[union-attr]  # backward gave it one


def test_focal_without_focus_is_cross_entropy_and_with_it_forgives_what_is_sure() -> None:
    torch.manual_seed(0)
    scores, target = torch.randn(9, 4), torch.randint(0, 4, (9,))
    weight = torch.tensor([0.5, 1.0, 2.0, 0.25])
    plain = modules.FocalLoss(0.0, weight, ignore_index=1)(scores, target)
    assert float(plain) == pytest.approx(
        float(nn.CrossEntropyLoss(weight, ignore_index=1)(scores, target)), rel=1e-5
    )
    right = scores.log_softmax(1)[torch.arange(9), target]
    by_hand = ((1 - right.exp()) ** 2 * -right).mean()
    assert float(modules.FocalLoss(2.0)(scores, target)) == pytest.approx(float(by_hand), rel=1e-5)


def test_dice_is_nothing_where_all_is_right_and_nearly_one_where_all_is_wrong() -> None:
    target = torch.randint(0, 3, (4, 8, 8), generator=torch.Generator().manual_seed(0))
    right = nn.functional.one_hot(target, 3).movedim(-1, 1).float() * 40
    assert float(modules.DiceLoss()(right, target)) == pytest.approx(0, abs=1e-4)
    assert float(modules.DiceLoss()(-right, target)) > 0.6
    yes = (target == 1).float()
    assert float(modules.BinaryDiceLoss()(yes * 80 - 40, yes)) == pytest.approx(0, abs=1e-4)
    assert float(modules.BinaryDiceLoss()(40 - yes * 80, yes)) > 0.9


def test_the_gaussian_is_that_of_pytorch() -> None:
    torch.manual_seed(0)
    mean, logs, target = torch.randn(3, 20, 2)
    ours = modules.GaussianNLLLoss()(mean, logs, target)
    assert float(ours) == pytest.approx(float(nn.GaussianNLLLoss()(mean, target, logs.exp())), rel=1e-5)


def test_losses_of_yes_and_no_are_those_of_pytorch() -> None:
    """PyTorch's take −1 and 1, or the numbers of what is yes; data says 0 and 1."""
    torch.manual_seed(0)
    one, other = torch.randn(2, 20)
    yes = torch.randint(0, 2, (20,)).float()
    for ours, theirs in (
        (modules.HingeEmbeddingLoss(0.8)(one, yes), nn.HingeEmbeddingLoss(0.8)(one, 2 * yes - 1)),
        (modules.MarginRankingLoss(0.3)(one, other, yes), nn.MarginRankingLoss(0.3)(one, other, 2 * yes - 1)),
        (nn.BCEWithLogitsLoss()(one, yes), nn.BCELoss()(one.sigmoid(), yes)),
        (nn.BCEWithLogitsLoss()(one, yes), nn.SoftMarginLoss()(one, 2 * yes - 1)),
    ):
        assert float(ours) == pytest.approx(float(theirs), rel=1e-5)
    scores, tags = torch.randn(2, 4), torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]])
    places = torch.tensor([[0, 3, -1, -1], [2, -1, -1, -1]])
    theirs = nn.MultiLabelMarginLoss()(scores, places)
    assert float(modules.MultiLabelMarginLoss()(scores, tags)) == pytest.approx(float(theirs), rel=1e-5)
    theirs = nn.MultiLabelSoftMarginLoss()(scores, tags)
    assert float(nn.BCEWithLogitsLoss()(scores, tags)) == pytest.approx(float(theirs), rel=1e-5)


def test_ctc_is_that_of_pytorch_for_targets_padded_with_the_blank() -> None:
    torch.manual_seed(0)
    scores = torch.randn(3, 9, 4)
    target = torch.tensor([[1, 2, 0], [3, 0, 0], [2, 2, 1]])
    said, lengths = torch.full((3,), 9), torch.tensor([2, 1, 3])
    theirs = nn.CTCLoss()(scores.log_softmax(2).transpose(0, 1), target, said, lengths)
    assert float(modules.CTCLoss()(scores, target)) == pytest.approx(float(theirs), rel=1e-5)


def test_ctc_reads_no_padding_where_lengths_are_given() -> None:
    torch.manual_seed(0)
    scores = torch.randn(3, 9, 4, requires_grad=True)
    target = torch.tensor([[1, 2, 0], [3, 0, 0], [2, 2, 1]])
    read, lengths = torch.tensor([5, 2, 9]), torch.tensor([2, 1, 3])
    theirs = nn.CTCLoss()(scores.log_softmax(2).transpose(0, 1), target, read, lengths)
    ours = modules.CTCLoss()(scores, read, target)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    ours.backward()
    padding = torch.arange(9) >= read[:, None]
    assert scores.grad is not None
    assert not scores.grad[padding].any()
    assert scores.grad[~padding].abs().sum(1).all()
    said = loss("CTC").answer(scores, read)
    kept = [modules.read_off(one[None, :end], 0, 9)[0] for one, end in zip(scores, read, strict=True)]
    assert modules.read_off(said, 0, 9).tolist() == torch.stack(kept).tolist()


@pytest.mark.parametrize("padded", [False, True])
def test_a_network_reads_padded_series(padded: bool, tmp_path: Path) -> None:
    """An Output whose lengths are free has one result, one with lengths has two."""
    words = registry(Source)["RandomWords"](words=5, length=6, samples=60)
    sketch = Sketch("Reader", DataSettings(source=words), Recipe(epochs=2, threads=1, device="cpu"))
    tokens = sketch.add(layer("Input", column="words"))
    scores = sketch.chain(tokens, layer("Embedding", entries=5, width=6), linear(5))
    later = sketch.add(layer("Input", column="sentence")) if padded else None
    steps = (layer("Cast"), layer("Sum", axis=1), layer("ScaleShift", scale=-1.0, shift=6.0))
    lengths = None if later is None else sketch.chain(later, *steps, layer("Cast", to="int"))
    sketch.add(layer("Output", loss=loss("CTC")), scores, lengths)
    project = sketch.project()
    assert len(emit(project).outputs) == 1 + padded
    evaluated, last, module = finished(project)
    assert np.isfinite(evaluated[-1].validation["loss"])
    assert {"loss", "accuracy"} <= set(last.metrics["test"])
    (said,) = Predictor(project, module).predict_part(prepare(project.data).test)
    assert said.labels is not None
    assert export(record(project, tmp_path / "run"), tmp_path / "net.onnx").largest < 1e-5


def test_what_scores_say_is_read_off() -> None:
    steps = torch.tensor([[1, 1, 0, 1, 2, 2], [0, 0, 0, 0, 0, 0], [3, 2, 1, 3, 2, 1]])
    scores = nn.functional.one_hot(steps, 4).float()
    assert modules.read_off(scores, 0, 4).tolist() == [[1, 1, 2, 0], [0, 0, 0, 0], [3, 2, 1, 3]]
    assert modules.read_off(scores[:, :1], 0, 2).tolist() == [[1, 0], [0, 0], [3, 0]]


# --------------------------------------------------------------------------- class weights


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    balanced = loss("CrossEntropy", class_weights="balanced")
    labels = [0] * 5 + [1] * 2 + [2] * 13
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert balanced.weights((5, 2, 13)) == pytest.approx(tuple(expected))
    project = table(loss=balanced, data="BreastCancer", out=2, epochs=2)
    prepared = prepare(project.data)
    built = build(project, 0)
    (objective,) = TrainingState(project, prepared, built, torch.device("cpu"), 0).objectives
    assert sum(objective.counts) == len(prepared.train)
    weight: Any = objective.criterion()
    assert weight.weight[0] > weight.weight[1]  # fewer tumours are malignant
    finished(project)


def test_weights_are_written_as_numbers_and_must_be_as_many_as_classes() -> None:
    assert loss("CrossEntropy", class_weights=[1, 2.5]).class_weights == "1, 2.5"
    text = loss("CrossEntropy", class_weights="1,2").torch().source()
    assert text == "criteria.CountedCrossEntropy(weight=torch.tensor((1.0, 2.0)))"
    with pytest.raises(Illegal, match="balanced"):
        loss("CrossEntropy", class_weights="rare")
    project = table(loss=loss("CrossEntropy", class_weights="1, 2"))
    (problem,) = check(project).problems
    assert str(problem.message).startswith("expects 3 weights, one for each class")
    assert check(propose(problem)[0].apply(project)).trainable


# --------------------------------------------------------------------------- in training


def test_an_output_has_the_inputs_that_its_loss_compares() -> None:
    project = headed("Diabetes", loss("GaussianNLL"), linear(1), linear(1))
    end = next(node.id for node in project.graph.outputs)
    assert [port.name for port in project.graph.nodes[end].kind.ports()] == ["x", "log_variance"]
    assert check(project).trainable
    source = emit(project)
    assert source.outputs == (end, end)
    assert "return linear2, linear3" in source.text
    plain = edits.set_param(project, end, "loss", loss("MeanSquaredError"))
    assert [wire.input for wire in plain.graph.incoming(end)] == ["x"]
    lone = edits.disconnect(project, [project.graph.arriving(end, "log_variance")[0]])
    (problem,) = check(lone).of(end)
    assert problem.name == "unwired"


def test_a_network_that_knows_how_sure_it_is() -> None:
    evaluated, last, module = finished(headed("Diabetes", loss("GaussianNLL"), linear(1), linear(1)))
    assert evaluated[-1].validation["loss"] < evaluated[0].validation["loss"]
    assert {"loss", "rmse", "mae", "r2"} <= set(last.metrics["test"])
    project = headed("Diabetes", loss("GaussianNLL"), linear(1), linear(1))
    part = prepare(project.data).test
    (said,) = Predictor(project, module).predict_part(part)
    assert said.values is not None
    assert said.values.shape == (len(part), 1)


def test_wires_that_belong_together_must_be_alike() -> None:
    project = headed("Diabetes", loss("TripletMargin"), linear(4), linear(4), linear(5))
    (problem,) = check(project).problems
    assert problem.name == "predictions-differ"
    assert str(problem.received) == "N×4 and N×4 and N×5"


def test_what_has_no_target_is_made_small() -> None:
    project = headed("Iris", loss("Minimise"), layer("Power", exponent=2.0))
    evaluated, last, module = finished(project)
    assert evaluated[-1].validation["loss"] < evaluated[0].validation["loss"]
    assert last.metrics["test"] == {
        "loss": pytest.approx(last.metrics["test"]["value"]),
        "value": last.metrics["test"]["value"],
    }
    assert Predictor(project, module).predict_part(prepare(project.data).test)[0].values is not None


def test_a_target_and_a_wire_to_minimise_are_trained_together() -> None:
    """As a variational autoencoder does: what it says, and a term that keeps its code small."""
    sketch = Sketch("Both", DataSettings(source=source("Iris")), Recipe(epochs=3, threads=1, device="cpu"))
    x = sketch.add(layer("Input"))
    code = sketch.chain(x, layer("Linear", out_features=4))
    sketch.add(layer("Output"), sketch.add(linear(3), code))
    sketch.add(layer("Output", loss=loss("Minimise"), weight=0.1), sketch.add(layer("Power"), code))
    _, last, _ = finished(sketch.project())
    assert {"output1.accuracy", "output2.value"} <= set(last.metrics["test"])


@pytest.mark.parametrize(
    ("data", "ending", "heads"),
    [
        ("Iris", "TripletMargin", (4, 4, 4)),
        ("BreastCancer", "CosineEmbedding", (4, 4)),
        ("BreastCancer", "MarginRanking", (1, 1)),
        ("BreastCancer", "HingeEmbedding", (1,)),
        ("Iris", "Focal", (3,)),
        ("Iris", "Dice", (3,)),
        ("BreastCancer", "BinaryDice", (1,)),
    ],
)
def test_every_loss_trains(data: str, ending: str, heads: tuple[int, ...]) -> None:
    evaluated, last, module = finished(headed(data, loss(ending), *map(linear, heads)))
    assert evaluated[-1].validation["loss"] < evaluated[0].validation["loss"] + 1e-6
    assert last.metrics["test"].keys() > {"loss"}
    assert all(torch.isfinite(p).all() for p in module.parameters())
