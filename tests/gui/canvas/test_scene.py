"""Geometry of the canvas: camera, routes, hit tests, snapping and the edits that make room. No widgets."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from engine import edits
from engine.analysis.check import check
from engine.kinds import Unknown
from engine.message import Message
from engine.project.graph import Graph, Node, Wire
from engine.project.layout import GAP, TALL, WIDTH, height
from engine.project.project import Project
from engine.repairs.refusal import refusal
from engine.templates.builder import Sketch
from gui.canvas.edits import changes
from gui.canvas.geometry import routes
from gui.canvas.geometry.camera import LEAST, MOST, Camera, eased
from gui.canvas.geometry.places import places
from gui.canvas.geometry.scene import Scene
from gui.canvas.geometry.snapping import snap
from gui.canvas.geometry.traces import trace
from tests.gui.canvas.canvas_story import chain, kind

coordinates = st.floats(-5000, 5000)


# --------------------------------------------------------------------------- camera


@given(coordinates, coordinates, st.floats(0.1, 3), st.floats(0.2, 5), st.floats(0, 900), st.floats(0, 700))
def test_zooming_keeps_what_is_under_the_pointer(
    x: float, y: float, scale: float, factor: float, sx: float, sy: float
) -> None:
    camera = Camera(x, y, scale)
    zoomed = camera.zoomed(factor, sx, sy)
    assert LEAST <= zoomed.scale <= MOST
    assert zoomed.to_world(sx, sy) == pytest.approx(camera.to_world(sx, sy), abs=1e-6)
    assert zoomed.to_screen(*zoomed.to_world(sx, sy)) == pytest.approx((sx, sy), abs=1e-6)


def test_fitting_shows_all_of_a_box_and_no_larger_than_asked() -> None:
    for box in ((0, 0, 100, 50), (-3000, 40, 9000, 12000)):
        camera = Camera().fitting(box, 800, 600)
        left, top, right, bottom = camera.view(800, 600)
        assert left <= box[0]
        assert top <= box[1]
        assert right >= box[2]
        assert bottom >= box[3]
        assert camera.scale <= 1


def test_showing_moves_only_as_far_as_needed() -> None:
    camera = Camera()
    assert camera.showing((100, 100, 300, 200), 800, 600) == camera
    right = camera.showing((900, 100, 1000, 200), 800, 600)
    assert right.to_screen(1000, 200)[0] == 800 - 24
    assert right.y == camera.y


def test_a_flight_ends_where_it_should_and_zooms_around_one_point() -> None:
    start, end = Camera(0, 0, 0.5), Camera(300, 200, 2.0)
    assert start.towards(end, 1.0).x == pytest.approx(end.x)
    assert start.towards(end, 1.0).scale == pytest.approx(end.scale)
    # the one point that both cameras show at the same place stays there on the way
    fixed = 300 * 2.0 / (2.0 - 0.5)
    for share in (0.25, 0.5, 0.75):
        between = start.towards(end, share)
        assert between.to_screen(fixed, 0)[0] == pytest.approx(start.to_screen(fixed, 0)[0])
    assert eased(0) == 0
    assert eased(1) == 1
    assert eased(0.5) > 0.5


# --------------------------------------------------------------------------- routes


def test_aligned_ports_are_joined_by_a_straight_line() -> None:
    route = routes.routed(100, 0, 100, 18, [])
    assert list(routes.bends(route)) == []


def test_a_skip_runs_in_its_own_lane_and_bends_in_the_gaps() -> None:
    between = [(0.0, 50.0, 236.0, 100.0), (0.0, 130.0, 236.0, 180.0)]
    route = routes.routed(118, 0, 118, 230, between)
    x0, y0, ya, lane, yb, yc, yd, x1, y1 = route
    assert lane > 236
    assert yb <= 50
    assert yc >= 180
    assert (x0, y0, x1, y1) == (118, 0, 118, 230)
    assert ya <= yb <= yc <= yd


def test_a_branch_goes_down_over_its_target_and_comes_back_in_the_gap() -> None:
    trunk = [(0.0, 60.0, 236.0, 112.0)]
    down = routes.routed(118, 0, -160, 150, trunk)
    assert down[3] == -160
    assert down[4] <= 60
    back = routes.routed(-160, 0, 118, 150, trunk)
    assert back[3] == -160
    assert back[5] >= 112


def test_two_skips_do_not_lie_on_each_other() -> None:
    between = [(0.0, 50.0, 236.0, 100.0)]
    first = routes.routed(118, 0, 118, 150, between)
    second = routes.routed(118, 0, 118, 150, between, [(first[3], first[4], first[5])])
    assert abs(second[3] - first[3]) >= 10


def test_a_wire_that_goes_up_is_still_a_wire() -> None:
    route = routes.routed(0, 300, 200, 0, [(0.0, 100.0, 50.0, 200.0)])
    assert route[:2] == (0, 300)
    assert route[7:] == (200, 0)
    assert np.isfinite(trace(np.array(route))).all()


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.integers(0, 8)), max_size=12, unique=True),
    st.integers(-4, 4),
    st.integers(-4, 4),
)
def test_lanes_never_run_through_a_node(cells: list[tuple[int, int]], start: int, end: int) -> None:
    rects = [(x * 276.0, 60 + y * 92.0, x * 276.0 + 236, 60 + y * 92.0 + 52) for x, y in cells]
    x0, x1, y1 = start * 276.0 + 118, end * 276.0 + 118, 60 + 9 * 92.0 + 20
    route = routes.routed(x0, 0, x1, y1, rects)
    if route == routes.simple(x0, 0, x1, y1):
        return
    lane, yb, yc = route[3:6]
    assert not any(
        left < lane < right and top < yc - 0.1 and bottom > yb + 0.1 for left, top, right, bottom in rects
    )


# --------------------------------------------------------------------------- scene


def residual() -> Graph:
    """n1 Input, n2 Conv2d, n3 ReLU, n4 Conv2d, n5 Add of n4 and n2, n6 Output."""
    sketch = Sketch("Residual")
    first = sketch.chain(sketch.add(kind("Input")), kind("Conv2d", out_channels=4, padding=1))
    second = sketch.chain(first, kind("ReLU"), kind("Conv2d", out_channels=4, padding=1))
    sketch.add(kind("Output"), sketch.add(kind("Add"), first, second))
    project = sketch.project()
    column = dict.fromkeys(project.graph.nodes, (0.0, 0.0))
    top = 0.0
    for id in project.graph.order:
        column[id] = (0.0, top)
        top += height(project.graph.nodes[id].kind) + 40
    return edits.place(project, column).graph


def test_nodes_ports_and_wires_are_found_where_they_are() -> None:
    graph = residual()
    scene = Scene()
    scene.show(graph)
    node = graph.nodes["n3"]
    assert scene.node_at(node.x + 5, node.y + 5) == "n3"
    assert scene.node_at(node.x - 5, node.y + 5) is None
    index = scene.place_at(node.x + WIDTH / 2 + 6, node.y - 5)
    assert index is not None
    assert scene.places[index].entry
    assert scene.ids[scene.place_row[index]] == "n3"
    wire = scene.wire_at(node.x + WIDTH / 2 + 3, node.y - 12)
    assert wire is not None
    assert (wire.source, wire.target) == ("n2", "n3")
    skip = next(wire for wire in graph.wires if (wire.source, wire.target) == ("n2", "n5"))
    lane = scene.routes[scene.wire_index[skip], 3]
    assert scene.wire_at(lane, node.y + 10) == skip
    assert scene.wires_across(lane - 20, node.y, lane + 20, node.y + 4) == [skip]


def test_a_long_title_widens_its_node_to_both_sides_and_the_trunk_stays_straight() -> None:
    scene = Scene()
    scene.show(chain(kind("Flatten"), kind("TransformerEncoderLayer")).graph)
    ordinary, long = (scene.rects[scene.row[id]] for id in ("n2", "n3"))
    assert ordinary[2] == WIDTH < long[2]
    assert ordinary[0] + ordinary[2] / 2 == long[0] + long[2] / 2
    assert scene.node_at(float(long[0]) + 1, float(long[1]) + 5) == "n3"
    assert all(len(set(route[[0, 3, 7]])) == 1 for route in scene.routes)


def test_only_what_is_in_view_is_given() -> None:
    scene = Scene()
    scene.show(residual())
    box = scene.bounds(["n1"])
    assert box is not None
    assert [scene.ids[row] for row in scene.nodes_in(box)] == ["n1"]
    assert len(scene.nodes_in((9000, 9000, 9100, 9100))) == 0
    assert len(scene.wires_in((9000, 9000, 9100, 9100))) == 0


def test_a_pill_has_a_slot_for_each_wire_and_one_on_the_trunk() -> None:
    graph = residual()
    scene = Scene()
    scene.show(graph)
    row = scene.row["n5"]
    slots = [
        place for place in scene.places[scene.first_place[row] : scene.first_place[row + 1]] if place.entry
    ]
    assert [place.slot for place in slots] == [0, 1]
    assert any(place.dx == WIDTH / 2 for place in slots)
    assert abs(slots[1].dx - slots[0].dx) == 18
    assert len(places(kind("Add"), (0,), 0)) == 3


def test_a_followed_change_equals_a_scene_built_anew() -> None:
    project = chain(kind("Conv2d"), kind("ReLU"), kind("Flatten"), kind("Linear"))
    scene = Scene()
    scene.show(project.graph)
    steps = [
        lambda p: edits.move(p, ["n3"], 300, 20),
        lambda p: edits.set_param(p, "n2", "out_channels", 3),
        lambda p: edits.move(p, ["n2", "n4"], -40, 10),
        lambda p: edits.rename(p, "n2", "stem"),
        lambda p: edits.dissolve(p, ["n3"]),
    ]
    for step in steps:
        project = step(project)
        scene.show(project.graph)
        assert_as_anew(scene)


def related() -> list[Graph]:
    """Graphs that have much in common: layers come, go, move and become others, and so do wires."""
    graph = residual()
    lost = Unknown({"kind": "SpikingLIF"}, Message("no such kind"))
    more = Node("n9", kind("Add"), "add2", 500.0, 300.0)
    apart = Node("n8", kind("LSTM"), "lstm1", -400.0, 10.0)
    first, *rest = graph.incoming("n5")
    return [
        graph,
        graph.without(["n3"]),
        graph.without(["n1", "n5"]),
        graph.with_wires(tuple(wire for wire in graph.wires if wire is not first)),
        graph.with_wires((*graph.wires, Wire("n3", "out", "n5", first.input), *rest)),
        graph.with_nodes([evolve(graph.nodes["n2"], kind=lost)]),
        graph.with_nodes([graph.nodes["n4"].at(700.0, 90.0), apart]),
        graph.with_nodes([more]).with_wires((Wire("n4", "out", "n9", first.input), *graph.wires)),
        graph.with_nodes([evolve(graph.nodes["n5"], kind=kind("Conv2d"))]).without(["n2"]),
        Graph("Turned round", dict(reversed(graph.nodes.items())), tuple(reversed(graph.wires))),
        Graph(),
    ]


@given(st.lists(st.sampled_from(related()), min_size=2, max_size=6))
def test_a_scene_is_as_if_built_anew_whatever_it_showed_before(graphs: list[Graph]) -> None:
    scene = Scene()
    for graph in graphs:
        scene.show(graph)
        assert_as_anew(scene)


def assert_as_anew(scene: Scene) -> None:
    """Compare all that a scene tells with one that never showed anything else."""
    anew = Scene()
    anew.show(scene.graph)
    for name in ("ids", "row", "places", "first_place", "wires", "wire_index"):
        assert getattr(scene, name) == getattr(anew, name), name
    for name in ("rects", "place_xy", "place_row", "wire_rows", "wire_places", "wired", "routes", "boxes"):
        np.testing.assert_allclose(getattr(scene, name), getattr(anew, name), err_msg=name)


def test_what_is_displaced_comes_back() -> None:
    scene = Scene()
    scene.show(residual())
    still = scene.rects.copy(), scene.place_xy.copy(), scene.routes.copy()
    rows = np.array([scene.row["n3"], scene.row["n4"]])
    scene.displace(rows, np.array([50.0, 7.0]))
    scene.displace(rows, np.array([90.0, 9.0]))
    assert scene.rects[rows[0], 0] == still[0][rows[0], 0] + 90
    inner = scene.wire_index[next(w for w in scene.wires if (w.source, w.target) == ("n3", "n4"))]
    assert scene.routes[inner, 0] == still[2][inner, 0] + 90
    scene.settle()
    for now, then in zip((scene.rects, scene.place_xy, scene.routes), still, strict=True):
        np.testing.assert_array_equal(now, then)


def test_an_unknown_kind_keeps_its_wires_in_sight() -> None:
    project = chain(kind("Conv2d"), kind("Flatten"))
    lost = Unknown({"kind": "SpikingLIF", "beta": 0.9}, Message("no such kind"))
    node = evolve(project.graph.nodes["n2"], kind=lost)
    scene = Scene()
    scene.show(project.graph.with_nodes([node]))
    assert len(scene.wires) == len(project.graph.wires)


def test_an_empty_network_has_no_geometry() -> None:
    scene = Scene()
    scene.show(Graph())
    assert scene.bounds() is None
    assert scene.node_at(0, 0) is None
    assert scene.place_at(0, 0) is None
    assert scene.wire_at(0, 0) is None


# --------------------------------------------------------------------------- snapping


def test_a_node_lines_up_with_middles_and_keeps_the_usual_gap() -> None:
    others = np.array([(0.0, 0.0, WIDTH, TALL)])
    found = snap(np.array([4.0, TALL + GAP + 5, WIDTH, TALL]), others, 7)
    assert (found.dx, found.dy) == (-4, -5)
    assert len(found.guides) == 1
    beside = snap(np.array([300.0, 3.0, WIDTH, TALL]), others, 7)
    assert (beside.dx, beside.dy) == (0, -3)
    far = snap(np.array([300.0, 300.0, WIDTH, TALL]), others, 7)
    assert (far.dx, far.dy, far.guides) == (0, 0, ())


# --------------------------------------------------------------------------- edits with room


def overlaps(project: Project) -> list[tuple[str, str]]:
    """Pairs of nodes that cover each other."""
    nodes: list[Node] = list(project.graph.nodes.values())
    return [
        (one.id, two.id)
        for i, one in enumerate(nodes)
        for two in nodes[i + 1 :]
        if abs(one.x - two.x) < WIDTH
        and one.y < two.y + height(two.kind)
        and two.y < one.y + height(one.kind)
    ]


def test_an_inserted_layer_finds_room_and_nothing_covers_another() -> None:
    project = chain(kind("Conv2d"), kind("ReLU"), kind("Flatten"), kind("Linear"))
    for wire in project.graph.wires:
        grown = changes.insert(project, kind("Conv2d"), wire)
        assert overlaps(grown) == []
        assert len({node.x for node in grown.graph.nodes.values()}) == 1
        assert grown.graph.order[list(grown.graph.order).index(wire.source) + 1] not in project.graph.nodes


def test_an_inserted_layer_does_not_land_on_what_stands_between() -> None:
    """What hangs on another wire of the same source, and what hangs on none."""
    project = chain(kind("Conv2d"), kind("ReLU"))
    (wire,) = project.graph.outgoing("n2")
    conv = project.graph.nodes["n2"]
    low = edits.move(project, ["n3"], 0, 300)
    for wired in (False, True):
        crowded = edits.add(low, "other", kind("Tanh"), (conv.x, conv.y + height(conv.kind) + GAP))
        if wired:
            crowded = edits.connect(crowded, "n2", "out", "other", "x")
        assert overlaps(changes.insert(crowded, kind("Flatten"), wire)) == []


@pytest.mark.parametrize("source", ["n2", "n4", "n6"])
@pytest.mark.parametrize("beside", ["n1", "n2", "n3", "n4", "n5", "n7"])
def test_a_way_out_beside_a_chain_leaves_the_chain_where_it_stands(source: str, beside: str) -> None:
    """The layer that refuses stands right of the chain: above its source, beside it or below."""
    conv = kind("Conv2d", padding=1)
    project = chain(conv, kind("ReLU"), conv, kind("MaxPool2d"), conv)
    level = project.graph.nodes[beside]
    project = edits.add(project, "right", kind("Linear"), (level.x + 1.2 * WIDTH, level.y))
    refused = refusal(check(project), source, "out", "right", "x")
    assert refused is not None
    for repair in refused.repairs:
        mended = changes.with_room(project, repair.apply(project))
        assert overlaps(mended) == [], str(repair.title)
        own = {id: (node.x, node.y) for id, node in project.graph.nodes.items() if id != "right"}
        assert own == {id: (mended.graph.nodes[id].x, mended.graph.nodes[id].y) for id in own}
        ends = [node.y for id, node in mended.graph.nodes.items() if id in (source, "right")]
        high, low = min(ends) - 2 * (TALL + GAP), max(ends)
        new = [node for id, node in mended.graph.nodes.items() if id not in project.graph.nodes]
        assert all(high <= node.y <= low for node in new), "they stand near the ends of the wire"


def test_a_wire_led_elsewhere_keeps_its_place_in_a_pill() -> None:
    graph = residual()
    project = Project(graph, chain().data, chain().recipe)
    first, second = graph.arriving("n5", "x") or graph.incoming("n5")
    moved = changes.reconnect(project, first, "n3", "out", first.target, first.input)
    assert [wire.source for wire in moved.graph.incoming("n5")] == ["n3", second.source]
    with pytest.raises(Exception, match="already"):
        changes.reconnect(project, first, second.source, second.output, second.target, second.input)
    assert changes.reconnect(project, first, *_ends(first)) is project


def _ends(wire: Wire) -> tuple[str, str, str, str]:
    return wire.source, wire.output, wire.target, wire.input


def test_a_copy_is_fed_by_what_feeds_the_original() -> None:
    project = chain(kind("Conv2d"), kind("ReLU"), kind("Flatten"))
    twice, new = changes.duplicate(project, ["n2", "n3"], (276, 0))
    wires = {(wire.source, wire.target) for wire in twice.graph.wires}
    assert {("n1", new["n2"]), (new["n2"], new["n3"])} <= wires
    assert overlaps(twice) == []
