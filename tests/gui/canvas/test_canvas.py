"""Gestures on the canvas by mouse and keyboard; what they did is read in the document."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import kinds
from engine.project.graph import Wire
from engine.repairs.propose import propose
from engine.repairs.repair import Repair
from gui.canvas import menus
from gui.canvas.tools.wire import end_at
from gui.canvas.widget import CanvasWidget
from gui.document.workspace import Workspace
from tests.gui.canvas.canvas_story import CTRL, LEFT, NONE, SHIFT, Hand, chain, kind

Key = Qt.Key
STILL = QPoint()


@pytest.fixture
def workspace(gui: QApplication) -> Workspace:
    """A network n1 Input, n2 Conv2d, n3 ReLU, n4 Flatten, n5 Linear, n6 Output, analysed."""
    import torch  # noqa: F401  (once it is there, a small network is checked at once)

    layers = (
        kind("Conv2d", out_channels=8, padding=1),
        kind("ReLU"),
        kind("Flatten"),
        kind("Linear", out_features=10),
    )
    return Workspace(chain(*layers))


@pytest.fixture
def hand(workspace: Workspace, qtbot: object) -> Hand:
    """A hand on a canvas that shows the whole network at 100 %."""
    canvas = CanvasWidget(workspace)
    qtbot.addWidget(canvas)  # type: ignore[attr-defined]
    canvas.animations.motion = False
    canvas.resize(900, 700)
    canvas.show()
    canvas.setFocus()
    canvas.viewport.look_from(canvas.viewport.camera.at_scale(1.0, 450, 350))
    canvas.viewport.fit()
    assert canvas.viewport.camera.scale == 1.0
    return Hand(canvas)


def test_a_click_selects_shift_adds_and_ctrl_takes_out(hand: Hand) -> None:
    document = hand.canvas.level
    hand.click(hand.on("n2"))
    assert document.selection == {"n2"}
    hand.click(hand.on("n4"), SHIFT)
    assert document.selection == {"n2", "n4"}
    hand.click(hand.on("n2"), CTRL)
    assert document.selection == {"n4"}
    hand.click(QPoint(20, 300))
    assert document.selection == set()


def test_a_box_selects_what_it_touches_and_esc_takes_it_back(hand: Hand) -> None:
    start, end = hand.on("n2", -30, -6), hand.on("n4", 300, 10)
    hand.hold(start, end)
    assert hand.canvas.level.selection == {"n2", "n3", "n4"}
    hand.key(Key.Key_Escape)
    assert hand.canvas.level.selection == set()
    QTest.mouseRelease(hand.canvas, LEFT, NONE, end)
    hand.drag(start, end)
    assert hand.canvas.level.selection == {"n2", "n3", "n4"}


def test_a_drag_moves_the_selection_in_one_step_of_undo(hand: Hand) -> None:
    document, before = hand.canvas.level, hand.graph
    hand.click(hand.on("n2"))
    hand.click(hand.on("n3"), SHIFT)
    start = hand.on("n3")
    hand.hold(start, start + QPoint(90, 10), start + QPoint(200, 40))
    assert hand.graph is before  # nothing changes until the button is let go
    QTest.mouseRelease(hand.canvas, LEFT, NONE, start + QPoint(200, 40))
    shifts = {
        id: (hand.node(id).x - before.nodes[id].x, hand.node(id).y - before.nodes[id].y)
        for id in before.nodes
    }
    assert shifts["n2"] == shifts["n3"]
    assert shifts["n2"] == pytest.approx((200, 40), abs=8)
    assert shifts["n4"] == (0, 0)
    document.undo()
    assert hand.graph == before
    assert not hand.canvas.workspace.current.history.undo_label


def test_a_moved_node_lines_up_with_its_neighbours(hand: Hand) -> None:
    hand.drag(hand.on("n5"), hand.on("n5") + QPoint(300, 0))
    assert hand.node("n5").x > hand.node("n4").x + 290
    start = hand.on("n5")
    hand.drag(start, start + QPoint(-200, 0), start + QPoint(-296, 0))
    assert hand.node("n5").x == hand.node("n4").x


def test_esc_gives_a_move_up(hand: Hand) -> None:
    before = hand.graph
    start = hand.on("n3")
    hand.hold(start, start + QPoint(150, 80))
    assert hand.canvas.scene.rects[hand.canvas.scene.row["n3"], 0] != before.nodes["n3"].x
    hand.key(Key.Key_Escape)
    QTest.mouseRelease(hand.canvas, LEFT, NONE, start + QPoint(150, 80))
    assert hand.graph is before
    assert hand.canvas.scene.rects[hand.canvas.scene.row["n3"], 0] == before.nodes["n3"].x


def test_a_layer_dropped_from_the_palette_stands_where_it_was_dropped(hand: Hand) -> None:
    place = QPoint(780, 200)
    hand.drop("Dropout", place)
    node = hand.node("n7")
    x, y = hand.canvas.viewport.camera.to_world(place.x(), place.y())
    assert type(node.kind).__name__ == "Dropout"
    assert (node.x + 118, node.y + 14) == pytest.approx((x, y), abs=20)
    assert hand.canvas.level.selection == {"n7"}


def test_a_layer_dropped_on_a_wire_goes_into_it_and_finds_room(hand: Hand) -> None:
    import json

    below = hand.node("n4").y
    middle = (hand.out("n3") + hand.port("n4")) / 2
    hand.drop(json.dumps(kinds.to_json(kind("Dropout", rate=0.25))), middle)
    assert ("n3", "n7") in hand.wires()
    assert ("n7", "n4") in hand.wires()
    assert ("n3", "n4") not in hand.wires()
    assert hand.node("n7").kind == kind("Dropout", rate=0.25)
    assert hand.node("n7").x == hand.node("n3").x
    assert hand.node("n4").y > below
    assert hand.node("n7").y + 28 < hand.node("n4").y
    hand.canvas.level.undo()
    assert hand.node("n4").y == below


def test_something_else_dragged_in_is_left_alone(hand: Hand) -> None:
    hand.drop("NoSuchLayer", QPoint(700, 200))
    assert len(hand.graph.nodes) == 6
    assert hand.canvas.mouse.tool is None


def test_a_wire_is_drawn_from_an_output_to_an_input_that_fits(hand: Hand) -> None:
    hand.drop("Linear", QPoint(750, 620))
    hand.drag(hand.out("n4"), hand.port("n7") + QPoint(-60, -40), hand.port("n7") + QPoint(9, -7))
    assert Wire("n4", "out", "n7", "x") in hand.graph.wires
    hand.canvas.level.undo()
    hand.drag(hand.port("n7"), QPoint(600, 300), hand.out("n4"))
    assert Wire("n4", "out", "n7", "x") in hand.graph.wires


def test_a_wire_that_does_not_fit_is_refused_with_the_reason_and_a_repair_draws_it(hand: Hand) -> None:
    hand.drop("Linear", QPoint(760, 500))
    before = hand.graph
    hand.drag(hand.out("n3"), hand.port("n7") + QPoint(-20, -30), hand.port("n7"))
    bubble = hand.canvas.overlays.bubble
    assert hand.graph is before
    assert bubble.isVisible()
    assert "Linear expects N×features" in bubble.accessibleName()
    assert 1 <= len(hand.ways_out()) <= 3
    assert all(repair.parameters_delta is not None for repair in hand.ways_out())
    assert bubble.accessibleDescription().endswith(f"{len(bubble.repairs)}: {bubble.repairs[-1].title}")
    QTest.keyClick(bubble, Key.Key_1)
    added = set(hand.graph.nodes) - set(before.nodes)
    assert len(added) == 1
    flatten = added.pop()
    assert type(hand.node(flatten).kind).__name__ == "Flatten"
    assert {("n3", flatten), (flatten, "n7")} <= hand.wires()
    hand.canvas.level.undo()
    assert hand.graph == before


def test_ways_out_are_sought_beside_the_window_and_one_pressed_meanwhile_is_made(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, found = [], threading.Event()

    def watched(*asked: object) -> tuple[Repair, ...]:
        threads.append(threading.current_thread())
        found.wait(20)
        return propose(*asked)

    monkeypatch.setattr("engine.repairs.refusal.propose", watched)
    hand.drop("Linear", QPoint(760, 500))
    before = hand.graph
    hand.drag(hand.out("n3"), hand.port("n7"))
    bubble = hand.canvas.overlays.bubble
    assert (bubble.isVisible(), bubble.seeking, bubble.repairs) == (True, True, ())
    low = bubble.height()
    hand.canvas.grab()
    QTest.keyClick(bubble, Key.Key_1)
    assert (bubble.isVisible(), hand.graph) == (True, before)
    found.set()
    first = hand.ways_out()[0]
    assert threading.main_thread() not in threads
    assert bubble.height() > low
    assert not bubble.isVisible()
    assert str(first.title) == "Insert Flatten"
    assert len(hand.graph.nodes) == len(before.nodes) + 1


def test_ways_out_of_a_wire_that_was_let_go_of_are_not_shown_at_the_next(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = threading.Event()

    def watched(*asked: object) -> tuple[Repair, ...]:
        found.wait(20)
        return propose(*asked)

    monkeypatch.setattr("engine.repairs.refusal.propose", watched)
    hand.drop("Linear", QPoint(760, 500))
    hand.drag(hand.out("n3"), hand.port("n7"))
    QTest.keyClick(hand.canvas.overlays.bubble, Key.Key_Escape)
    hand.drag(hand.out("n5"), hand.on("n2", 30, 30), hand.on("n2", 30, 30))
    found.set()
    assert "Insert Flatten" not in [str(repair.title) for repair in hand.ways_out()]
    assert "circle" in hand.canvas.overlays.bubble.accessibleName()


def test_tab_walks_through_the_ways_out_and_keeps_the_bubble(hand: Hand) -> None:
    hand.drop("Linear", QPoint(760, 500))
    hand.drag(hand.out("n3"), hand.port("n7") + QPoint(-20, -30), hand.port("n7"))
    bubble = hand.canvas.overlays.bubble
    assert len(hand.ways_out()) > 1
    QTest.keyClick(bubble, Key.Key_Tab)
    assert (bubble.isVisible(), bubble.chosen) == (True, 1)
    QTest.keyClick(bubble, Key.Key_Backtab)
    assert bubble.chosen == 0


def test_esc_lets_go_of_a_refused_wire(hand: Hand) -> None:
    hand.drop("Linear", QPoint(760, 500))
    before = hand.graph
    hand.drag(hand.out("n3"), hand.port("n7"))
    QTest.keyClick(hand.canvas.overlays.bubble, Key.Key_Escape)
    assert not hand.canvas.overlays.bubble.isVisible()
    assert hand.graph is before


def test_a_circle_is_refused_in_words(hand: Hand) -> None:
    hand.drop("Add", QPoint(760, 300))
    hand.drag(hand.out("n3"), hand.port("n7"))
    hand.drag(hand.out("n7"), hand.port("n7", slot=1) + QPoint(0, 0))
    assert ("n7", "n7") not in hand.wires()
    hand.drag(hand.out("n5"), hand.on("n2", 30, 30), hand.on("n2", 30, 30))
    assert "circle" in hand.canvas.overlays.bubble.accessibleName()


def test_a_full_pill_takes_another_wire_and_grows(hand: Hand) -> None:
    hand.drop("Add", QPoint(760, 420))
    hand.drop("ReLU", QPoint(760, 150))
    hand.drag(hand.out("n2"), hand.port("n8"))
    for source in ("n2", "n3", "n8"):
        hand.drag(hand.out(source), hand.on("n7", 118, 20))
    assert [wire.source for wire in hand.graph.incoming("n7")] == ["n2", "n3", "n8"]
    hand.port("n7", slot=2)


def test_a_second_wire_into_a_port_may_replace_the_first(hand: Hand) -> None:
    hand.drop("ReLU", QPoint(760, 250))
    hand.drag(hand.out("n2"), hand.port("n7"))
    hand.drag(hand.out("n7"), hand.port("n4"))
    assert hand.canvas.overlays.bubble.isVisible()
    hand.ways_out()
    QTest.keyClick(hand.canvas.overlays.bubble, Key.Key_Return)
    assert ("n7", "n4") in hand.wires()
    assert ("n3", "n4") not in hand.wires()


def test_a_wire_that_does_not_fit_may_replace_the_first_together_with_what_makes_it_fit(hand: Hand) -> None:
    before = {id: (node.x, node.y) for id, node in hand.graph.nodes.items()}
    name = hand.node("n5").name
    hand.drag(hand.out("n2"), hand.on("n5", 30, 30), hand.on("n5", 30, 30))
    bubble = hand.canvas.overlays.bubble
    assert bubble.accessibleName().startswith(f"{name} takes one wire"), "a name is not rewritten"
    hand.ways_out()
    QTest.keyClick(bubble, Key.Key_1)
    (flatten,) = set(hand.graph.nodes) - set(before)
    assert {("n2", flatten), (flatten, "n5")} <= hand.wires()
    assert ("n4", "n5") not in hand.wires()
    assert hand.canvas.level.analysis is not None
    assert not hand.canvas.level.analysis.errors


def test_the_end_of_a_wire_is_led_elsewhere_in_one_step(hand: Hand) -> None:
    hand.drop("ReLU", QPoint(760, 420))
    before = hand.graph
    hand.drag(hand.port("n4"), hand.port("n7") + QPoint(-40, -40), hand.port("n7"))
    assert ("n3", "n7") in hand.wires()
    assert ("n3", "n4") not in hand.wires()
    hand.canvas.level.undo()
    assert hand.graph == before


def test_the_end_of_a_wire_dropped_in_empty_space_removes_it(hand: Hand) -> None:
    hand.drag(hand.port("n4"), QPoint(760, 420), QPoint(760, 430))
    assert ("n3", "n4") not in hand.wires()


def test_a_node_without_wires_dropped_on_a_wire_goes_into_it(hand: Hand) -> None:
    hand.drop("Dropout", QPoint(780, 120))
    middle = (hand.out("n3") + hand.port("n4")) / 2
    grip = hand.on("n7") - hand.on("n7", 118, 14)
    hand.drag(hand.on("n7"), middle + grip + QPoint(30, 0), middle + grip)
    assert {("n3", "n7"), ("n7", "n4")} <= hand.wires()
    hand.canvas.level.undo()
    assert ("n3", "n4") in hand.wires()


def test_the_short_wire_between_neighbours_can_be_taken_and_its_ports_too(hand: Hand) -> None:
    canvas = hand.canvas
    upper, lower = hand.out("n1"), hand.port("n2")
    assert lower.y() - upper.y() < 24  # both ports reach over all of it
    middle = (upper + lower) / 2
    hand.click(middle)
    assert [(wire.source, wire.target) for wire in canvas.level.wire_selection] == [("n1", "n2")]
    for place, id in (
        (upper, "n1"),
        (lower, "n2"),
        (upper - QPoint(0, 8), "n1"),
        (lower + QPoint(0, 8), "n2"),
    ):
        index, _, _ = canvas.mouse.under(canvas.mouse.pointer(QPointF(place), NONE))
        assert index is not None
        assert end_at(canvas.scene, index).id == id


def test_the_second_half_of_a_double_click_elsewhere_does_nothing_here(hand: Hand) -> None:
    canvas, empty = hand.canvas, QPoint(30, 30)
    canvas.hide()
    canvas.show()
    QTest.mouseDClick(canvas, LEFT, NONE, empty)
    assert not canvas.overlays.finder.isVisible()
    hand.double_click(empty)
    assert canvas.overlays.finder.isVisible()


def test_the_knife_cuts_every_wire_it_crosses_in_one_step(hand: Hand) -> None:
    at = (hand.out("n3") + hand.port("n4")) / 2
    hand.drag(at - QPoint(60, 0), at + QPoint(60, 1), held=CTRL | SHIFT)
    assert ("n3", "n4") not in hand.wires()
    assert len(hand.graph.wires) == 4
    hand.canvas.level.undo()
    hand.key(Key.Key_K)
    hand.drag(at - QPoint(60, 0), at + QPoint(60, 1))
    assert len(hand.graph.wires) == 4


def test_delete_dissolve_and_mute(hand: Hand) -> None:
    hand.click(hand.on("n3"))
    hand.key(Key.Key_M)
    assert hand.node("n3").muted
    hand.key(Key.Key_M)
    assert not hand.node("n3").muted
    hand.key(Key.Key_Delete, CTRL)
    assert "n3" not in hand.graph.nodes
    assert ("n2", "n4") in hand.wires()
    hand.canvas.level.undo()
    assert hand.canvas.level.selection == {"n3"}
    hand.key(Key.Key_Delete)
    assert "n3" not in hand.graph.nodes
    assert ("n2", "n4") in hand.wires()
    hand.canvas.level.undo()
    hand.key(Key.Key_Delete, SHIFT)
    assert "n3" not in hand.graph.nodes
    assert ("n2", "n4") not in hand.wires()


def test_a_wire_is_selected_and_deleted(hand: Hand) -> None:
    wire = Wire("n3", "out", "n4", "x")
    hand.drag(hand.on("n6"), hand.on("n6") + QPoint(0, 60))
    start, end = hand.out("n5"), hand.port("n6")
    hand.click((start + end) / 2)
    chosen = hand.canvas.level.wire_selection
    assert [(one.source, one.target) for one in chosen] == [("n5", "n6")]
    hand.key(Key.Key_Delete)
    assert ("n5", "n6") not in hand.wires()
    assert wire in hand.graph.wires


def test_copy_and_paste_go_by_text_also_into_another_window(hand: Hand, qtbot: object) -> None:
    hand.drag(hand.on("n2", -30, -6), hand.on("n3", 300, 10))
    hand.key(Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text().startswith("{")
    hand.key(Key.Key_V, CTRL)
    assert len(hand.graph.nodes) == 8
    assert ("n7", "n8") in hand.wires()
    assert hand.canvas.level.selection == {"n7", "n8"}
    other = CanvasWidget(Workspace())
    qtbot.addWidget(other)  # type: ignore[attr-defined]
    other.show()
    other.setFocus()
    QTest.keyClick(other, Key.Key_V, CTRL)
    assert [type(node.kind).__name__ for node in other.level.project.graph.nodes.values()] == [
        "Conv2d",
        "ReLU",
    ]


def test_what_is_pasted_again_stands_a_step_of_the_grid_further(hand: Hand) -> None:
    hand.click(hand.on("n3"))
    hand.key(Key.Key_C, CTRL)
    for _ in range(3):
        hand.key(Key.Key_V, CTRL)
    first, second, third = (hand.node(id) for id in ("n7", "n8", "n9"))
    assert [(one.x - first.x, one.y - first.y) for one in (second, third)] == [(24, 24), (48, 48)]
    hand.canvas.level.undo()
    hand.key(Key.Key_V, CTRL)
    assert (hand.node("n9").x, hand.node("n9").y) == (third.x, third.y)


def test_layers_are_pasted_at_the_pointer(hand: Hand, qtbot: QtBot) -> None:
    hand.click(hand.on("n3"))
    hand.key(Key.Key_C, CTRL)
    place = QPoint(200, 500)
    QCursor.setPos(hand.canvas.mapToGlobal(place))
    qtbot.waitUntil(hand.canvas.underMouse)
    hand.key(Key.Key_V, CTRL)
    rect = hand.canvas.scene.rects[hand.canvas.scene.row["n7"]].tolist()
    x, y = hand.canvas.viewport.camera.to_world(place.x(), place.y())
    assert rect[0] < x < rect[0] + rect[2]
    assert rect[1] <= y <= rect[1] + rect[3]


def test_pasting_something_else_says_so_and_changes_nothing(hand: Hand, workspace: Workspace) -> None:
    said: list[object] = []
    workspace.notice.connect(said.append)
    QGuiApplication.clipboard().setText("once upon a time")
    before = hand.graph
    hand.key(Key.Key_V, CTRL)
    assert hand.graph is before
    assert len(said) == 1


def test_duplicates_keep_what_feeds_them(hand: Hand) -> None:
    hand.click(hand.on("n3"))
    hand.click(hand.on("n4"), SHIFT)
    hand.key(Key.Key_D, CTRL)
    assert {("n2", "n7"), ("n7", "n8")} <= hand.wires()
    assert hand.node("n7").x > hand.node("n3").x + 200
    hand.canvas.level.undo()
    assert len(hand.graph.nodes) == 6


def test_cut_takes_away_what_it_copies(hand: Hand) -> None:
    hand.click(hand.on("n3"))
    hand.key(Key.Key_X, CTRL)
    assert "n3" not in hand.graph.nodes
    assert "ReLU" in QGuiApplication.clipboard().text()


def test_f2_renames_in_place_and_esc_keeps_the_name(hand: Hand) -> None:
    hand.click(hand.on("n2"))
    hand.key(Key.Key_F2)
    edit = hand.canvas.overlays.renaming
    assert edit.isVisible()
    QTest.keyClicks(edit, "stem")
    QTest.keyClick(edit, Key.Key_Return)
    assert hand.node("n2").name == "stem"
    hand.key(Key.Key_F2)
    QTest.keyClicks(edit, "other")
    QTest.keyClick(edit, Key.Key_Escape)
    assert hand.node("n2").name == "stem"
    assert not edit.isVisible()


def test_arrows_walk_along_wires_and_shift_nudges_in_one_step(hand: Hand) -> None:
    document = hand.canvas.level
    hand.key(Key.Key_Down)
    assert document.selection == {"n1"}
    hand.key(Key.Key_Down)
    hand.key(Key.Key_Down)
    assert document.selection == {"n3"}
    hand.key(Key.Key_Up)
    assert document.selection == {"n2"}
    before = hand.graph
    for _ in range(3):
        hand.key(Key.Key_Right, SHIFT)
    assert hand.node("n2").x == before.nodes["n2"].x + 24
    document.undo()
    assert hand.graph == before


def test_arrows_go_to_the_side(hand: Hand) -> None:
    hand.drop("ReLU", hand.on("n3", 118 + 300, 14))
    hand.click(hand.on("n3"))
    hand.key(Key.Key_Right)
    assert hand.canvas.level.selection == {"n7"}
    hand.key(Key.Key_Left)
    assert hand.canvas.level.selection == {"n3"}


def test_select_all_and_esc(hand: Hand) -> None:
    hand.key(Key.Key_A, CTRL)
    assert hand.canvas.level.selection == set(hand.graph.nodes)
    hand.key(Key.Key_Escape)
    assert not hand.canvas.level.selection


def test_enter_and_a_double_click_ask_for_the_settings(hand: Hand, qtbot: object) -> None:
    asked: list[str] = []
    hand.canvas.inspect.connect(asked.append)
    hand.click(hand.on("n2"))
    hand.key(Key.Key_Return)
    hand.double_click(hand.on("n4"))
    assert asked == ["n2", "n4"]


def test_undo_and_redo_go_all_the_way(hand: Hand) -> None:
    document, first = hand.canvas.level, hand.graph
    hand.drop("Dropout", (hand.out("n3") + hand.port("n4")) / 2)
    hand.drag(hand.on("n7"), hand.on("n7") + QPoint(200, 0))
    hand.key(Key.Key_Delete)
    last = hand.graph
    while document.undo():
        hand.canvas.grab()
    assert hand.graph == first
    while document.redo():
        hand.canvas.grab()
    assert hand.graph == last


# --------------------------------------------------------------------------- the view


def _turn(
    canvas: CanvasWidget, place: QPoint, angle: QPoint, pixels: QPoint = STILL, held: object = NONE
) -> None:
    phase = Qt.ScrollPhase.NoScrollPhase if pixels.isNull() else Qt.ScrollPhase.ScrollUpdate
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.mapToGlobal(place)),
        pixels,
        angle,
        Qt.MouseButton.NoButton,
        held,
        phase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_wheel_zooms_at_the_pointer_and_fingers_pan(hand: Hand) -> None:
    canvas, place = hand.canvas, hand.on("n3")
    at = canvas.viewport.camera.to_world(place.x(), place.y())
    _turn(canvas, place, QPoint(0, 120))
    assert canvas.viewport.camera.scale > 1.1
    assert canvas.viewport.camera.to_world(place.x(), place.y()) == pytest.approx(at)
    scale, x = canvas.viewport.camera.scale, canvas.viewport.camera.x
    _turn(canvas, place, QPoint(0, 40), QPoint(30, 20))
    assert canvas.viewport.camera.scale == scale
    assert canvas.viewport.camera.x == pytest.approx(x - 30 / scale)
    _turn(canvas, place, QPoint(0, -120), QPoint(0, -20), CTRL)
    assert canvas.viewport.camera.scale < scale


def test_the_view_is_moved_by_the_middle_button_and_by_space(hand: Hand) -> None:
    canvas = hand.canvas
    x = canvas.viewport.camera.x
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, NONE, QPoint(100, 100))
    QTest.mouseMove(canvas, QPoint(160, 100))
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, NONE, QPoint(160, 100))
    assert canvas.viewport.camera.x == pytest.approx(x - 60)
    QTest.keyPress(canvas, Key.Key_Space)
    hand.drag(hand.on("n3"), hand.on("n3") + QPoint(0, 50))
    QTest.keyRelease(canvas, Key.Key_Space)
    assert hand.node("n3").y == hand.canvas.scene.rects[2, 1]
    assert len(canvas.level.selection) == 0


def test_each_document_keeps_its_view(hand: Hand, workspace: Workspace) -> None:
    canvas, first = hand.canvas, workspace.current
    canvas.viewport.zoom_by(0.5)
    kept = canvas.viewport.camera
    second = workspace.new(chain(kind("Flatten"), kind("Linear")))
    assert canvas.viewport.camera != kept
    assert canvas.scene.ids == list(second.project.graph.nodes)
    workspace.switch(first)
    assert canvas.viewport.camera == kept


def test_the_zoom_control_follows_the_network_in_front(hand: Hand) -> None:
    control, work = hand.canvas.overlays.zoom_control, hand.canvas.workspace
    first = work.current
    hand.canvas.viewport.look_from(hand.canvas.viewport.camera.at_scale(0.5, 0, 0))
    work.new(chain(kind("ReLU")))
    hand.canvas.viewport.look_from(hand.canvas.viewport.camera.at_scale(2.0, 0, 0))
    work.switch(first)
    assert control.percent.text() == "50 %"


def test_the_zoom_control_shows_and_sets_the_scale(hand: Hand) -> None:
    control = hand.canvas.overlays.zoom_control
    QTest.mouseClick(control.smaller, LEFT)
    assert control.percent.text() == "80 %"
    QTest.mouseClick(control.percent, LEFT)
    assert control.percent.text() == "100 %"
    hand.canvas.viewport.look_from(hand.canvas.viewport.camera.panned(5000, 0))
    QTest.mouseClick(control.fit, LEFT)
    assert hand.canvas.rect().contains(hand.on("n1"))


def test_layers_asked_for_elsewhere_come_into_sight(hand: Hand, workspace: Workspace) -> None:
    hand.canvas.viewport.look_from(hand.canvas.viewport.camera.panned(5000, 3000))
    workspace.reveal.emit(["n4"])
    assert hand.canvas.rect().contains(hand.on("n4"))


def test_nodes_glide_to_their_places_and_the_camera_flies(hand: Hand, qtbot: object) -> None:
    canvas = hand.canvas
    hand.drag(hand.on("n3"), hand.on("n3") + QPoint(150, 5))
    canvas.animations.motion = True
    away = float(canvas.scene.rects[2, 0])
    canvas.level.undo()
    assert canvas.scene.rects[2, 0] == away  # still there, on its way
    qtbot.waitUntil(lambda: canvas.scene.rects[2, 0] == hand.node("n3").x, timeout=20_000)  # type: ignore[attr-defined]
    canvas.viewport.zoom_in()
    assert canvas.viewport.camera.scale == 1.0
    qtbot.waitUntil(lambda: canvas.viewport.camera.scale == 1.25, timeout=20_000)  # type: ignore[attr-defined]


# --------------------------------------------------------------------------- menus


def test_menus_say_what_can_be_done_and_do_it(hand: Hand) -> None:
    canvas = hand.canvas

    def titles(place: QPoint) -> list[str]:
        pointer = canvas.mouse.pointer(QPointF(place), NONE)
        menu = menus.build(canvas, pointer, canvas)
        found = [act.text() for act in menu.actions() if not act.isSeparator()]
        menu.deleteLater()
        return found

    assert {"Rename", "Duplicate", "Mute", "Dissolve", "Delete", "Copy"} <= set(titles(hand.on("n3")))
    assert canvas.level.selection == {"n3"}
    assert {"Paste", "Tidy", "Select all"} <= set(titles(QPoint(30, 400)))
    hand.drag(hand.on("n6"), hand.on("n6") + QPoint(0, 60))
    middle = (hand.out("n5") + hand.port("n6")) / 2
    assert titles(middle) == ["Insert a layer here…", "Select its ends", "Remove the wire"]
    menu = menus.build(canvas, canvas.mouse.pointer(QPointF(middle), NONE), canvas)
    next(act for act in menu.actions() if act.text() == "Remove the wire").trigger()
    assert ("n5", "n6") not in hand.wires()
    menu.deleteLater()


def test_tidy_straightens_and_select_path_follows_wires(hand: Hand) -> None:
    hand.drag(hand.on("n3"), hand.on("n3") + QPoint(150, 5))
    hand.drop("ReLU", QPoint(60, 500))
    hand.click(hand.on("n3"))
    hand.canvas.edit_commands.select_path()
    assert hand.canvas.level.selection == {"n1", "n2", "n3", "n4", "n5", "n6"}
    hand.canvas.level.select(())
    hand.key(Key.Key_L, CTRL)
    assert len({hand.node(f"n{i}").x for i in range(1, 7)}) == 1
