"""Layers taken out of their wires: many at once come to the same as one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.message import Refused
from engine.project.project import Project
from tests.engine.chains import WHOLE
from tests.engine.drawings import bounded, networks


@bounded
@given(networks(), st.data())
def test_many_at_once_come_to_the_same_as_one_after_the_other(project: Project, data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.sampled_from(list(project.graph.nodes)), unique=True))
    singly = project
    for id in ids:
        singly = edits.dissolve(singly, [id])
    assert edits.dissolve(project, ids) == singly


@bounded
@given(networks(), st.data())
def test_healing_draws_only_wires_that_close_a_gap_and_are_allowed(
    project: Project, data: st.DataObject
) -> None:
    ids = set(data.draw(st.lists(st.sampled_from(list(project.graph.nodes)), unique=True)))
    cut = set(data.draw(st.lists(st.sampled_from(project.graph.wires)))) if project.graph.wires else set()
    open_gap = edits.remove(project, ids, cut)
    assert edits.heal(project, ids, cut, lambda healed, wire: False) == open_gap
    asked = []
    healed = edits.heal(project, ids, cut, lambda healed, wire: bool(asked.append(wire)) or True)
    drawn = set(healed.graph.wires) - set(open_gap.graph.wires)
    assert drawn == set(asked)
    assert healed.graph.nodes == open_gap.graph.nodes
    assert len(healed.graph.order) == len(healed.graph.nodes)  # no circle
    for wire in drawn:
        assert project.graph.reaches(wire.source, wire.target)


@pytest.mark.parametrize("ids", [["nobody"], ["n2", "n2"]])
def test_a_layer_that_is_not_there_is_refused(ids: list[str]) -> None:
    with pytest.raises(Refused, match="there is no layer"):
        edits.dissolve(WHOLE, ids)
