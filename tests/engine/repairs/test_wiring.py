"""What would happen if a wire were drawn."""

from __future__ import annotations

import pytest

from engine import edits
from engine.analysis.check import check
from engine.layers.ends import Input, Output
from engine.message import Message
from engine.repairs.refusal import fits, outcome, refusal
from tests.engine.chains import FLAT, OUT, TAIL, TEN, WHOLE, chain, conv, joined
from tests.engine.projects import layer

BROKEN = edits.disconnect(WHOLE, WHOLE.graph.wires)
LOOSE = check(BROKEN)  # n1 Input, n2 Flatten, n3 Linear, n4 Output


def test_a_wire_that_fits() -> None:
    assert refusal(LOOSE, "n1", "out", "n2", "x") is None
    assert fits(LOOSE, "n1", "out", "n2", "x")


def test_a_wire_that_does_not_fit_says_why_and_how_it_would() -> None:
    problem = refusal(LOOSE, "n1", "out", "n3", "x")
    assert problem is not None
    assert not fits(LOOSE, "n1", "out", "n3", "x")
    assert (problem.node, problem.name) == ("n3", "not-flat")
    assert str(problem.received) == "N×1×8×8"
    first = problem.repairs[0]
    assert str(first.title) == "Insert Flatten"
    assert first.parameters_delta == 650
    after = check(first.apply(BROKEN))
    assert str(after.nodes["n3"].outputs["out"]) == "N×10"
    assert len(after.project.graph.wires) == 2, "the repair draws the wire too"


def test_a_wire_whose_freight_is_not_known_may_be_drawn() -> None:
    assert refusal(LOOSE, "n3", "out", "n4", "x") is None


def test_a_circle_is_refused_without_a_way_out() -> None:
    problem = refusal(check(WHOLE), "n3", "out", "n2", "x")
    assert problem is not None
    assert "close a circle" in str(problem.message)
    assert problem.repairs == ()


def test_a_second_wire_may_replace_the_first_where_it_fits() -> None:
    project = edits.connect(edits.add(WHOLE, "r", layer("ReLU"), name="r"), "n1", "out", "r", "x")
    analysis = check(project)
    problem = refusal(analysis, "r", "out", "n2", "x")
    assert problem is not None
    assert "takes one wire" in str(problem.message)
    instead = problem.repairs[0]
    assert str(instead.title) == "Replace the wire"
    assert {w.source for w in instead.apply(project).graph.incoming("n2")} == {"r"}
    unfit = refusal(analysis, "r", "out", "n3", "x")
    assert unfit is not None
    assert unfit.repairs == ()


@pytest.mark.parametrize(
    "wire", [("n1", "out", "nobody", "x"), ("n4", "out", "n2", "x"), ("n1", "out", "n2", "y")]
)
def test_wires_between_what_is_not_there(wire: tuple[str, str, str, str]) -> None:
    problem = refusal(LOOSE, *wire)
    assert problem is not None
    assert str(problem.message)
    assert not fits(LOOSE, *wire)


def test_a_second_wire_may_be_joined_with_the_first() -> None:
    """By a sum where the shapes are alike, else side by side; each is one edit that leaves nothing wrong."""
    project = chain(conv(8, padding=1), conv(8, padding=1), *TAIL)
    first, flatten = (
        next(id for id, n in project.graph.nodes.items() if n.name == x) for x in ("conv1", "flatten1")
    )
    alike = refusal(check(project), first, "out", flatten, "x")
    assert alike is not None
    assert [str(repair.title) for repair in alike.repairs] == [
        "Replace the wire",
        "Join both with Add",
        "Join both with Concatenate",
    ]
    for repair in alike.repairs[1:]:
        after = check(repair.apply(project))
        assert after.trainable
        (join,) = after.project.graph.nodes.keys() - project.graph.nodes.keys()
        assert len(after.project.graph.incoming(join)) == 2
    wider = edits.set_param(project, first, "out_channels", 4)
    other = refusal(check(wider), first, "out", flatten, "x")
    assert other is not None
    assert [str(repair.title) for repair in other.repairs][1:] == ["Join both with Concatenate"]


def test_a_join_takes_one_wire_after_the_other() -> None:
    """The first wire into an Add is right, although the Add still waits for a second."""
    project = edits.add(BROKEN, "sum", layer("Add"), name="sum")
    assert refusal(check(project), "n1", "out", "sum", "xs") is None
    project = edits.connect(project, "n1", "out", "sum", "xs")
    project = edits.connect(project, "n1", "out", "n2", "x")
    problem = refusal(check(project), "n2", "out", "sum", "xs")
    assert problem is not None
    assert problem.name == "unequal-shapes"
    assert problem.repairs


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
