"""Why a wire is refused, and ways to draw it all the same."""

from __future__ import annotations

import pytest

from engine import edits
from engine.analysis.check import check
from engine.analysis.wiring import fits
from engine.repairs.refusal import refusal
from engine.templates import template
from tests.engine.chains import TAIL, WHOLE, chain, conv
from tests.engine.projects import layer

BROKEN = edits.disconnect(WHOLE, WHOLE.graph.wires)
LOOSE = check(BROKEN)  # n1 Input, n2 Flatten, n3 Linear, n4 Output


def test_a_wire_that_fits() -> None:
    assert refusal(LOOSE, "n1", "out", "n2", "x") is None
    assert fits(LOOSE, "n1", "out", "n2", "x")


def test_a_wire_that_does_not_fit_says_why_and_how_it_would() -> None:
    refused = refusal(LOOSE, "n1", "out", "n3", "x")
    assert refused is not None
    assert not fits(LOOSE, "n1", "out", "n3", "x")
    assert (refused.problem.node, refused.problem.name) == ("n3", "not-flat")
    assert str(refused.problem.received) == "N×1×8×8"
    first = refused.repairs[0]
    assert str(first.title) == "Insert Flatten"
    assert first.parameters_delta == 650
    after = check(first.apply(BROKEN))
    assert str(after.nodes["n3"].outputs["out"]) == "N×10"
    assert len(after.project.graph.wires) == 2, "the repair draws the wire too"


def test_a_wire_whose_freight_is_not_known_may_be_drawn() -> None:
    assert refusal(LOOSE, "n3", "out", "n4", "x") is None


def test_a_circle_is_refused_without_a_way_out() -> None:
    refused = refusal(check(WHOLE), "n3", "out", "n2", "x")
    assert refused is not None
    assert "close a circle" in str(refused.problem.message)
    assert refused.repairs == ()


def test_a_second_wire_may_replace_the_first_where_it_fits() -> None:
    project = edits.connect(edits.add(WHOLE, "r", layer("ReLU"), name="r"), "n1", "out", "r", "x")
    analysis = check(project)
    refused = refusal(analysis, "r", "out", "n2", "x")
    assert refused is not None
    assert "takes one wire" in str(refused.problem.message)
    instead = refused.repairs[0]
    assert str(instead.title) == "Replace the wire"
    assert {w.source for w in instead.apply(project).graph.incoming("n2")} == {"r"}
    unfit = refusal(analysis, "r", "out", "n3", "x")
    assert unfit is not None
    assert str(unfit.repairs[0].title) == "Insert Flatten, and replace the wire"
    for repair in unfit.repairs:
        after = check(repair.apply(project))
        assert not after.errors
        assert all(wire.source != "n2" for wire in after.project.graph.incoming("n3"))


def test_a_picture_may_take_the_place_of_a_row() -> None:
    """Every way out of a wire to a taken port was tried, and brings no error."""
    project = template("digits-cnn").project()
    ids = {node.name: id for id, node in project.graph.nodes.items()}
    refused = refusal(check(project), ids["pool1"], "out", ids["linear1"], "x")
    assert refused is not None
    titles = [str(repair.title) for repair in refused.repairs]
    assert titles[0] == "Insert Flatten, and replace the wire"
    assert not any(title.startswith(("Replace", "Join")) for title in titles), "these do not fit"
    for repair in refused.repairs:
        after = check(repair.apply(project))
        assert not after.errors
        assert ids["pool1"] in after.project.graph.upstream(ids["linear1"])


@pytest.mark.parametrize(
    "wire", [("n1", "out", "nobody", "x"), ("n4", "out", "n2", "x"), ("n1", "out", "n2", "y")]
)
def test_wires_between_what_is_not_there(wire: tuple[str, str, str, str]) -> None:
    refused = refusal(LOOSE, *wire)
    assert refused is not None
    assert str(refused.problem.message)
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
    refused = refusal(check(project), "n2", "out", "sum", "xs")
    assert refused is not None
    assert refused.problem.name == "unequal-shapes"
    assert refused.repairs
