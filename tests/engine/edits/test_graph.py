"""Each edit: what it makes, and what it refuses before anything changed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from engine import edits
from engine.data.sets.tables import Wine
from engine.data.settings import DataSettings
from engine.kinds import Unknown, layer_from_json
from engine.layers.activation import ReLU, Tanh
from engine.layers.attention import MultiheadAttention
from engine.layers.combine import Add, Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.message import Illegal, Refused, Trouble
from engine.project.graph import Graph, Wire
from engine.project.layout import GAP, height
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import clipboard, project_file

EMPTY = Project(Graph(), DataSettings(), Recipe())


def drawn(*wires: str, **layers: Any) -> Project:
    """A project with layers named by their ids and wires such as "a b" or "a sum.xs"."""
    project = EMPTY
    for i, (id, kind) in enumerate(layers.items()):
        project = edits.add(project, id, kind, (0, i * 100), name=id)
    for text in wires:
        source, target = text.split()
        target, _, port = target.partition(".")
        project = edits.connect(project, source, "out", target, port or "x")
    return project


CHAIN = drawn("a b", "b c", a=Input(), b=Linear(), c=Output())
SKIP = drawn("a b", "a sum.xs", "b sum.xs", a=Input(), b=Linear(), sum=Add())


def wires(project: Project) -> list[str]:
    return [f"{w.source} {w.target}" + (f".{w.input}" if w.input != "x" else "") for w in project.graph.wires]


def refused(edit: Any, *arguments: Any, **named: Any) -> str:
    """The sentence of a refusal; the project must be as it was."""
    project = arguments[0]
    before = project_file.dumps(project)
    with pytest.raises(Trouble) as caught:
        edit(*arguments, **named)
    assert isinstance(caught.value, Refused | Illegal)
    assert project_file.dumps(project) == before
    return str(caught.value)


# --------------------------------------------------------------------------- layers


def test_a_new_layer_gets_a_place_and_a_name_of_its_own() -> None:
    project = edits.add(edits.add(EMPTY, "n1", Conv2d(), (10, 20.333)), "n2", Conv2d())
    first, second = project.graph.nodes.values()
    assert (first.x, first.y, first.name) == (10.0, 20.33, "conv1")
    assert second.name == "conv2"
    assert edits.add(EMPTY, "n1", ReLU(), name=" first ").graph.nodes["n1"].name == "first"


def test_ids_are_always_new() -> None:
    project = drawn(n7=ReLU(), n3=ReLU(), odd=ReLU())
    assert edits.new_ids(project.graph, 2) == ["n8", "n9"]
    strange = edits.add(edits.add(EMPTY, "n" + "9" * 5000, ReLU()), "n²", ReLU())
    assert edits.new_id(strange.graph) == "n1"
    assert "is taken" in refused(edits.add, CHAIN, "a", ReLU())
    assert "is taken" in refused(edits.add, CHAIN, "", ReLU())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a", "another layer is called a; a name belongs to one layer"),
        (" ", "a layer needs a name"),
        ("x" * 61, "expected a name of at most 60 characters, received 61"),
        ("two\nlines", "expected a name on one line, without control characters"),
        ("\ud800", "expected a name on one line, without control characters"),
    ],
)
def test_names_are_unique_short_and_readable(name: str, sentence: str) -> None:
    assert refused(edits.rename, CHAIN, "b", name) == sentence
    assert refused(edits.add, CHAIN, "new", ReLU(), name=name) == sentence


def test_renaming() -> None:
    assert edits.rename(CHAIN, "b", " 卷积 🙂 ").graph.nodes["b"].name == "卷积 🙂"
    assert edits.rename(CHAIN, "b", "b") == CHAIN
    assert refused(edits.rename, CHAIN, "nobody", "name") == "there is no layer nobody"


@pytest.mark.parametrize("place", [(float("nan"), 0), (0, float("inf"))])
def test_places_are_finite(place: tuple[float, float]) -> None:
    assert "expected a place" in refused(edits.add, CHAIN, "new", ReLU(), place)
    assert "expected a place" in refused(edits.move, CHAIN, ["a"], *place)
    assert "expected a place" in refused(edits.place, CHAIN, {"a": place})


def test_moving_and_placing() -> None:
    moved = edits.move(CHAIN, ["a", "b"], 5, -5.5)
    assert [(n.x, n.y) for n in moved.graph.nodes.values()] == [(5, -5.5), (5, 94.5), (0, 200)]
    assert edits.place(moved, {"a": (0, 0), "b": (0, 100)}) == CHAIN
    assert refused(edits.move, CHAIN, ["a", "nobody"], 1, 1) == "there is no layer nobody"


def test_removing_takes_the_wires_along() -> None:
    assert wires(edits.remove(CHAIN, ["b"])) == []
    assert wires(edits.remove(SKIP, ["a"], SKIP.graph.wires[2:])) == []
    assert wires(edits.remove(SKIP, [], SKIP.graph.wires[:1])) == ["a sum.xs", "b sum.xs"]
    assert refused(edits.remove, CHAIN, ["nobody"]) == "there is no layer nobody"


def test_dissolving_heals_the_wire() -> None:
    assert wires(edits.dissolve(CHAIN, ["b"])) == ["a c"]
    several = drawn("a b", "b c", "c d", "c e", a=Input(), b=ReLU(), c=ReLU(), d=Output(), e=Output())
    assert wires(edits.dissolve(several, ["b", "c"])) == ["a d", "a e"]
    assert wires(edits.dissolve(SKIP, ["b"])) == ["a sum.xs"], "one wire of each sort is enough"
    assert wires(edits.dissolve(SKIP, ["a"])) == ["b sum.xs"]


def test_dissolving_lets_the_first_input_flow_on() -> None:
    query, key, *_ = (port.name for port in MultiheadAttention().ports())
    project = drawn(
        f"k att.{key}", f"q att.{query}", "att out", k=ReLU(), q=ReLU(), att=MultiheadAttention(), out=ReLU()
    )
    assert wires(edits.dissolve(project, ["att"])) == ["q out"]


def test_changing_a_setting() -> None:
    assert edits.set_param(CHAIN, "b", "out_features", 7).graph.nodes["b"].kind == Linear(out_features=7)
    assert refused(edits.set_param, CHAIN, "b", "out_features", 0).startswith(
        "Out features: expected a whole"
    )
    assert "has no setting colour" in refused(edits.set_param, CHAIN, "b", "colour", 1)
    assert refused(edits.set_param, CHAIN, "nobody", "bias", True) == "there is no layer nobody"


def test_another_kind_keeps_the_wires_that_it_has_ports_for() -> None:
    assert wires(edits.set_kind(CHAIN, "b", Tanh())) == ["a b", "b c"]
    assert wires(edits.set_kind(CHAIN, "b", Output())) == ["a b"]
    assert wires(edits.set_kind(CHAIN, "b", Add())) == ["b c"]
    assert wires(edits.set_kind(SKIP, "sum", Concatenate())) == wires(SKIP)


def test_muting() -> None:
    muted = edits.mute(CHAIN, ["b"], True)
    assert muted.graph.nodes["b"].muted
    assert edits.mute(muted, ["b"], False) == CHAIN
    assert edits.mute(CHAIN, ["a", "b", "c"], True) == muted, "the ends stay as they are"
    assert "a cannot be muted" in refused(edits.mute, CHAIN, ["a"], True)
    assert "cannot be muted" in refused(edits.mute, CHAIN, ["c"], True)


# --------------------------------------------------------------------------- wires


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody", "out", "c", "x"), "there is no layer nobody"),
        (("a", "out", "nobody", "x"), "there is no layer nobody"),
        (("c", "out", "b", "x"), "c has no output out"),
        (("a", "out", "b", "y"), "b has no input y"),
        (
            ("b", "out", "b", "x"),
            "this wire would close a circle: b already feeds b; a network flows one way",
        ),
        (("a", "out", "b", "x"), "that wire is already there"),
        (
            ("a", "out", "c", "x"),
            "c takes one wire at its input (the prediction) and has it; "
            "replace that wire, or join both with Add or Concatenate",
        ),
    ],
)
def test_wires_that_may_not_be(arguments: tuple[str, ...], sentence: str) -> None:
    assert refused(edits.connect, CHAIN, *arguments) == sentence


def test_no_circle_even_where_a_wire_is_replaced() -> None:
    loop = drawn("a b", "b c", a=ReLU(), b=ReLU(), c=ReLU())
    assert "close a circle: a already feeds c" in refused(edits.connect, loop, "c", "out", "a", "x")
    assert "close a circle" in refused(edits.connect, loop, "c", "out", "b", "x", replace=True)


def test_a_wire_may_replace_the_one_that_is_there() -> None:
    assert wires(edits.connect(CHAIN, "a", "out", "c", "x", replace=True)) == ["a b", "a c"]


def test_a_many_port_takes_wires_in_order() -> None:
    project = edits.connect(edits.add(SKIP, "z", Input()), "z", "out", "sum", "xs")
    assert wires(project) == ["a b", "a sum.xs", "b sum.xs", "z sum.xs"]
    turned = edits.reorder(project, "sum", "xs", [2, 0, 1])
    assert wires(turned) == ["a b", "z sum.xs", "a sum.xs", "b sum.xs"]
    assert edits.reorder(turned, "sum", "xs", [1, 2, 0]) == project
    assert refused(edits.reorder, project, "sum", "xs", [0, 0, 1]) == "expected each of 3 wires once"
    assert refused(edits.reorder, project, "nobody", "xs", []) == "there is no layer nobody"


def test_taking_wires_away() -> None:
    assert wires(edits.disconnect(CHAIN, CHAIN.graph.wires[:1])) == ["b c"]
    assert edits.disconnect(CHAIN, [Wire("x", "out", "y", "x")]) == CHAIN


def test_inserting_keeps_order_and_makes_room() -> None:
    project = edits.insert(SKIP, "new", ReLU(), SKIP.graph.wires[1])
    assert wires(project) == ["a b", "a new", "new sum.xs", "b sum.xs"]
    node, below = project.graph.nodes["new"], project.graph.nodes["b"]
    assert node.y == height(Input()) + GAP
    tight = edits.place(CHAIN, {"b": (0, 70), "c": (0, 140)})
    grown = edits.insert(tight, "new", Linear(), tight.graph.wires[0])
    tops = [grown.graph.nodes[id].y for id in ("a", "new", "b", "c")]
    assert all(later - earlier >= height(Linear()) + GAP for earlier, later in pairwise(tops))
    assert below.y == 100


def test_room_is_made_by_what_follows_and_what_stands_under_it_alone() -> None:
    """A branch beside a chain gets room without a hole in the chain."""
    tight = edits.place(CHAIN, {"b": (0, 70), "c": (0, 140)})
    aside = edits.add(tight, "side", Linear(), (400, 70))
    aside = edits.connect(edits.add(aside, "low", Linear(), (380, 140)), "a", "out", "side", "x")
    grown = edits.insert(aside, "new", Linear(), Wire("a", "out", "side", "x")).graph.nodes
    assert [grown[id].y for id in ("a", "b", "c")] == [tight.graph.nodes[id].y for id in ("a", "b", "c")]
    side, low = grown["side"].y - 70, grown["low"].y - 140
    assert side == low > 0


def test_what_cannot_be_inserted() -> None:
    gone = Wire("a", "out", "c", "x")
    assert refused(edits.insert, CHAIN, "new", ReLU(), gone) == "that wire is no longer there"
    for kind in (Input(), Output(), layer_from_json({"kind": "Imagined"})):
        assert "cannot stand in a wire" in refused(edits.insert, CHAIN, "new", kind, CHAIN.graph.wires[0])
    assert "is taken" in refused(edits.insert, CHAIN, "a", ReLU(), CHAIN.graph.wires[0])


# --------------------------------------------------------------------------- pieces


def test_pasting_gives_new_ids_and_names_and_keeps_the_wires_within() -> None:
    piece = clipboard.from_text(clipboard.to_text(SKIP.graph, ["b", "sum"]))
    pasted = edits.paste(SKIP, piece, (500, 500))
    new = [node for id, node in pasted.graph.nodes.items() if id not in SKIP.graph.nodes]
    assert [(node.name, node.x, node.y) for node in new] == [("linear1", 500, 500), ("add1", 500, 600)]
    assert wires(pasted)[3:] == [f"{new[0].id} {new[1].id}.xs"]
    assert edits.paste(EMPTY, piece, None).graph.nodes["n1"].name == "b", "a free name is kept"
    twice = edits.paste(pasted, piece)
    assert len({node.name for node in twice.graph.nodes.values()}) == 7


def test_a_whole_project_can_be_pasted() -> None:
    assert len(edits.paste(EMPTY, clipboard.from_text(project_file.dumps(CHAIN))).graph.wires) == 2


def test_an_unknown_layer_is_an_ordinary_node() -> None:
    kind = layer_from_json({"kind": "Imagined", "size": 3})
    project = edits.add(CHAIN, "u", kind)
    assert isinstance(project.graph.nodes["u"].kind, Unknown)
    assert "u has no input x" in refused(edits.connect, edits.rename(project, "u", "u"), "a", "out", "u", "x")
    assert "no setting size" in refused(edits.set_param, project, "u", "size", 4)
    assert edits.remove(project, ["u"]) == CHAIN


# --------------------------------------------------------------------------- the rest


def test_title_data_and_recipe() -> None:
    assert edits.set_title(CHAIN, " Größe 2 ").graph.name == "Größe 2"
    for name in ("", "  ", "x" * 81, "two\nlines"):
        assert "expected a name" in refused(edits.set_title, CHAIN, name)
    data, recipe = DataSettings(source=Wine()), Recipe(epochs=3)
    changed = edits.set_recipe(edits.set_data(CHAIN, data), recipe)
    assert (changed.graph, changed.data, changed.recipe) == (CHAIN.graph, data, recipe)
