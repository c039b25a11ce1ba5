"""Why numbers stop being finite: each cause has a sentence of its own, and no way out is told that does not
help.
"""

from __future__ import annotations

import re

import pytest
import torch

from engine.edits.folding import fold
from engine.kinds import Layer, registry
from engine.message import Message
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.templates.builder import Sketch
from engine.training import divergence
from engine.training.causes import Failure, cause
from engine.training.reports import Finished
from tests.engine.projects import chain, layer, node, with_recipe
from tests.engine.training.test_train import failed, made, trained

WIDE, END = layer("Linear", out_features=8), (layer("Linear", out_features=3), layer("Output"))


def sgd(rate: float, *layers: Layer) -> Project:
    return chain(*layers, epochs=10, optimiser=registry(Optimiser)["SGD"](rate=rate))


def quotient(above: str) -> Project:
    """What a layer gives, or nothing, divided by nothing."""
    sketch = Sketch("Quotient", chain(WIDE, *END).data)
    x = sketch.chain(sketch.add(layer("Input")), WIDE)
    nothing = sketch.add(layer("Subtract"), x, x)
    divided = sketch.add(layer("Divide"), x if above == "something" else nothing, nothing)
    sketch.chain(divided, *END)
    return sketch.project()


CAUSES: dict[str, tuple[Project, str, str, str]] = {
    "logarithm": (
        chain(WIDE, layer("Logarithm"), *END),
        "logarithm1",
        "It took the logarithm of a negative number, which has none.",
        "Insert Clamp with a lower limit of 1e-06 before logarithm1.",
    ),
    "logarithm of zero": (
        chain(WIDE, layer("ReLU"), layer("Logarithm"), *END),
        "logarithm1",
        "It took the logarithm of zero, which is minus infinity.",
        "Set the shift of logarithm1 to 1e-06.",
    ),
    "root": (
        chain(WIDE, layer("SquareRoot"), *END),
        "squareroot1",
        "It took the root of a negative number, which has none.",
        "Insert Clamp with a lower limit of 1e-06 before squareroot1.",
    ),
    "broken power": (
        chain(WIDE, layer("Power", exponent=0.3), *END),
        "power1",
        "It took the root of a negative number, which has none.",
        "Insert Clamp with a lower limit of 1e-06 before power1.",
    ),
    "nothing by nothing": (
        quotient("nothing"),
        "divide1",
        "It divided zero by zero.",
        "Add an eps of 1e-06 before divide1, by ScaleShift.",
    ),
    "something by nothing": (
        quotient("something"),
        "divide1",
        "It divided by zero.",
        "Add an eps of 1e-06 before divide1, by ScaleShift.",
    ),
    "exponential": (
        chain(WIDE, layer("ScaleShift", scale=1000.0), layer("Exponential"), *END),
        "exponential1",
        "It raised e to a power above 88, and 32 bits hold no such number.",
        "Insert Clamp with an upper limit of 80 before exponential1.",
    ),
    "steep": (
        chain(WIDE, layer("ScaleShift", scale=0.0), layer("SquareRoot"), *END),
        "linear1",
        "The slope of squareroot1 is infinite where zero arrives.",
        "Add an eps of 1e-06 before squareroot1, by ScaleShift.",
    ),
    "large already": (
        chain(layer("ScaleShift", scale=1e13), layer("Power", exponent=4.0), *END),
        "power1",
        "Numbers became larger than 32 bits hold (3.4e38).",
        "Insert LayerNorm before power1.",
    ),
    "rate": (
        sgd(1e30, WIDE, *END),
        "",
        "The weights grew until numbers became larger than 32 bits hold (3.4e38).",
        "Lower the learning rate (it was 1e+30) to 0.05.",
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_each_cause_has_its_sentence_and_its_remedy(name: str) -> None:
    project, place, why, advice = CAUSES[name]
    failure = failed(project)[0]
    assert why in str(failure.message)
    assert advice in str(failure.message)
    assert len(str(failure.message)) < 400
    if place:
        assert failure.node == node(project, place)


def test_a_function_inside_a_block_is_found() -> None:
    """Also in a block within a block; the weights that were learnt are those of its layers as before."""
    flat = chain(WIDE, layer("ReLU"), layer("Logarithm"), *END)
    inner = fold(flat, [node(flat, "relu1"), node(flat, "logarithm1")], "Inner")
    outer = fold(
        inner, [node(inner, "linear1"), *[n.id for n in inner.graph.nodes.values() if n.kind.blocks]], "Outer"
    )
    for project in (inner, outer):
        failure = failed(project)[0]
        assert "Inside it, logarithm1 had no value" in str(failure.message)
        assert "Set the shift of logarithm1 to 1e-06." in str(failure.message)


def test_what_does_not_help_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divergence, "helps", lambda *_: False)
    message = str(failed(CAUSES["logarithm"][0])[0].message)
    assert "logarithm of a negative number" in message
    assert "Clamp" not in message
    assert "rate" not in message, "no rate gives a negative number a logarithm"


def test_what_is_told_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that grow: the lower rate, and the limit of the gradient, each bring the run to its end."""
    monkeypatch.setattr(divergence, "PATIENCE", 600.0)  # however slow the machine is
    project = sgd(0.3, WIDE, layer("Power", exponent=3.0), *END)
    message = str(failed(project)[0].message)
    assert "The weights grew" in message
    # which rate was low enough depends on where the last checkpoint was, and that on the clock
    told = re.search(
        r"Lower the learning rate \(it was 0\.3\) to (0\.\d+)\. Or: Clip the gradient at 1\.$", message
    )
    assert told, message
    for recipe in (
        {"clip": 1.0, "epochs": 10},
        {"optimiser": registry(Optimiser)["SGD"](rate=float(told[1])), "epochs": 10},
    ):
        reports, _ = trained(with_recipe(project, **recipe))
        assert isinstance(reports[-1], Finished)


def failure_at(project: Project, place: str, **facts: bool) -> tuple[Message, Message | None]:
    state = made(project)
    batch = next(state.batches())
    found = cause(
        state,
        Failure(Message("…"), node(project, place) if place else None, 1, batch, state.weights(), **facts),
    )
    return found.sentence, found.by_hand


def test_infinite_data_is_named_as_such() -> None:
    project = chain(WIDE, *END)
    state = made(project)
    (inputs, targets) = next(state.batches())
    _, failure = divergence._forward(state, ([torch.full_like(inputs[0], float("inf"))], targets))
    assert failure is not None
    assert failure.data
    sentence, by_hand = cause(state, failure).sentence, cause(state, failure).by_hand
    assert "The data itself" in str(sentence)
    assert "Take those samples out" in str(by_hand)


def test_a_gradient_that_grew_is_told_apart() -> None:
    project = chain(WIDE, *END)
    sentence, _ = failure_at(project, "linear1", gradient=True)
    assert str(sentence).startswith("Gradients exploded")
