"""What would come of a layer or a wire that is not there yet."""

from __future__ import annotations

import pytest

from engine import edits
from engine.analysis.check import check
from engine.analysis.wiring import fits, outcome
from engine.layers.input_output import Input, Output
from engine.message import Message
from tests.engine.chains import FLAT, OUT, TEN, WHOLE, chain, conv, joined
from tests.engine.projects import layer


def test_what_would_come_out() -> None:
    analysis = check(WHOLE)
    assert str(outcome(analysis, "n1", "out", conv(8))) == "N×8×6×6"
    assert str(outcome(analysis, "n2", "out", layer("Linear", out_features=3))) == "N×3"
    assert str(outcome(analysis, "n1", "out", layer("Add"))) == "N×1×8×8"
    assert str(outcome(analysis, "n3", "out", OUT)) == "N×10"
    assert str(outcome(analysis, "n1", "out", layer("MultiheadAttention"))).startswith("needs ")


@pytest.mark.parametrize(
    ("source", "kind", "sentence"),
    [
        ("n2", conv(), "needs N×C×H×W, this is N×64"),
        ("n1", layer("Conv2d", kernel_size=20), "needs a height of at least 20, padding included"),
        ("n1", Input(), "takes no input"),
        ("n4", TEN, "the shape before it is not known"),
        ("nobody", TEN, "the shape before it is not known"),
        ("n2", layer("Subtract"), "needs 2 wires"),
    ],
)
def test_why_nothing_would_come_out(source: str, kind: object, sentence: str) -> None:
    found = outcome(check(WHOLE), source, "out", kind)  # type: ignore[arg-type]
    assert isinstance(found, Message)
    assert str(found) == sentence


def test_every_kind_can_be_asked_about() -> None:
    from engine import kinds

    for project in (WHOLE, chain(conv(), FLAT, TEN, OUT), joined([conv(1, padding=1)], [], "Add")):
        analysis = check(project)
        for cls in kinds.registry(kinds.Layer).values():
            for id in project.graph.nodes:
                assert str(outcome(analysis, id, "out", cls()))


def test_every_port_of_a_deep_network_can_be_asked_for_while_a_wire_is_dragged() -> None:
    project = chain(FLAT, *[layer("Tanh") for _ in range(500)], TEN, Output())
    project = edits.disconnect(project, project.graph.wires[250:251])
    analysis = check(project)
    source = project.graph.order[100]
    answers = [fits(analysis, source, "out", id, "x") for id in list(project.graph.nodes)[1:60]]
    assert not any(answers)


def test_a_linear_behind_one_that_takes_a_picture_row_by_row_does_so_too() -> None:
    def behind(each: bool) -> object:
        rows = layer("Linear", out_features=8, each=each), layer("GELU")
        return outcome(check(chain(layer("Permute", order=(2, 3, 1)), *rows)), "n4", "out", TEN)

    assert str(behind(True)) == "N×8×8×10"
    assert isinstance(behind(False), Message)
