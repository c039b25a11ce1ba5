"""The parts of the canvas by themselves, without a window: viewport, contents, animations, mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.analysis.check import check
from engine.message import Message
from engine.project.layout import WIDTH, height
from engine.templates.builder import Sketch
from gui.canvas import remembered_view
from gui.canvas.animations import Animations
from gui.canvas.contents import Contents
from gui.canvas.edits import changes
from gui.canvas.geometry.camera import Camera
from gui.canvas.mouse import NOTHING, Under
from gui.canvas.painting.frame import LINES, MIDDLE, PORTS
from gui.canvas.tools.cut import CutTool
from gui.canvas.tools.move import MoveTool
from gui.canvas.tools.pan import PanTool
from gui.canvas.tools.select import BoxTool
from gui.canvas.tools.wire import WireTool
from gui.canvas.viewport import Viewport
from tests.engine.projects import layer
from tests.gui.canvas.canvas_story import chain, kind
from tests.gui.canvas.desk import Desk, Surface

Button, Held = Qt.MouseButton, Qt.KeyboardModifier


@pytest.fixture
def desk() -> Desk:
    """n1 Input, n2 Conv2d, n3 ReLU, n4 Flatten, n5 Linear, n6 Output, all of it in view."""
    conv, linear = kind("Conv2d", out_channels=8, padding=1), kind("Linear", out_features=10)
    return Desk(chain(conv, kind("ReLU"), kind("Flatten"), linear))


# --------------------------------------------------------------------------- the viewport


def test_the_first_look_waits_until_the_size_is_known(desk: Desk) -> None:
    surface = Surface()
    surface.shown = False
    viewport = Viewport(surface, desk.scene, desk.animations)
    viewport.turn_to(desk.workspace.new(desk.workspace.current.project).level, None)
    assert viewport.camera == Camera()
    surface.shown = True
    viewport.place()
    left, top, right, bottom = viewport.box()
    box = desk.scene.bounds() or (0, 0, 0, 0)
    assert left < box[0] < box[2] < right
    assert top < box[1] < box[3] < bottom
    found = viewport.camera
    viewport.pan(100, 0)
    viewport.place()
    assert viewport.camera == found.panned(100, 0), "there is one first look only"


def test_every_level_keeps_its_camera(desk: Desk) -> None:
    desk.answers.name = "Stage"
    desk.level.select({"n2", "n3"})
    desk.block_commands.fold()
    desk.viewport.look_from(Camera(10, 20, 0.5))
    desk.level.enter("n7")
    assert desk.viewport.camera != Camera(10, 20, 0.5)
    desk.viewport.look_from(Camera(30, 40, 2.0))
    desk.level.leave()
    assert desk.viewport.camera == Camera(10, 20, 0.5)
    desk.level.enter("n7")
    assert desk.viewport.camera == Camera(30, 40, 2.0)


def test_a_file_is_looked_at_as_it_was_left_if_it_is_still_to_be_seen(desk: Desk, tmp_path: Path) -> None:
    file, level = tmp_path / "kept.loom", desk.workspace.new(chain()).level
    for left, again in ((Camera(-200, -100, 0.9), True), (Camera(90_000, 0, 0.9), False)):
        remembered_view.keep(file, left, 900, "training")
        viewport = Viewport(Surface(), desk.scene, desk.animations)
        level.camera = None
        viewport.turn_to(level, file)
        assert (viewport.camera == left) is again


def test_a_wider_view_keeps_its_middle_and_every_move_is_told(desk: Desk) -> None:
    told: list[Camera] = []
    desk.viewport.moved.connect(lambda: told.append(desk.viewport.camera))
    before = desk.viewport.camera
    desk.surface.size = (1100, 700)
    desk.viewport.resized(200)
    assert desk.viewport.camera == before.panned(100, 0)
    desk.viewport.zoom_by(2)
    desk.viewport.reveal(["n1"])
    assert told[0] == before.panned(100, 0)
    assert told[-1] == desk.viewport.camera == desk.level.camera


@pytest.mark.parametrize("layers", [3, 12, 25, 120])
def test_a_network_opens_fitted_while_kinds_can_be_read_and_else_from_its_top(layers: int) -> None:
    desk = Desk(chain(*[kind("Conv2d", padding=1)] * layers))
    left, top, right, bottom = desk.viewport.box()
    box = desk.scene.bounds() or (0, 0, 0, 0)
    assert left < box[0] < box[2] < right
    assert top < box[1]
    assert (box[3] < bottom) is (layers < 30)
    assert desk.viewport.camera.scale >= (MIDDLE if layers < 30 else LINES)


def test_until_one_looks_elsewhere_a_view_of_another_size_shows_all_of_it(desk: Desk) -> None:
    def seen() -> bool:
        left, top, right, bottom = desk.viewport.box()
        box = desk.scene.bounds() or (0, 0, 0, 0)
        return left < box[0] and top < box[1] and box[2] < right and box[3] < bottom

    for size in ((900, 300), (400, 600), (900, 350)):
        wider = size[0] - desk.surface.size[0]
        desk.surface.size = size
        desk.viewport.resized(wider)
        assert seen()
    desk.viewport.zoom_at(0.9, 450, 175)
    scale = desk.viewport.camera.scale
    desk.surface.size = (900, 200)
    desk.viewport.resized(0)
    assert desk.viewport.camera.scale == scale


@pytest.mark.parametrize("scale", [PORTS, 0.5, 0.6, 0.69, 0.7, 1.0, 1.7])
def test_ports_are_taken_wherever_they_are_seen(desk: Desk, scale: float) -> None:
    desk.viewport.look_from(Camera(-200, -50, scale))
    for index, (x, y) in enumerate(desk.scene.place_xy.tolist()):
        place = QPointF(*desk.viewport.camera.to_screen(x, y))
        for aside in (-2.9, 0, 2.9):
            under = desk.mouse.under(desk.mouse.pointer(place + QPointF(aside, 0)))
            assert under == Under(place=index)
    for id, (x, y, _, _) in zip(desk.scene.ids, desk.scene.rects.tolist(), strict=True):
        middle = QPointF(*desk.viewport.camera.to_screen(x + 60, y + 14))
        assert desk.mouse.under(desk.mouse.pointer(middle)) == Under(node=id)


def test_ports_too_small_to_be_seen_are_not_in_the_way(desk: Desk) -> None:
    desk.viewport.look_from(Camera(-200, -50, PORTS - 0.01))
    x, y = desk.scene.place_xy[desk.scene.place_of("n2", "x", True)].tolist()
    place = QPointF(*desk.viewport.camera.to_screen(x, y + 3))
    assert desk.mouse.under(desk.mouse.pointer(place)) == Under(node="n2")


def test_fitting_the_selection_shows_it_larger_than_all(desk: Desk) -> None:
    desk.surface.size = (300, 200)
    desk.viewport.fit()
    whole = desk.viewport.camera.scale
    desk.level.select({"n2"})
    desk.viewport.fit_selection()
    assert desk.viewport.camera.scale > whole
    desk.level.select(())
    desk.viewport.fit_selection()
    assert desk.viewport.camera.scale == pytest.approx(whole)


# --------------------------------------------------------------------------- contents and animations


def test_what_moves_by_itself_ends_where_it_should(gui: QApplication, qtbot: QtBot) -> None:
    animations, steps = Animations(), []
    animations.motion = False
    animations.start(1.0, steps.append)
    assert steps == [1.0], "where nothing may move it is at its end at once"
    animations.motion = True
    steps.clear()
    animations.start(60.0, steps.append, "name")
    animations.start(0.05, steps.append, "name")
    qtbot.waitUntil(lambda: bool(steps) and steps[-1] == 1.0, timeout=20_000)
    assert steps == sorted(steps), "the newer took the place of the older"


def test_nodes_that_an_edit_moved_glide_there(gui: QApplication, desk: Desk, qtbot: QtBot) -> None:
    desk.animations.motion = True
    contents = Contents(desk.level, desk.animations)
    contents.turn_to(desk.level)
    row, before = contents.scene.row["n3"], desk.graph.nodes["n3"].x
    desk.do(edits.move, ["n3"], 100, 0, label=Message("Move"))
    contents.follow(glide=True)
    assert contents.scene.rects[row, 0] == before, "still there, on its way"
    qtbot.waitUntil(lambda: contents.scene.rects[row, 0] == before + 100, timeout=20_000)
    desk.do(edits.move, ["n3"], -100, 0, label=Message("Move"))
    contents.follow(glide=False)
    assert contents.scene.rects[row, 0] == before, "a hand has put it there"


def test_shapes_grow_old_until_a_check_comes(gui: QApplication, desk: Desk, qtbot: QtBot) -> None:
    document = desk.workspace.current
    document.take_analysis(document.project, check(document.project))
    desk.contents.know()
    assert not desk.contents.stale
    desk.do(edits.set_param, "n2", "out_channels", 4, label=Message("Set"))
    assert not desk.contents.stale, "a quick check comes before"
    qtbot.waitUntil(lambda: desk.contents.stale, timeout=20_000)
    document.take_analysis(document.project, check(document.project))
    desk.contents.know()
    assert not desk.contents.stale
    assert desk.contents.labels.facts("n2").parameters == 4 * 9 + 4  # type: ignore[union-attr]


def test_what_is_open_is_told_in_words(desk: Desk) -> None:
    assert desk.contents.description() == "Network Chain, 6 layers, 5 wires.", "not looked at yet"
    document = desk.workspace.current
    document.take_analysis(document.project, check(document.project))
    assert desk.contents.description() == "Network Chain, 6 layers, 5 wires, 0 problems."
    desk.do(edits.set_param, "n5", "each", True, label=Message("Set"))
    document.do(edits.disconnect, [desk.graph.wires[2]], label=Message("Cut"))
    document.take_analysis(document.project, check(document.project))
    assert desk.contents.description() == "Network Chain, 6 layers, 4 wires, 1 problem."
    document.undo()
    document.take_analysis(document.project, check(document.project))
    desk.level.select({"n3", "n2"})
    assert (
        desk.contents.description() == "Network Chain, 6 layers, 5 wires, 0 problems. Selected: conv1, relu1."
    )
    desk.answers.name = "Stage"
    desk.block_commands.fold()
    desk.level.enter("n7")
    assert desk.contents.description().startswith("Inside the block Stage, 4 layers, 3 wires")


# --------------------------------------------------------------------------- the mouse


def at(desk: Desk, x: float, y: float) -> QPointF:
    """The place in the view of canvas coordinates."""
    return QPointF(*desk.viewport.camera.to_screen(x, y))


def press(
    desk: Desk, place: QPointF, held: Held = Held.NoModifier, button: Button = Button.LeftButton
) -> None:
    desk.mouse.press(QMouseEvent(QEvent.Type.MouseButtonPress, place, place, button, button, held))


def move(desk: Desk, place: QPointF, pressed: Button = Button.LeftButton) -> None:
    event = QEvent.Type.MouseMove
    desk.mouse.move(QMouseEvent(event, place, place, Button.NoButton, pressed, Held.NoModifier))


def release(desk: Desk, place: QPointF, button: Button = Button.LeftButton) -> None:
    event = QEvent.Type.MouseButtonRelease
    desk.mouse.release(QMouseEvent(event, place, place, button, Button.NoButton, Held.NoModifier))


def on_node(desk: Desk, id: str) -> QPointF:
    """A place on a node, away from its ports."""
    x, y, *_ = desk.scene.rects[desk.scene.row[id]].tolist()
    return at(desk, x + 60, y + 14)


def on_output(desk: Desk, id: str) -> QPointF:
    index = desk.scene.place_of(id, "out", False)
    return at(desk, *desk.scene.place_xy[index].tolist())


def test_what_lies_there_decides_which_tool_begins(desk: Desk) -> None:
    empty = QPointF(20, 300)
    for place, held, button, tool in (
        (empty, Held.NoModifier, Button.LeftButton, BoxTool),
        (empty, Held.NoModifier, Button.MiddleButton, PanTool),
        (empty, Held.ControlModifier | Held.ShiftModifier, Button.LeftButton, CutTool),
        (on_output(desk, "n3"), Held.NoModifier, Button.LeftButton, WireTool),
    ):
        press(desk, place, held, button)
        assert type(desk.mouse.tool) is tool
        desk.mouse.cancel()
        assert desk.mouse.tool is None
    press(desk, on_node(desk, "n3"))
    assert desk.mouse.tool is None, "it may be a click"
    assert desk.current == "n3"
    move(desk, on_node(desk, "n3") + QPointF(9, 0))
    assert type(desk.mouse.tool) is MoveTool
    assert desk.mouse.escape()
    assert not desk.mouse.escape()


def test_the_knife_and_the_space_bar_change_what_a_drag_does(desk: Desk) -> None:
    place = on_node(desk, "n3")
    desk.mouse.take_knife()
    assert desk.mouse.escape()
    desk.mouse.take_knife()
    press(desk, place)
    assert type(desk.mouse.tool) is CutTool
    release(desk, place)
    desk.mouse.hold_space(True)
    assert desk.cursors[-1] == Qt.CursorShape.OpenHandCursor
    press(desk, place)
    assert type(desk.mouse.tool) is PanTool
    before = desk.viewport.camera
    move(desk, place + QPointF(30, 0))
    release(desk, place + QPointF(30, 0))
    assert desk.viewport.camera == before.panned(30, 0)
    desk.mouse.hold_space(False)
    assert desk.cursors[-1] == Qt.CursorShape.ArrowCursor


def test_what_is_under_the_mouse_is_known_until_it_leaves(desk: Desk) -> None:
    move(desk, on_node(desk, "n3"), Button.NoButton)
    assert desk.mouse.hovered == Under(node="n3")
    move(desk, on_output(desk, "n3"), Button.NoButton)
    assert desk.mouse.hovered == Under(place=desk.scene.place_of("n3", "out", False))
    assert desk.cursors[-1] == Qt.CursorShape.CrossCursor
    move(desk, QPointF(-5, 3), Button.NoButton)
    assert desk.mouse.hovered == NOTHING


def test_a_wire_let_go_over_nothing_asks_what_comes_there(desk: Desk) -> None:
    start = on_output(desk, "n3")
    press(desk, start)
    move(desk, QPointF(800, 300))
    release(desk, QPointF(800, 300))
    ((end, wire),) = desk.searched
    assert (end.id, wire) == ("n3", None)  # type: ignore[union-attr]


def test_a_folded_block_covers_no_other_layer() -> None:
    sketch = Sketch("Fold")
    x = sketch.add(layer("Input"))
    side, trunk = sketch.add(layer("Identity"), x), sketch.add(layer("ReLU"), x)
    total = sketch.add(layer("Add"), side, trunk)
    sketch.chain(total, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    project = sketch.project()
    for chosen in ([side, total], [total], [side], [trunk, total]):
        folded = changes.fold(project, chosen, "Piece", "n99")
        block = folded.graph.nodes["n99"]
        for other in folded.graph.nodes.values():
            beside = abs(other.x - block.x) >= WIDTH
            above = other.y + height(other.kind) <= block.y
            below = block.y + height(block.kind) <= other.y
            assert other is block or beside or above or below, (chosen, other.name)
