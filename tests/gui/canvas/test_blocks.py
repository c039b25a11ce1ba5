"""Blocks and shared weights by mouse and keyboard: fold, open, edit inside, use again, offer, share."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.edits import blocks, sharing
from engine.message import Message
from engine.project.blocks import Use
from engine.project.project import Project
from engine.repairs.propose import propose
from gui.canvas import menus
from gui.canvas.overlays.owners import OwnersMenu
from gui.canvas.tools.drop import carried
from gui.canvas.widget import CanvasWidget
from gui.document import offers
from gui.document.block_uses import uses_of
from gui.document.workspace import Workspace
from gui.panels.code.code import CodePanel
from gui.panels.inspector.inspector import Inspector
from gui.panels.palette.block_rows import mime
from gui.panels.palette.blocks import BlocksPanel, parameters_of
from gui.panels.problems.problems import Problems
from gui.training.trainer import Trainer
from tests.gui.canvas.canvas_story import CTRL, SHIFT, Hand, chain, kind
from tests.gui.panels.panel_story import breathe, shown

Key = Qt.Key


@pytest.fixture
def workspace(gui: QApplication) -> Workspace:
    """n1 Input, n2 Conv2d, n3 ReLU, n4 Flatten, n5 Linear, n6 Output, analysed."""
    import torch  # noqa: F401  (once it is there, a small network is checked at once)

    conv, linear = kind("Conv2d", out_channels=8, padding=1), kind("Linear", out_features=10)
    return Workspace(chain(conv, kind("ReLU"), kind("Flatten"), linear))


@pytest.fixture
def hand(workspace: Workspace, qtbot: QtBot) -> Hand:
    canvas = CanvasWidget(workspace)
    qtbot.addWidget(canvas)
    canvas.animations.motion = False
    canvas.resize(900, 700)
    canvas.show()
    canvas.setFocus()
    return Hand(canvas)


@pytest.fixture
def folded(hand: Hand) -> Hand:
    """Conv2d and ReLU folded into "Stage", the use n7, and a second use n8 of it after the first."""
    fold(hand, "Stage", "n2", "n3")
    canvas, stage = hand.canvas, hand.node("n7").kind
    wire = hand.graph.outgoing("n7")[0]
    canvas.do(edits.insert, "n8", stage, wire, label=Message("Add"))
    canvas.level.select(())
    canvas.viewport.fit()
    return hand


def fold(hand: Hand, name: str, *ids: str) -> None:
    hand.canvas.level.select(ids)
    hand.key(Key.Key_G, CTRL)
    field = hand.canvas.overlays.renaming
    assert field.isVisible()
    field.setText(name)
    QTest.keyClick(field, Key.Key_Return)


def whole(hand: Hand) -> Project:
    return hand.canvas.workspace.current.project


def use(hand: Hand, id: str) -> Use:
    found = whole(hand).graph.nodes[id].kind
    assert isinstance(found, Use)
    return found


def test_folding_asks_the_name_in_place_and_is_one_step_of_undo(hand: Hand) -> None:
    before = hand.graph
    fold(hand, "Stage", "n2", "n3")
    assert use(hand, "n7").label() == "Stage"
    assert hand.wires() == {("n1", "n7"), ("n7", "n4"), ("n4", "n5"), ("n5", "n6")}
    assert hand.canvas.level.selection == {"n7"}
    assert hand.node("n4").y - hand.node("n7").y == before.nodes["n3"].y - before.nodes["n2"].y
    hand.canvas.level.undo()
    assert hand.graph == before


def test_esc_at_the_name_folds_nothing_and_what_cannot_be_folded_is_said(hand: Hand) -> None:
    before = hand.graph
    hand.canvas.level.select({"n2"})
    hand.key(Key.Key_G, CTRL)
    QTest.keyClick(hand.canvas.overlays.renaming, Key.Key_Escape)
    refused: list[object] = []
    hand.canvas.workspace.refused.connect(refused.append)
    hand.canvas.level.select({"n1"})
    hand.key(Key.Key_G, CTRL)
    assert len(refused) == 1
    assert not hand.canvas.overlays.renaming.isVisible()
    assert hand.graph == before


def test_unfolding_gives_the_layers_back(hand: Hand) -> None:
    before = hand.graph
    fold(hand, "Stage", "n2", "n3")
    hand.key(Key.Key_G, CTRL | SHIFT)
    kinds = {type(node.kind).__name__ for node in hand.graph.nodes.values()}
    assert kinds == {type(node.kind).__name__ for node in before.nodes.values()}
    assert {hand.node(id).kind.label() for id in hand.canvas.level.selection} == {"Conv2d", "ReLU"}


def test_a_double_click_opens_a_block_and_esc_or_backspace_goes_up(folded: Hand) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    camera = canvas.viewport.camera
    folded.double_click(folded.on("n8"))
    assert level.path == ("n8",)
    assert {node.kind.label() for node in folded.graph.nodes.values()} == {"Entry", "Conv2d", "ReLU", "Exit"}
    assert canvas.contents.labels.facts("n2").parameters == 8 * 8 * 9 + 8  # type: ignore[union-attr]
    assert [part.text() for part in canvas.overlays.breadcrumbs.parts] == ["Chain", "Stage"]
    assert canvas.overlays.breadcrumbs.isVisible()
    folded.click(folded.on("n2"))
    folded.key(Key.Key_Escape)
    assert level.path == ("n8",)
    folded.key(Key.Key_Escape)
    assert level.path == ()
    assert level.selection == {"n8"}
    assert canvas.viewport.camera == camera
    folded.key(Key.Key_Return)
    assert level.path == ("n8",)
    assert not level.selection
    folded.key(Key.Key_Backspace)
    assert level.path == ()
    assert not canvas.overlays.breadcrumbs.isVisible()


def test_the_way_back_is_a_click_at_the_upper_left(folded: Hand) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    level.select({"n7", "n8"})
    fold(folded, "Both", "n7", "n8")
    outer = next(iter(level.selection))
    level.open((outer, "n8"))
    assert [part.text() for part in canvas.overlays.breadcrumbs.parts] == ["Chain", "Both", "Stage"]
    canvas.overlays.breadcrumbs.parts[1].click()
    assert level.path == (outer,)
    assert level.selection == {"n8"}
    canvas.overlays.breadcrumbs.parts[0].click()
    assert level.path == ()


def test_what_is_edited_inside_is_edited_in_every_use_and_undone_from_anywhere(folded: Hand) -> None:
    level, before = folded.canvas.level, whole(folded)
    level.enter("n7")
    level.do(edits.set_param, "n2", "out_channels", 16, label=Message("Set"))
    for id in ("n7", "n8"):
        assert use(folded, id).graph.nodes["n2"].kind.out_channels == 16  # type: ignore[attr-defined]
    assert folded.canvas.workspace.current.analysis.nodes["n8"].outputs["out"].json() == ["N", 16, 8, 8]  # type: ignore[union-attr]
    assert level.path == ("n7",)
    level.leave()
    level.undo()
    assert whole(folded) == before


def test_gestures_inside_change_the_definition(folded: Hand) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    level.enter("n8")
    canvas.viewport.look_from(canvas.viewport.camera.at_scale(1.0, 450, 350))
    canvas.viewport.fit()
    folded.drag(folded.on("n3"), folded.world(500, 500))
    moved = folded.node("n3")
    assert use(folded, "n7").graph.nodes["n3"] == moved
    folded.click(folded.on("n3"))
    folded.key(Key.Key_Delete)
    assert "n3" not in use(folded, "n7").graph.nodes
    level.undo()
    assert use(folded, "n7").graph.nodes["n3"] == moved


def test_undoing_the_fold_closes_the_block_that_is_open(folded: Hand) -> None:
    level = folded.canvas.level
    level.enter("n7")
    while level.undo():
        pass
    assert level.path == ()
    assert folded.canvas.scene.graph is whole(folded).graph


def test_a_repeated_block_shows_each_time_through_it(folded: Hand) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    level.do(edits.set_param, "n7", "repeat", 3, label=Message("Repeat"))
    assert canvas.contents.labels.of(folded.node("n7")).times == "×3"
    level.enter("n7")
    chooser = canvas.overlays.breadcrumbs.repetitions
    assert chooser is not None
    assert canvas.contents.labels.facts("n2").parameters == 8 * 9 + 8  # type: ignore[union-attr]
    chooser.value_changed.emit(2)
    assert level.repetitions == (2,)
    assert canvas.contents.labels.facts("n2").parameters == 8 * 8 * 9 + 8  # type: ignore[union-attr]
    level.document.do(edits.set_param, "n7", "repeat", 2, label=Message("Repeat"))
    assert level.repetitions == (1,)


def test_a_block_cannot_be_put_into_itself_but_its_ends_can(folded: Hand) -> None:
    level = folded.canvas.level
    assert [one.label() for one in offers.blocks(level)] == ["Stage"]
    assert offers.ends(level) == ()
    level.enter("n7")
    assert offers.blocks(level) == ()
    assert [one.label() for one in offers.ends(level)] == ["Entry", "Exit"]
    folded.canvas.edit_commands.open_search()
    QTest.keyClicks(folded.canvas.overlays.finder.field, "exit")
    assert folded.canvas.overlays.finder.results[0].kind.label() == "Exit"


def test_the_finder_and_the_panel_offer_blocks(folded: Hand, qtbot: QtBot) -> None:
    canvas, panel = folded.canvas, BlocksPanel(folded.canvas.workspace)
    canvas.edit_commands.open_search()
    QTest.keyClicks(canvas.overlays.finder.field, "stag")
    assert canvas.overlays.finder.results[0].kind.label() == "Stage"
    canvas.overlays.finder.dismiss()
    shown(qtbot, panel, 232, 400)
    assert panel.rows.items.rowCount() == 1 + len(offers.ready_made(folded.canvas.level))
    assert parameters_of(canvas.workspace.current.analysis) == {"Stage": 80}
    index = panel.rows.items.index(0, 0)
    panel.rows.setCurrentIndex(index)
    canvas.level.select({"n8"})
    QTest.keyClick(panel.rows, Key.Key_Return)
    (added,) = canvas.level.selection
    assert use(folded, added).block == use(folded, "n7").block
    assert ("n8", added) in folded.wires()
    panel.open(use(folded, "n7"))
    breathe(qtbot)
    assert canvas.level.path == ("n7",)
    ends = 2  # where it begins and ends
    assert panel.rows.items.rowCount() == ends + len(offers.ready_made(canvas.level))


def test_a_block_is_dragged_in_also_into_another_window(folded: Hand, qtbot: QtBot) -> None:
    data = mime(use(folded, "n7"))
    assert carried(data) == Use(block=use(folded, "n7").block)
    other = CanvasWidget(Workspace())
    qtbot.addWidget(other)
    other.resize(600, 400)
    other.show()
    action, held = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    place = other.rect().center()
    QApplication.sendEvent(other, QDragEnterEvent(place, action, data, Qt.MouseButton.LeftButton, held))
    QApplication.sendEvent(other, QDropEvent(QPointF(place), action, data, Qt.MouseButton.LeftButton, held))
    assert list(other.level.project.graph.blocks) == ["Stage"]
    broken = QMimeData()
    broken.setData("application/x-layerloom-block", b"no piece")
    assert carried(broken) is None


def test_a_copied_block_brings_its_definition_along(folded: Hand, qtbot: QtBot) -> None:
    folded.canvas.level.select({"n7"})
    folded.canvas.edit_commands.copy()
    other = CanvasWidget(Workspace())
    qtbot.addWidget(other)
    other.edit_commands.paste_at((0, 0))
    assert other.level.project.graph.blocks == {"Stage": use(folded, "n7").block}


# --------------------------------------------------------------------------- the inspector


@pytest.fixture
def inspector(folded: Hand, qtbot: QtBot) -> Inspector:
    panel = Inspector(folded.canvas.workspace)
    shown(qtbot, panel, 312, 800)
    return panel


def test_a_setting_is_offered_with_its_pin_and_each_use_chooses(
    folded: Hand, inspector: Inspector, qtbot: QtBot
) -> None:
    level = folded.canvas.level
    level.enter("n7")
    level.select({"n2"})
    breathe(qtbot)
    assert inspector.layer.settings.form is not None
    inspector.layer.settings.form.pins()["out_channels"].click()
    assert [one.name for one in use(folded, "n8").block.exposed] == ["out_channels"]
    level.open(())
    level.select({"n8"})
    breathe(qtbot)
    assert set(inspector.layer.settings.form.fields()) == {("out_channels",), ("repeat",)}
    inspector.layer.settings.form.changed.emit(("out_channels",), 12)
    assert dict(use(folded, "n8").values) == {"out_channels": 12}
    assert use(folded, "n7").values == ()
    # inside this use its own value is shown, and changed
    level.enter("n8")
    level.select({"n2"})
    breathe(qtbot)
    assert inspector.layer.settings.form.kind.out_channels == 12
    assert inspector.layer.settings.form.pins()["out_channels"].isChecked()
    inspector.layer.settings.form.changed.emit(("out_channels",), 20)
    assert dict(use(folded, "n8").values) == {"out_channels": 20}
    assert use(folded, "n8").block.graph.nodes["n2"].kind.out_channels == 8  # type: ignore[attr-defined]
    inspector.layer.settings.form.pins()["out_channels"].click()
    assert use(folded, "n8").block.exposed == ()
    level.leave()
    level.select({"n5"})
    breathe(qtbot)
    assert not any(pin.isVisible() for pin in inspector.layer.settings.form.pins().values())


def test_settings_of_one_type_are_offered_under_one_name(
    folded: Hand, inspector: Inspector, qtbot: QtBot
) -> None:
    level, page = folded.canvas.level, inspector.layer
    level.enter("n7")
    level.select({"n2"})
    breathe(qtbot)
    assert page.settings.form is not None
    page.settings.form.pins()["stride"].click()
    page.settings.form.pins()["kernel_size"].click()
    by_itself, together = page.settings.menu.actions()
    assert (by_itself.text(), together.text()) == ("Offer it by itself", "Offer it together with stride")
    together.trigger()
    page.settings.menu.close()
    breathe(qtbot)
    offered = use(folded, "n8").block.exposed
    assert [(one.name, one.param) for one in offered] == [("stride", "stride"), ("stride", "kernel_size")]
    assert page.settings.form.pins()["kernel_size"].isChecked()
    page.settings.form.pins()["padding"].click()
    page.settings.menu.close()
    breathe(qtbot)
    assert not page.settings.form.pins()["padding"].isChecked()


def test_the_inspector_of_a_use_opens_detaches_and_leads_to_the_others(
    folded: Hand, inspector: Inspector, qtbot: QtBot
) -> None:
    level = folded.canvas.level
    level.select({"n7"})
    breathe(qtbot)
    section = inspector.layer.block
    assert section.isVisible()
    section.links.buttons[0].click()
    assert level.selection == {"n8"}
    breathe(qtbot)
    section.open_button.click()
    assert level.path == ("n8",)
    level.leave()
    breathe(qtbot)
    section.detach_button.click()
    assert use(folded, "n7").block != use(folded, "n8").block
    assert not list(uses_of(whole(folded).graph, use(folded, "n8").block))[1:]
    breathe(qtbot)
    assert not section.detach_button.isEnabled()


def test_inside_with_nothing_selected_it_tells_of_the_block(
    folded: Hand, inspector: Inspector, qtbot: QtBot
) -> None:
    level = folded.canvas.level
    level.enter("n7")
    level.document.do(blocks.expose, ("n7",), "n2", "out_channels", label=Message("Offer"))
    breathe(qtbot)
    page = inspector.block
    assert page.isVisible()
    assert page.parameters.value.text() == "80"
    assert len(page.offered.rows) == 1
    page.name.value_changed.emit("Trunk")
    assert {use(folded, id).label() for id in ("n7", "n8")} == {"Trunk"}
    page.offered.rows[0].pin.click()  # type: ignore[attr-defined]
    assert use(folded, "n7").block.exposed == ()


def test_usual_settings_of_a_use_are_those_of_its_block(
    folded: Hand, inspector: Inspector, qtbot: QtBot
) -> None:
    level = folded.canvas.level
    level.document.do(blocks.expose, ("n7",), "n2", "out_channels", label=Message("Offer"))
    level.do(edits.set_param, "n7", "out_channels", 20, label=Message("Set"))
    level.select({"n7"})
    breathe(qtbot)
    inspector.layer.edits.reset()
    assert use(folded, "n7").values == ()


# --------------------------------------------------------------------------- problems and code


def test_a_problem_inside_leads_inside_and_is_repaired_there(folded: Hand, qtbot: QtBot) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    level.enter("n7")
    level.do(edits.set_param, "n2", "kernel_size", 20, label=Message("Set"))
    assert canvas.contents.labels.problem("n2") is not None
    level.open(())
    panel = Problems(canvas.workspace)
    shown(qtbot, panel, 800, 300)
    problem = panel.rows.model().rows[0].problem
    assert problem.path == ("n7", "n2")
    panel.rows.picked.emit(problem)
    assert (level.path, level.selection) == (("n7",), {"n2"})
    inner = level.analysis.of("n2")[0]  # type: ignore[union-attr]
    repair = propose(inner)[0]
    level.do(lambda project: repair.apply(project), label=repair.title)
    assert level.analysis.of("n2") == ()  # type: ignore[union-attr]


def test_the_code_of_the_open_block_is_lit(folded: Hand, qtbot: QtBot) -> None:
    work = folded.canvas.workspace
    panel = CodePanel(work, Trainer(work))
    shown(qtbot, panel, 900, 400)
    level = folded.canvas.level
    level.enter("n7")
    level.select({"n2"})
    source = panel.torch.source
    assert source is not None
    lines = source.inside(("n7",))["n2"]
    text = source.text.splitlines()
    assert any("Conv2d" in text[line - 1] for line in lines)
    assert panel.torch.view.lit == set(lines)
    panel.torch._line_chosen(source.inside(("n7",))["n3"][0])
    assert level.selection == {"n3"}


# --------------------------------------------------------------------------- shared weights


def test_two_layers_share_their_weights_and_stop_again(hand: Hand, qtbot: QtBot) -> None:
    canvas, level = hand.canvas, hand.canvas.level
    canvas.do(edits.insert, "n9", kind("Conv2d", out_channels=8, padding=1), hand.graph.outgoing("n3")[0],
              label=Message("Add"))  # fmt: skip
    assert canvas.block_commands.owners("n9") == ["n2"]
    level.select({"n9"})
    canvas.block_commands.share_weights()
    menu = canvas.findChild(OwnersMenu)
    assert isinstance(menu, OwnersMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert hand.node("n9").shares == "n2"
    canvas.grab()
    panel = Inspector(canvas.workspace)
    shown(qtbot, panel, 312, 800)
    level.select({"n9"})
    breathe(qtbot)
    assert panel.layer.sharing.isVisible()
    assert panel.layer.sharing.links.buttons[0].text() == hand.node("n2").name
    panel.layer.sharing.own_button.click()
    assert hand.node("n9").shares == ""
    level.select({"n2", "n9"})
    titles = [
        act.text()
        for act in menus.build(canvas, canvas.mouse.pointer(QPointF(hand.on("n2"))), canvas).actions()
    ]
    assert "Share weights" in titles
    canvas.block_commands.share_weights()
    assert hand.node("n9").shares == "n2"
    canvas.block_commands.unshare()
    assert hand.node("n9").shares == ""


def test_a_layer_without_a_twin_says_so(hand: Hand) -> None:
    said: list[object] = []
    hand.canvas.workspace.notice.connect(said.append)
    hand.canvas.level.select({"n5"})
    hand.canvas.block_commands.share_weights()
    assert len(said) == 1


def test_links_are_drawn_at_every_distance(hand: Hand) -> None:
    canvas = hand.canvas
    canvas.do(edits.add, "n9", kind("Conv2d", out_channels=8, padding=1), (400, 60), label=Message("Add"))
    canvas.do(sharing.share, "n9", "n2", label=Message("Share"))
    for scale in (1.5, 0.5, 0.2):
        canvas.viewport.look_from(canvas.viewport.camera.at_scale(scale, 450, 350))
        assert not canvas.grab().isNull()


def test_a_wire_let_go_inside_offers_ends_and_blocks_and_is_repaired_inside(folded: Hand) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    level.enter("n7")
    canvas.viewport.look_from(canvas.viewport.camera.at_scale(1.0, 450, 350))
    canvas.viewport.fit()
    folded.drag(folded.out("n2"), folded.world(500, 60))
    labels = [one.kind.label() for one in canvas.overlays.finder.results]
    assert "Exit" in labels
    assert "Output" not in labels
    canvas.overlays.finder.dismiss()
    canvas.do(edits.add, "n50", kind("GRU"), (300, 60), label=Message("Add"))
    folded.drag(folded.out("n2"), folded.port("n50"))
    assert canvas.overlays.bubble.isVisible()
    folded.ways_out()
    QTest.keyClick(canvas.overlays.bubble, Key.Key_1)
    assert any(wire.target == "n50" for wire in use(folded, "n8").block.graph.wires)


def test_ready_made_blocks_are_found_and_become_the_projects_own(folded: Hand, qtbot: QtBot) -> None:
    canvas, level = folded.canvas, folded.canvas.level
    canvas.edit_commands.open_search()
    QTest.keyClicks(canvas.overlays.finder.field, "separable")
    assert canvas.overlays.finder.results[0].kind.label() == "Depthwise separable"
    QTest.keyClick(canvas.overlays.finder.field, Qt.Key.Key_Return)
    assert "Depthwise separable" in folded.graph.blocks
    assert "Depthwise separable" in [one.label() for one in offers.blocks(level)]
    assert "Depthwise separable" not in [one.label() for one in offers.ready_made(level)]
