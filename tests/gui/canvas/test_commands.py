"""What commands and keys do to the document and what they ask and say, without a window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from engine.analysis.check import check
from engine.project.blocks import Use
from engine.templates.builder import Sketch
from gui.canvas import bindings, keys, menus
from gui.canvas.edits.fitting import WireEnd
from tests.gui.canvas.canvas_story import chain, kind
from tests.gui.canvas.desk import Desk


@pytest.fixture
def desk() -> Desk:
    """n1 Input, n2 Conv2d, n3 ReLU, n4 Flatten, n5 Linear, n6 Output."""
    conv, linear = kind("Conv2d", out_channels=8, padding=1), kind("Linear", out_features=10)
    return Desk(chain(conv, kind("ReLU"), kind("Flatten"), linear))


def last_step(desk: Desk) -> str:
    """What undo would take back."""
    return str(desk.workspace.current.history.undo_label)


# --------------------------------------------------------------------------- edits


def test_delete_takes_layers_and_wires_in_one_step_and_nothing_is_no_step(desk: Desk) -> None:
    desk.edit_commands.delete()
    assert desk.workspace.current.history.undo_label is None
    desk.level.select({"n2", "n3"}, desk.graph.outgoing("n4"))
    desk.edit_commands.delete()
    assert last_step(desk) == "Delete 2 layers"
    assert desk.wires() == {("n1", "n4"), ("n5", "n6")}
    desk.level.undo()
    desk.level.select((), desk.graph.outgoing("n4"))
    desk.edit_commands.delete()
    assert last_step(desk) == "Remove a wire"
    assert ("n4", "n5") not in desk.wires()


def know(desk: Desk) -> None:
    """Let the desk know the shapes of what is drawn now."""
    document = desk.workspace.current
    document.take_analysis(document.project, check(document.project))


@pytest.fixture
def branched(gui: object) -> Desk:
    """n1 Input, n2 Conv2d, n3 ReLU, n4 MaxPool2d, n5 Add of n3 and n4, n6 Flatten, n7 Linear, n8 Output."""
    sketch = Sketch("Branched")
    first = sketch.add(kind("Input"))
    conv = sketch.add(kind("Conv2d", out_channels=8, padding=1), first)
    relu = sketch.add(kind("ReLU"), conv)
    beside = sketch.add(kind("MaxPool2d", kernel_size=3, stride=1, padding=1), relu)
    last = sketch.chain(
        sketch.add(kind("Add"), relu, beside), kind("Flatten"), kind("Linear", out_features=10)
    )
    sketch.add(kind("Output"), last)
    return Desk(sketch.project())


@pytest.mark.parametrize(
    ("ids", "joined"),
    [
        ("n3", {("n2", "n4"), ("n2", "n5")}),  # a layer that feeds two
        ("n2 n3", {("n1", "n4"), ("n1", "n5")}),
        ("n1 n2", set()),
        ("n3 n4 n5", {("n2", "n6")}),  # a whole branch and what joins it
        ("n6", set()),  # Linear would get a picture
        ("n5", set()),  # Add has two before it, and which goes on is not plain
        ("n1", set()),
        ("n8", set()),
        ("n2 n6", {("n1", "n3")}),  # two places at once, each by itself
    ],
)
def test_delete_joins_a_chain_where_the_shapes_allow_it(
    branched: Desk, ids: str, joined: set[tuple[str, str]]
) -> None:
    desk = branched
    first, chosen = desk.graph, set(ids.split())
    before = {wire for wire in desk.wires() if not chosen & set(wire)}
    for delete in (desk.edit_commands.delete, desk.edit_commands.cut):
        know(desk)
        desk.level.select(chosen)
        delete()
        assert desk.wires() == before | joined
        desk.level.undo()
        assert desk.graph == first
        assert desk.level.selection == chosen
    desk.level.select(chosen)
    desk.edit_commands.delete(gap=True)
    assert desk.wires() == before


def test_what_was_wrong_behind_a_layer_stays_joined_and_a_wire_cut_with_it_stays_cut(
    gui: object, desk: Desk
) -> None:
    desk.level.select({"n4"})
    desk.edit_commands.dissolve()  # Linear gets a picture now, by that person's own will
    know(desk)
    desk.level.select({"n3"})
    desk.edit_commands.delete()
    assert ("n2", "n5") in desk.wires()
    desk.level.undo()
    desk.level.select({"n3"}, desk.graph.incoming("n3"))
    desk.edit_commands.delete()
    assert ("n2", "n5") not in desk.wires()


def test_a_wire_that_goes_on_keeps_its_place_among_several(branched: Desk) -> None:
    desk = branched
    assert [wire.source for wire in desk.graph.arriving("n5", "xs")] == ["n3", "n4"]
    desk.level.select({"n3"})
    desk.edit_commands.delete()
    assert [wire.source for wire in desk.graph.arriving("n5", "xs")] == ["n2", "n4"]


def test_dissolve_lets_wires_go_on(desk: Desk) -> None:
    desk.level.select({"n3"})
    desk.edit_commands.dissolve()
    assert ("n2", "n4") in desk.wires()


def test_what_is_copied_is_pasted_where_one_points_and_selected(desk: Desk) -> None:
    desk.level.select({"n2", "n3"})
    desk.edit_commands.copy()
    desk.place = (900.0, 300.0)
    desk.edit_commands.paste()
    new = desk.level.selection
    assert len(new) == 2
    assert {type(desk.graph.nodes[id].kind).__name__ for id in new} == {"Conv2d", "ReLU"}
    left, _, right, _ = desk.scene.bounds(new) or (0, 0, 0, 0)
    assert left < 900 < right
    desk.level.select({"n2"})
    desk.edit_commands.cut()
    assert last_step(desk) == "Cut a layer"
    assert "n2" not in desk.graph.nodes
    assert "ReLU" not in desk.clipboard.text()


def test_a_text_that_is_no_network_is_said_and_an_empty_clipboard_is_silent(desk: Desk) -> None:
    before = desk.graph
    desk.edit_commands.paste()
    assert desk.said == []
    desk.clipboard.setText("once upon a time")
    desk.edit_commands.paste()
    assert len(desk.said) == 1
    assert desk.graph is before


def test_duplicates_come_into_sight(desk: Desk) -> None:
    desk.surface.size = (300, 300)
    desk.level.select({"n5"})
    desk.edit_commands.duplicate()
    (new,) = desk.level.selection
    x, y, wide, tall = desk.scene.rects[desk.scene.row[new]].tolist()
    left, top, right, bottom = desk.viewport.box()
    assert left < x < x + wide < right
    assert top < y < y + tall < bottom


def test_mute_turns_all_the_same_way_and_leaves_what_cannot_be_passed(desk: Desk) -> None:
    desk.level.select({"n1", "n2", "n3"})
    desk.edit_commands.toggle_mute()
    assert [id for id, node in desk.graph.nodes.items() if node.muted] == ["n2", "n3"]
    desk.level.select({"n3"})
    desk.edit_commands.toggle_mute()
    desk.level.select({"n2", "n3"})
    desk.edit_commands.toggle_mute()
    assert desk.graph.nodes["n3"].muted, "one of two was not muted"
    desk.edit_commands.toggle_mute()
    assert not any(node.muted for node in desk.graph.nodes.values())


def test_the_path_of_a_layer_is_selected(desk: Desk) -> None:
    desk.edit_commands.select_all()
    assert desk.level.selection == desk.graph.nodes.keys()
    desk.level.select({"n2"})
    desk.edit_commands.delete(gap=True)
    desk.level.select({"n4"})
    desk.edit_commands.select_path()
    assert desk.level.selection == {"n3", "n4", "n5", "n6"}


def test_nudges_are_one_step_and_tidy_puts_all_back_into_line(desk: Desk) -> None:
    before = desk.graph
    desk.level.select({"n3"})
    for _ in range(4):
        desk.edit_commands.nudge(8, 0)
    assert desk.graph.nodes["n3"].x == before.nodes["n3"].x + 32
    desk.level.undo()
    assert desk.graph == before
    desk.edit_commands.nudge(80, 0)
    desk.viewport.pan(5000, 0)
    desk.edit_commands.tidy()
    assert len({node.x for node in desk.graph.nodes.values()}) == 1
    left, _, right, _ = desk.viewport.box()
    assert left < desk.graph.nodes["n1"].x < right, "all of it is shown"


def test_search_and_rename_are_asked_for_what_is_selected(desk: Desk) -> None:
    desk.place = (10.0, 20.0)
    desk.edit_commands.open_search()
    desk.level.select({"n3"})
    desk.edit_commands.open_search()
    (pointer, nothing, _), (_, end, after) = desk.answers.layers
    assert pointer.at == (10.0, 20.0)
    assert nothing is None
    assert (end, after) == (WireEnd("n3", "out", False), True)
    desk.edit_commands.rename()
    desk.level.select({"n2", "n3"})
    desk.current = "n3"
    desk.edit_commands.rename()
    desk.current = "n6"
    desk.edit_commands.rename()
    assert desk.answers.renamed == ["n3", "n3", "n2"]


# --------------------------------------------------------------------------- blocks


@pytest.fixture
def folded(desk: Desk) -> Desk:
    """Conv2d and ReLU folded into "Stage", the use n7."""
    desk.answers.name = "Stage"
    desk.level.select({"n2", "n3"})
    desk.block_commands.fold()
    return desk


def test_folding_asks_a_name_and_esc_folds_nothing(desk: Desk) -> None:
    before = desk.graph
    desk.level.select({"n2", "n3"})
    desk.block_commands.fold()
    assert desk.answers.names == [("Name of the block", "Block")]
    assert desk.graph is before
    desk.answers.name = "Stage"
    desk.block_commands.fold()
    assert last_step(desk) == "Fold into Stage"
    assert desk.level.selection == {"n7"}
    assert desk.wires() == {("n1", "n7"), ("n7", "n4"), ("n4", "n5"), ("n5", "n6")}


def test_what_cannot_be_folded_is_refused_before_a_name_is_asked(desk: Desk) -> None:
    desk.level.select({"n1"})
    desk.block_commands.fold()
    assert len(desk.refused) == 1
    assert desk.answers.names == []


def test_unfolding_selects_what_came_out(folded: Desk) -> None:
    folded.block_commands.unfold()
    assert {type(folded.graph.nodes[id].kind).__name__ for id in folded.level.selection} == {
        "Conv2d",
        "ReLU",
    }
    folded.level.select({"n4"})
    folded.block_commands.unfold()
    assert folded.said == ["select a block first"]


def test_a_block_is_opened_left_renamed_and_detached(folded: Desk) -> None:
    folded.block_commands.open_block()
    assert folded.level.path == ("n7",)
    assert set(folded.scene.ids) == set(folded.graph.nodes)
    folded.block_commands.go_up()
    assert folded.level.path == ()
    assert folded.level.selection == {"n7"}
    folded.answers.name = "Trunk"
    folded.block_commands.rename_block()
    assert folded.answers.names[-1] == ("Name of the block", "Stage")
    assert folded.graph.nodes["n7"].kind.label() == "Trunk"
    folded.edit_commands.duplicate()
    folded.block_commands.detach()
    one, other = (node.kind for node in folded.graph.nodes.values() if isinstance(node.kind, Use))
    assert one.block.name != other.block.name


def test_of_several_layers_none_is_the_block_that_is_meant(folded: Desk) -> None:
    folded.edit_commands.select_all()
    before = folded.graph
    folded.block_commands.open_block()
    folded.block_commands.rename_block()
    folded.block_commands.detach()
    assert folded.level.path == ()
    assert folded.graph is before


# --------------------------------------------------------------------------- shared weights


@pytest.fixture
def twins() -> Desk:
    """n1 Input, n2 and n3 Conv2d of the same form, n4 ReLU, n5 Output."""
    conv = kind("Conv2d", out_channels=1, padding=1)
    return Desk(chain(conv, conv, kind("ReLU")))


def test_of_one_layer_it_is_asked_with_which_it_shares(twins: Desk) -> None:
    twins.level.select({"n3"})
    twins.block_commands.share_weights()
    assert twins.answers.owners == [["n2"]]
    assert twins.graph.nodes["n3"].shares == "n2"
    twins.block_commands.unshare()
    assert twins.graph.nodes["n3"].shares == ""
    assert last_step(twins) == "Weights of its own for conv2"


def test_several_layers_share_with_the_first_and_a_layer_without_a_twin_says_so(twins: Desk) -> None:
    twins.level.select({"n2", "n3"})
    twins.block_commands.share_weights()
    assert twins.graph.nodes["n3"].shares == "n2"
    twins.level.select({"n4"})
    twins.block_commands.share_weights()
    assert len(twins.said) == 1


def test_only_what_has_weights_can_share_them_once_that_is_known(twins: Desk) -> None:
    assert twins.block_commands.has_weights("n4"), "nothing is known yet"
    project = twins.workspace.current.project
    twins.workspace.current.take_analysis(project, check(project))
    assert twins.block_commands.has_weights("n2")
    assert not twins.block_commands.has_weights("n4")


# --------------------------------------------------------------------------- keys


def press(desk: Desk, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> bool:
    """Press a key. False where it stands for nothing."""
    return keys.press(desk, QKeyEvent(QEvent.Type.KeyPress, key, held))


def test_every_binding_is_reached_by_its_keys(desk: Desk) -> None:
    for text, binding in bindings.BY_KEYS.items():
        assert text in binding.every_key
        ran: list[object] = []
        desk.level.select({"n2"})
        combination = QKeySequence(text)[0]
        event = QKeyEvent(QEvent.Type.KeyPress, combination.key(), combination.keyboardModifiers())
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(bindings.BY_KEYS, text, bindings.Binding(ran.append))
            assert keys.press(desk, event)
        assert ran == [desk], text


def test_arrows_walk_and_shift_nudges(desk: Desk) -> None:
    assert press(desk, Qt.Key.Key_Down)
    assert (desk.current, desk.level.selection) == ("n1", {"n1"})
    press(desk, Qt.Key.Key_Down)
    press(desk, Qt.Key.Key_Up)
    assert desk.current == "n1"
    before = desk.graph.nodes["n1"].x
    press(desk, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert desk.graph.nodes["n1"].x == before - keys.STEP
    assert not press(desk, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier), "it may be another's"


def test_enter_opens_backspace_goes_up_and_esc_gives_up_one_thing_after_another(folded: Desk) -> None:
    folded.current = "n7"
    press(folded, Qt.Key.Key_Return)
    assert folded.opened == ["n7"]
    folded.level.enter("n7")
    press(folded, Qt.Key.Key_Backspace)
    assert folded.level.path == ()
    folded.level.enter("n7")
    folded.edit_commands.select_all()
    folded.mouse.take_knife()
    for selected, path in ((4, ("n7",)), (0, ("n7",)), (1, ())):
        keys.escape(folded)
        assert (len(folded.level.selection), folded.level.path) == (selected, path)


def test_a_menu_that_a_key_asks_for_opens_at_the_current_node(desk: Desk) -> None:
    assert menus.place_by_keys(desk) == QPoint(449, 349)
    desk.current = "n2"
    x, y, wide, tall = desk.scene.rects[desk.scene.row["n2"]].tolist()
    left, top = desk.viewport.camera.to_screen(x + wide / 2, y + tall / 2)
    assert menus.place_by_keys(desk) == QPoint(int(left), int(top))
