"""What can be trained, but will hardly learn, is said at its layer with a way out, and nothing else is."""

from __future__ import annotations

import pytest
from attrs import evolve

from engine import edits
from engine.analysis.check import block_analysis, check
from engine.analysis.results import Analysis, Problem
from engine.data.settings import DataSettings
from engine.edits.folding import fold
from engine.kinds import registry
from engine.optim.averaging import EpochAverage
from engine.optim.optimiser import Optimiser
from engine.optim.schedules import Cosine, ExponentialDecay, MultiStep, ReduceOnPlateau, Step
from engine.project.blocks import Use
from engine.project.project import Project
from engine.repairs.propose import propose
from engine.templates import Template, famous, templates
from engine.templates.builder import Sketch
from tests.engine.chains import FLAT, ONE, OUT, ROWS, TAIL, TEN, WHOLE, chain, conv, loss
from tests.engine.projects import layer, source, with_recipe

WIDE = layer("Linear", out_features=32)
NARROW = layer("Linear", out_features=2)
HALVES = DataSettings(source=source("Digits"), validation=0.5, test=0.5)


def plain(**settings: object) -> Project:
    return with_recipe(WHOLE, optimiser=registry(Optimiser)["SGD"](**settings))


def recipe(epochs: int, **settings: object) -> Project:
    return with_recipe(WHOLE, epochs=epochs, **settings)


# Each: the network, the layer where it shows ("" for the whole), the name of the problem, the first way out.
DOUBTS: dict[str, tuple[Project, str, str, str]] = {
    "softmax twice": (chain(FLAT, TEN, layer("Softmax"), OUT), "softmax1", "scores-cut", "Remove softmax1"),
    "scores without a sign": (chain(FLAT, TEN, layer("ReLU"), OUT), "relu1", "scores-cut", "Remove relu1"),
    "sigmoid twice": (
        chain(ONE, layer("Sigmoid"), loss("BinaryCrossEntropy"), data="BreastCancer"),
        "sigmoid1",
        "scores-cut",
        "Remove sigmoid1",
    ),
    "a logarithm of a softmax of its own": (
        chain(FLAT, TEN, layer("LogSoftmax"), OUT),
        "logsoftmax1",
        "scores-kept",
        "Remove logsoftmax1",
    ),
    "scores for their logarithms": (
        chain(FLAT, TEN, loss("NegativeLogLikelihood")),
        "output1",
        "no-log-shares",
        "Insert LogSoftmax",
    ),
    "shares for their logarithms": (
        chain(FLAT, TEN, layer("Softmax"), loss("NegativeLogLikelihood")),
        "output1",
        "no-log-shares",
        "Change softmax1 to LogSoftmax",
    ),
    "all dropped": (
        chain(FLAT, layer("Dropout", rate=1.0), TEN, OUT),
        "dropout1",
        "drops-all",
        "Set rate to 0.5",
    ),
    "all dropped within a layer": (
        chain(ROWS, layer("TransformerEncoderLayer", heads=2, dropout=1.0), FLAT, TEN, OUT),
        "encoder1",
        "drops-all",
        "Set dropout to 0.1",
    ),
    "a batch norm that remembers nothing": (
        chain(conv(4), layer("BatchNorm2d", track_running_stats=False), *TAIL),
        "norm1",
        "depends-on-batch",
        "Turn track running stats on",
    ),
    "a class to ignore that there is not": (
        chain(FLAT, TEN, loss("CrossEntropy", ignore=50)),
        "output1",
        "ignores-nothing",
        "Ignore no class",
    ),
    "two sums in a row": (chain(FLAT, WIDE, TEN, OUT), "linear2", "two-as-one", "Insert ReLU between them"),
    "an Output without weight": (
        chain(FLAT, TEN, layer("Output", weight=0.0)),
        "output1",
        "weighs-nothing",
        "Set weight to 1",
    ),
    "nothing to look ahead along": (
        plain(momentum=0.0, nesterov=True),
        "",
        "nesterov-without-momentum",
        "Set momentum to 0.9",
    ),
    "a warm-up that never ends": (
        recipe(10, schedule=Cosine(warm_up=10.0)),
        "",
        "warm-up-lasts",
        "Set the warm-up to 1 epoch",
    ),
    "a rate that never falls": (
        recipe(9, schedule=Step(every=9)),
        "",
        "never-falls",
        "Let the rate fall every 3 epochs",
    ),
    "a rate that never falls, at milestones": (
        recipe(9, schedule=MultiStep(after_epochs=(20, 30))),
        "",
        "never-falls",
        "Let the rate fall after 3 and 6 epochs",
    ),
    "a rate that never falls, on a plateau": (
        recipe(9, schedule=ReduceOnPlateau(patience=9)),
        "",
        "never-falls",
        "Let the rate fall after 1 epochs without a lower loss",
    ),
    "any warm-up that never ends": (
        recipe(10, schedule=ExponentialDecay(warm_up=12.0)),
        "",
        "warm-up-lasts",
        "Set the warm-up to 1 epoch",
    ),
    "dampening what looks ahead": (
        plain(dampening=0.5),
        "",
        "nesterov-with-dampening",
        "Set dampening to 0",
    ),
    "sparing what is not pulled": (
        plain(spare_biases=True),
        "",
        "spares-nothing",
        "Set weight decay to 0.01",
    ),
    "signs of small batches": (
        recipe(5, optimiser=registry(Optimiser)["Rprop"]()),
        "",
        "whole-batch-wanted",
        "Take all samples in one step",
    ),
    "rare classes twice": (
        with_recipe(chain(FLAT, TEN, loss("CrossEntropy", class_weights="balanced")), sampling="balanced"),
        "",
        "balanced-twice",
        "Take each sample once an epoch",
    ),
    "half precision without a GPU": (
        recipe(5, precision="float16", device="cpu"),
        "",
        "half-on-processor",
        "Compute in bfloat16",
    ),
    "nothing to compute anew": (
        recipe(5, recompute=True),
        "",
        "nothing-recomputed",
        "Keep what layers give",
    ),
    "an average of one": (
        recipe(5, averaging=EpochAverage(begin=1.0)),
        "",
        "average-begins-late",
        "Begin the average after half of the training",
    ),
    "patience that never ends": (recipe(8, patience=8), "", "patience-lasts", "Set patience to 2"),
    "patience in a single epoch": (recipe(1, patience=1), "", "patience-lasts", "Train to the end"),
    "a batch of more than there is": (
        recipe(5, batch_size=5000),
        "",
        "batch-too-large",
        "Set the batch size to 128",
    ),
    "gradients of no length": (recipe(5, clip=1e-9), "", "clips-all", "Shorten gradients to 1 at most"),
    "steps into nowhere": (plain(rate=1e9), "", "rate-too-high", "Set the learning rate to 0.05"),
    "steps on the spot": (plain(rate=1e-30), "", "rate-too-high", "Set the learning rate to 0.05"),
}


def doubt_of(project: Project, node: str, name: str) -> Problem:
    graph = project.graph
    return next(
        p
        for p in check(project).problems
        if p.name == name and (p.node == node or graph.nodes[p.node].name == node)
    )


@pytest.mark.parametrize("doubt", DOUBTS)
def test_every_doubt_leaves_the_network_trainable_and_has_a_way_out(doubt: str) -> None:
    project, node, name, title = DOUBTS[doubt]
    problem = doubt_of(project, node, name)
    assert check(project).trainable
    assert problem.level == ("note" if name == "scores-kept" else "warning")
    assert str(problem.why).endswith(".")
    assert str(propose(problem)[0].title) == title
    after = check(propose(problem)[0].apply(project))
    assert after.trainable
    assert problem.key not in [p.key for p in after.problems]


@pytest.mark.parametrize(
    "project",
    [
        chain(FLAT, NARROW, layer("Linear", out_features=64), layer("ReLU"), TEN, OUT),
        chain(FLAT, evolve(WIDE, frozen=True), TEN, OUT),
        chain(FLAT, WIDE, layer("Dropout"), TEN, OUT),
        chain(FLAT, TEN, layer("LogSoftmax"), loss("NegativeLogLikelihood")),
        chain(FLAT, TEN, layer("LeakyReLU"), OUT),
        chain(FLAT, TEN, loss("CrossEntropy", ignore=-100)),
        chain(conv(1, padding=1), layer("Sigmoid"), loss("MeanSquaredError", "image")),
        edits.mute(chain(FLAT, TEN, layer("Softmax"), OUT), ["n4"], True),
        plain(momentum=0.0, nesterov=False),
        plain(),
        plain(rate=1.0),
        recipe(10, schedule=Cosine(warm_up=9.0)),
        recipe(10, schedule=Step(every=9), patience=9, clip=0.01),
        recipe(1, batch_size=1000),
    ],
)
def test_what_is_meant_so_is_not_doubted(project: Project) -> None:
    assert check(project).problems == ()


def test_a_layer_that_others_use_as_well_is_no_half_of_one() -> None:
    sketch = Sketch("Both", DataSettings())
    first = sketch.chain(sketch.add(layer("Input")), FLAT, WIDE)
    second = sketch.add(WIDE, first)
    sketch.chain(sketch.add(layer("Add"), first, second), TEN, OUT)
    assert [p.name for p in check(sketch.project()).problems] == []


def test_what_is_muted_between_counts_as_nothing() -> None:
    project = edits.mute(chain(FLAT, WIDE, layer("ReLU"), TEN, OUT), ["n4"], True)
    assert [p.name for p in check(project).problems] == ["two-as-one"]


@pytest.mark.parametrize("template", [*templates(), *famous()], ids=lambda template: template.id)
def test_no_template_is_doubted(template: Template) -> None:
    def every(analysis: Analysis) -> list[str]:
        found = [problem.name for problem in analysis.problems if problem.name != "memory"]
        for node in analysis.project.graph.nodes.values():
            if isinstance(node.kind, Use):
                found += every(block_analysis(analysis, node.id))
        return found

    assert every(check(template.project())) == []


def test_a_doubt_within_a_block_is_found_inside() -> None:
    project = fold(
        chain(FLAT, WIDE, layer("Linear", out_features=16), layer("ReLU"), TEN, OUT), ["n3", "n4"], "Pair"
    )
    analysis = check(project)
    (block,) = [node.id for node in project.graph.nodes.values() if isinstance(node.kind, Use)]
    assert analysis.trainable
    assert [p.name for p in block_analysis(analysis, block).problems] == ["two-as-one"]


def test_shares_that_leave_nothing_to_train_on_are_said_before_training() -> None:
    project = edits.set_data(WHOLE, HALVES)
    analysis = check(project)
    assert not analysis.trainable
    (problem,) = analysis.problems
    assert problem.name == "too-few-samples"
    assert str(propose(problem)[0].title) == "Hold back 15% for validation and 15% for test"
    assert check(propose(problem)[0].apply(project)).problems == ()


ERRORS = {
    "watches-nothing": ({"watch": "rmse"}, "Watch loss"),
    "searches-alone": (
        {"optimiser": {"kind": "LBFGS"}, "batch_size": "all", "accumulate": 2},
        "Leave out what it cannot do with",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_trained_so_has_a_way_out(name: str) -> None:
    settings, title = ERRORS[name]
    project = recipe(5, **settings)
    (problem,) = [one for one in check(project).problems if one.level == "error"]
    assert (problem.name, problem.of_training) == (name, True)
    assert str(propose(problem)[0].title) == title
    assert check(propose(problem)[0].apply(project)).trainable


def test_numbers_have_no_classes_to_balance() -> None:
    project = with_recipe(chain(ONE, loss("MeanSquaredError"), data="Diabetes"), sampling="balanced")
    (problem,) = [one for one in check(project).problems if one.level == "error"]
    assert problem.name == "no-classes-to-balance"
    assert check(propose(problem)[0].apply(project)).trainable


def test_what_compares_losses_takes_all_samples_at_once() -> None:
    project = recipe(5, optimiser=registry(Optimiser)["LBFGS"]())
    analysis = check(project)
    (problem,) = [one for one in analysis.problems if one.level == "error"]
    assert problem.name == "whole-batch-needed"
    assert problem.of_training, "what was trained elsewhere can be exported all the same"
    first, second = propose(problem)[:2]
    assert str(first.title) == "Take all samples in one step"
    assert first.apply(project).recipe.batch_size == "all"
    for repair in (first, second):
        assert check(repair.apply(project)).trainable
