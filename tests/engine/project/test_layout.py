"""Tidying: nothing overlaps, the trunk is straight, skips pass beside it, few wires cross."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given

from engine import edits
from engine.layers.combine import Add
from engine.layers.dense import Linear
from engine.project import layout
from engine.project.graph import Graph, Node, Wire
from engine.project.layout import BEND, GAP, WIDTH, height, tidy
from engine.project.project import Project
from engine.templates import Template, template, templates
from tests.engine.chains import FLAT, OUT, TEN, WHOLE, chain, joined
from tests.engine.drawings import bounded, networks
from tests.engine.projects import layer

Places = dict[str, tuple[float, float]]


def overlapping(graph: Graph, places: Places) -> list[tuple[str, str]]:
    """Pairs of nodes whose boxes touch, with the gap that is kept between ranks and beside each other."""
    found = []
    for one, two in combinations(places, 2):
        (x, y), (u, v) = places[one], places[two]
        tall, other = height(graph.nodes[one].kind), height(graph.nodes[two].kind)
        if abs(x - u) < WIDTH and y < v + other + GAP and v < y + tall + GAP:
            found.append((one, two))
    return found


def flows_down(graph: Graph, places: Places) -> bool:
    return all(
        places[wire.source][1] + height(graph.nodes[wire.source].kind) + GAP <= places[wire.target][1]
        for wire in graph.wires
        if wire.source in places and wire.target in places
    )


def random_graph(seed: int, nodes: int = 30, extra: int = 15) -> Graph:
    stream = random.Random(seed)
    ids = [f"n{i}" for i in range(nodes)]
    edges = {(ids[stream.randrange(max(0, i - 6), i)], ids[i]) for i in range(1, nodes)}
    while len(edges) < nodes - 1 + extra:
        first, second = sorted(stream.sample(range(nodes), 2))
        if second - first < 12:
            edges.add((ids[first], ids[second]))
    wires = tuple(Wire(a, "out", b, "xs") for a, b in sorted(edges))
    return Graph("Random", {id: Node(id, Add(), id) for id in ids}, wires)


@pytest.mark.parametrize("one", templates(), ids=lambda one: one.id)
def test_templates_are_tidy(one: Template) -> None:
    project = one.project()
    places = {id: (node.x, node.y) for id, node in project.graph.nodes.items()}
    assert tidy(project.graph) == places
    assert not overlapping(project.graph, places)
    assert flows_down(project.graph, places)


def test_a_chain_is_one_straight_line_with_even_gaps() -> None:
    graph = chain(FLAT, layer("Linear"), layer("ReLU"), TEN, OUT).graph
    places = tidy(graph)
    assert len({x for x, _ in places.values()}) == 1
    for above, below in pairwise(graph.order):
        assert places[below][1] - places[above][1] == height(graph.nodes[above].kind) + GAP


def test_the_trunk_stays_straight_past_its_skips() -> None:
    graph = template("digits-resnet").project().graph
    places = tidy(graph)
    lefts = {node.name: places[id][0] for id, node in graph.nodes.items()}
    shortcut = lefts.pop("shortcut")
    assert len(set(lefts.values())) == 1
    assert abs(shortcut - next(iter(lefts.values()))) >= WIDTH


def test_branches_stand_beside_each_other() -> None:
    graph = joined([layer("ReLU")], [layer("Tanh")], "Add").graph
    places = tidy(graph)
    by_name = {node.name: places[id] for id, node in graph.nodes.items()}
    assert by_name["relu1"][1] == by_name["tanh1"][1]
    assert abs(by_name["relu1"][0] - by_name["tanh1"][0]) >= WIDTH


def test_an_input_stands_just_above_what_it_feeds() -> None:
    project = chain(FLAT, layer("ReLU"), layer("Add"), TEN, OUT)
    project = edits.connect(edits.add(project, "late", layer("Input")), "late", "out", "n4", "xs")
    places = tidy(project.graph)
    assert places["late"][1] == places["n3"][1]


def test_there_is_more_room_where_wires_bend() -> None:
    graph = joined([layer("ReLU")], [layer("Tanh")], "Add").graph
    places = tidy(graph)
    first, second = graph.order[0], graph.order[1]
    assert places[second][1] - places[first][1] == height(graph.nodes[first].kind) + BEND


@bounded
@given(networks())
def test_nothing_overlaps_and_all_flows_down(project: Project) -> None:
    places = tidy(project.graph)
    assert set(places) == set(project.graph.nodes)
    assert not overlapping(project.graph, places)
    assert flows_down(project.graph, places)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_overlaps_in_random_graphs(seed: int) -> None:
    graph = random_graph(seed)
    assert not overlapping(graph, tidy(graph))
    assert flows_down(graph, tidy(graph))


def test_few_wires_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against what the library fast-sugiyama 0.5 leaves in the same ranks; igraph leaves 172 together."""
    theirs = (5, 10, 11, 11, 10, 15, 8, 7, 13, 10, 11, 12)
    ours = []
    place = layout._place

    def counted(rows: list[list[layout._Spot]], trunk: set[int]) -> None:
        ours.append(layout._crossings(rows))
        place(rows, trunk)

    monkeypatch.setattr(layout, "_place", counted)
    for seed in range(len(theirs)):
        tidy(random_graph(seed))
    assert sum(ours) <= sum(theirs)
    assert all(one <= 2 + other for one, other in zip(ours, theirs, strict=True))


def test_crossings_are_counted() -> None:
    """By hand: two ranks of three, every pair of wires in the wrong order crosses."""
    upper = [layout._Spot(str(i), 0, WIDTH) for i in range(3)]
    lower = [layout._Spot(str(i), 1, WIDTH) for i in range(3)]
    for one, other in [(0, 2), (1, 1), (2, 0), (0, 0)]:
        layout._join(upper[one], lower[other])
    assert layout._crossings([upper, lower]) == 3


@pytest.mark.parametrize("part", [False, True])
def test_tidying_leaves_the_trunk_where_it_stood_sideways(part: bool) -> None:
    graph = template("digits-resnet").project().graph
    trunk = [id for id, node in graph.nodes.items() if node.name != "shortcut"]
    astray = next(id for id, node in graph.nodes.items() if node.name == "add1")
    side = next(id for id, node in graph.nodes.items() if node.name == "shortcut")
    moved = {id: (700.0, 40.0 + 90 * place) for place, id in enumerate(graph.order)}
    moved |= {astray: (1500.0, moved[astray][1]), side: (100.0, moved[side][1])}
    project = edits.place(Project(graph, WHOLE.data, WHOLE.recipe), moved)
    places = tidy(project.graph, graph.nodes if part else None)
    assert {places[id][0] for id in trunk} == {700.0}
    assert places[side][0] != 700.0


def test_tidying_a_part_keeps_its_top_and_leaves_the_rest() -> None:
    project = edits.place(WHOLE, {"n2": (300, 100), "n3": (200, 130), "n4": (250, 0)})
    places = tidy(project.graph, (id for id in ["n2", "n3", "n4"]))
    assert set(places) == {"n2", "n3", "n4"}
    assert {x for x, _ in places.values()} == {250}, "where its top stood, as no two stood below each other"
    assert min(y for _, y in places.values()) == 0
    assert flows_down(project.graph, places)


def test_tidying_again_changes_nothing() -> None:
    for graph in (template("digits-resnet").project().graph, *(random_graph(seed) for seed in range(3))):
        once = tidy(graph)
        assert tidy(graph) == once
        placed = edits.place(Project(graph, WHOLE.data, WHOLE.recipe), once).graph
        assert not overlapping(placed, tidy(placed))


def test_nothing_to_tidy() -> None:
    assert tidy(Graph()) == {}
    assert tidy(WHOLE.graph, []) == {}
    assert tidy(WHOLE.graph, ["nobody"]) == {}
    assert len(tidy(edits.disconnect(WHOLE, WHOLE.graph.wires).graph)) == 4


def test_a_thousand_layers_are_tidied() -> None:
    graph = random_graph(1, nodes=1000, extra=200)
    line = {f"n{i}": Node(f"n{i}", Linear(), f"n{i}") for i in range(1000)}
    wires = tuple(Wire(f"n{i}", "out", f"n{i + 1}", "x") for i in range(999))
    assert len(tidy(graph)) == 1000
    assert len({x for x, _ in tidy(Graph("Line", line, wires)).values()}) == 1
