"""What the inspector says of the selection, and the edits it makes."""

from __future__ import annotations

import pytest
from attrs import evolve
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine import edits, kinds
from engine.kinds import Layer, Unknown, layer_from_json
from engine.layers.activation import ReLU
from engine.layers.attention import MultiheadAttention
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.recurrent import LSTM
from engine.layers.reshape import Flatten
from engine.message import Message
from engine.project.graph import Node
from engine.templates import template
from gui import settings
from gui.controls import FormRow, IntField
from gui.document.workspace import Workspace
from gui.panels.data.data import DataPanel
from gui.panels.inspector.inspector import Inspector
from gui.panels.inspector.layer_edits import set_settings
from gui.panels.inspector.layer_facts import shared_settings
from gui.panels.training.recipe import RecipePanel
from gui.style import theme
from gui.style.apply import apply
from gui.training.trainer import Trainer
from tests.gui.panels.panel_story import breathe, broken, chain, cnn, kind_of, opened, shown
from tests.gui.scripted import ScriptedRun, finished


@pytest.fixture
def work(gui: object) -> Workspace:
    settings.remember("form/more", True)
    return opened(cnn())


@pytest.fixture
def inspector(qtbot: QtBot, work: Workspace) -> Inspector:
    panel = Inspector(work)
    shown(qtbot, panel, 312, 800)
    return panel


def select(qtbot: QtBot, work: Workspace, *ids: str) -> None:
    work.current.select(ids)
    breathe(qtbot)


def field(inspector: Inspector, *path: str) -> QWidget:
    assert inspector.layer.settings.form is not None
    return inspector.layer.settings.form.fields()[path]


def type_into(qtbot: QtBot, number: QWidget, text: str) -> None:
    assert isinstance(number, IntField)
    number.setFocus()
    number.lineEdit().selectAll()
    qtbot.keyClicks(number.lineEdit(), text)


def test_with_nothing_selected_it_tells_of_the_network(inspector: Inspector, work: Workspace) -> None:
    page = inspector.network
    assert page.isVisible()
    assert page.name.text() == "Digits CNN"
    assert page.layers.value.text() == "7"
    analysis = work.current.analysis
    assert analysis is not None
    assert page.parameters.value.text() == f"{analysis.parameters:,}"
    assert page.data.value.text() == "Digits"
    assert page.layers.note.text() == ""


def test_it_says_how_many_layers_the_blocks_of_a_network_hold(qtbot: QtBot, gui: object) -> None:
    famous = template("googlenet")
    panel = Inspector(Workspace(famous.project()))
    shown(qtbot, panel, 312, 800)
    assert panel.network.layers.value.text() == "27"
    assert panel.network.layers.note.text() == f"drawn, {famous.facts['layers']} in all"


def waiting(form: QWidget) -> set[str]:
    """The settings of which it is said that they count from the next run on."""
    rows = [row for row in form.findChildren(FormRow) if row.note is not None and row.note.isVisible()]
    assert {row.note.text() for row in rows if row.note is not None} <= {"from the next run"}
    return {row.label.text() for row in rows}


def test_a_setting_changed_while_training_says_that_it_counts_from_the_next_run(
    qtbot: QtBot, work: Workspace
) -> None:
    trainer = Trainer(work, lambda document: ScriptedRun(document))
    inspector, recipe, data = Inspector(work), RecipePanel(work), DataPanel(work)
    shown(qtbot, inspector, 312, 800)
    shown(qtbot, data, 312, 800)
    shown(qtbot, recipe, 312, 800)
    conv = next(id for id, one in work.current.project.graph.nodes.items() if one.kind.label() == "Conv2d")
    select(qtbot, work, conv)
    assert inspector.layer.settings.form is not None
    assert trainer.train(work.current)
    breathe(qtbot)
    assert waiting(inspector.layer.settings.form) == waiting(recipe.form) == set()
    type_into(qtbot, field(inspector, "out_channels"), "24")
    recipe.form.fields()["optimiser", "rate"].value_changed.emit(0.5)
    breathe(qtbot)
    assert waiting(inspector.layer.settings.form) == {"Out channels"}
    assert waiting(recipe.form) == {"Rate"}
    assert waiting(data.form) == set()
    data.form.fields()["source",].value_changed.emit("Wine")
    breathe(qtbot)
    assert waiting(data.form) == {"Source"}
    work.current.undo()
    work.current.undo()
    breathe(qtbot)
    assert waiting(recipe.form) == set(), "what is trained is what stands there"
    assert isinstance(trainer.run, ScriptedRun)
    trainer.run.end(finished())
    qtbot.waitUntil(lambda: not trainer.running)
    breathe(qtbot)
    assert waiting(inspector.layer.settings.form) == set()


def test_of_several_layers_too_it_is_said_what_counts_from_the_next_run(qtbot: QtBot, gui: object) -> None:
    layers = (Conv2d(out_channels=8), Conv2d(out_channels=8), Flatten(), Linear(out_features=10))
    work = opened(chain(Input(), *layers, Output()))
    trainer = Trainer(work, lambda document: ScriptedRun(document))
    inspector = Inspector(work)
    shown(qtbot, inspector, 312, 800)
    assert trainer.train(work.current)
    select(qtbot, work, "n2", "n3")
    assert inspector.layer.settings.form is not None
    assert waiting(inspector.layer.settings.form) == set()
    work.current.do(edits.set_param, "n3", "out_channels", 16, label=Message("Set"))
    breathe(qtbot)
    assert waiting(inspector.layer.settings.form) == {"≠ Out channels"}, "of the second alone"
    type_into(qtbot, field(inspector, "out_channels"), "24")
    breathe(qtbot)
    assert waiting(inspector.layer.settings.form) == {"Out channels"}
    assert isinstance(trainer.run, ScriptedRun)
    trainer.run.end(finished())
    qtbot.waitUntil(lambda: not trainer.running)


def test_the_network_is_renamed(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    name = inspector.network.name
    name.selectAll()
    qtbot.keyClicks(name, "Mine")
    assert work.current.title == "Mine"
    name.selectAll()
    qtbot.keyClick(name, Qt.Key.Key_Backspace)
    assert name.property("wrong")
    assert work.current.title == "Mine"
    work.current.undo()
    assert work.current.title == "Digits CNN"


def test_a_layer_shows_shapes_cost_and_meaning(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    select(qtbot, work, "n2")
    page = inspector.layer
    assert page.head.title.text() == "Conv2d"
    assert page.head.name.text() == work.current.project.graph.nodes["n2"].name
    assert (page.settings.shapes.arriving, page.settings.shapes.leaving) == ("N×1×8×8", "N×8×8×8")
    assert page.cost.parameters.value.text() == "80"
    assert page.cost.parameters.note.text() == "8 × 1 × 3 × 3 + 8"
    assert page.cost.macs.value.text() == f"{8 * 9 * 64:,}"
    assert page.cost.macs.note.text().endswith("% of all")
    assert "8 filters" in page.meaning.layer.does.text()
    assert f"{page.meaning.layer.formula.text()}; {page.meaning.layer.remarks.text()}" == Conv2d.formula
    assert "= 8" in page.meaning.layer.sizes.text()
    assert page.meaning.layer.use.text() == Conv2d.use
    assert page.meaning.layer.source.text() == f"Source: {Conv2d.source}"
    assert "of 1" in field(inspector, "groups")._unit


def test_typing_in_one_field_is_one_step(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    select(qtbot, work, "n2")
    number = field(inspector, "out_channels")
    type_into(qtbot, number, "128")
    assert kind_of(work, "n2").out_channels == 128
    qtbot.keyClick(number, Qt.Key.Key_Return)
    type_into(qtbot, number, "16")
    work.current.undo()
    assert kind_of(work, "n2").out_channels == 128
    work.current.undo()
    assert work.current.project == cnn()
    breathe(qtbot)
    assert number.lineEdit().text() == "8"


def test_an_illegal_value_does_not_reach_the_document(
    qtbot: QtBot, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n2")
    number = field(inspector, "out_channels")
    type_into(qtbot, number, "0")
    assert number.property("wrong")
    assert work.current.project == cnn()


def test_a_name_that_is_taken_is_refused_while_one_types(
    qtbot: QtBot, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n2")
    name, other = inspector.layer.head.name, work.current.project.graph.nodes["n6"].name
    name.selectAll()
    qtbot.keyClicks(name, other)
    assert name.property("wrong")
    assert other in name.toolTip()
    assert work.current.project.graph.nodes["n2"].name != other
    qtbot.keyClicks(name, "b")
    assert not name.property("wrong")
    assert work.current.project.graph.nodes["n2"].name == f"{other}b"


def test_an_edit_elsewhere_shows_here(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    select(qtbot, work, "n2")
    work.current.do(edits.set_param, "n2", "out_channels", 24, label=Message("Set"))
    breathe(qtbot)
    assert field(inspector, "out_channels").value() == 24
    assert inspector.layer.settings.shapes.leaving == "N×24×8×8"


def test_a_problem_stands_on_top_with_its_repairs(qtbot: QtBot, gui: object) -> None:
    work = opened(broken())
    inspector = Inspector(work)
    shown(qtbot, inspector, 312, 800)
    select(qtbot, work, "n6")
    box = inspector.layer.problems
    qtbot.waitUntil(lambda: len(box.buttons) > 0, timeout=20_000)
    assert box.y() < inspector.layer.settings.y()
    assert inspector.layer.cost.parameters.value.text() == "?"
    texts = [button.text() for button in box.buttons]
    assert "Insert Flatten" in texts
    qtbot.mouseClick(box.buttons[texts.index("Insert Flatten")], Qt.MouseButton.LeftButton)
    breathe(qtbot)
    assert work.current.analysis is not None
    assert work.current.analysis.trainable
    assert not box.isVisible()
    work.current.undo()
    assert work.current.project == broken()


def test_every_layer_that_is_left_out_says_so(qtbot: QtBot, gui: object) -> None:
    project = cnn()
    for id, above in (("up", "n1"), ("down", "up")):
        project = edits.connect(edits.add(project, id, ReLU()), above, "out", id, "x")
    work = opened(project)
    inspector = Inspector(work)
    shown(qtbot, inspector, 312, 800)
    select(qtbot, work, "up")
    assert inspector.layer.settings.left_out.isVisible()
    assert inspector.layer.problems.entries == []
    select(qtbot, work, "down")
    assert not inspector.layer.settings.left_out.isVisible(), "the end says it as a note, with ways out"
    assert [entry.problem.name for entry in inspector.layer.problems.entries] == ["left-out"]
    select(qtbot, work, "n2")
    assert not inspector.layer.settings.left_out.isVisible()


def test_a_problem_that_comes_while_one_types_does_not_move_the_field(
    qtbot: QtBot, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n2")
    number = field(inspector, "groups")
    place = number.mapTo(inspector.widget(), number.rect().topLeft())
    type_into(qtbot, number, "3")
    breathe(qtbot)
    assert inspector.layer.problems.isVisible()
    # once the page has grown by the problem, which takes another turn of the loop
    qtbot.waitUntil(lambda: number.mapTo(inspector.widget(), number.rect().topLeft()) == place)


def test_the_input_tells_of_its_column_and_the_output_of_its_target(
    qtbot: QtBot, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n1")
    assert "1,797 samples" in inspector.layer.meaning.layer.does.text()
    assert not inspector.layer.cost.isVisible()
    select(qtbot, work, "n7")
    assert "10 classes" in inspector.layer.meaning.layer.does.text()
    assert "accuracy" in inspector.layer.meaning.layer.does.text()
    assert inspector.layer.meaning.loss_name.text() == "Cross-entropy"
    field(inspector, "loss").value_changed.emit("MeanSquaredError")
    assert type(kind_of(work, "n7").loss).__name__ == "MeanSquaredError"
    breathe(qtbot)
    assert inspector.layer.meaning.loss.formula.text() == "L = mean (x − t)²"
    select(qtbot, work, "n2")
    assert not inspector.layer.meaning.loss.isVisible()


def test_several_layers_of_a_kind_are_edited_in_one_step(qtbot: QtBot, gui: object) -> None:
    settings.remember("form/more", True)
    project = chain(Input(), Conv2d(out_channels=8), Conv2d(out_channels=16), Output())
    work = opened(project)
    inspector = Inspector(work)
    shown(qtbot, inspector, 312, 800)
    select(qtbot, work, "n2", "n3")
    assert inspector.layer.head.title.text() == "2 layers, Conv2d"
    assert not inspector.layer.head.name.isVisible()
    type_into(qtbot, field(inspector, "out_channels"), "9")
    assert [kind_of(work, id).out_channels for id in ("n2", "n3")] == [9, 9]
    work.current.undo()
    assert work.current.project == project


def test_layers_of_different_kinds_share_what_both_have(
    qtbot: QtBot, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n2", "n6")
    assert inspector.layer.settings.form is not None
    names = {"bias", "initialisation", "frozen", "rate_factor", "l1", "l2", "norm"}
    assert set(inspector.layer.settings.form.fields()) == {(name,) for name in names}
    field(inspector, "bias").click()
    assert [kind_of(work, id).bias for id in ("n2", "n6")] == [False, False]
    select(qtbot, work, "n3", "n4")
    assert inspector.layer.settings.note.isVisible()
    assert shared_settings([]) == frozenset()


def test_one_setting_of_several_layers_is_all_or_nothing() -> None:
    project = chain(Input(), Linear(), Output())
    changed = set_settings(project, ["n2"], ("bias",), False)
    assert changed.graph.nodes["n2"].kind == Linear(bias=False)


def test_a_long_kind_is_named_whole_and_the_name_field_gives_way(qtbot: QtBot, gui: object) -> None:
    work = opened(edits.add(chain(Input(), LSTM()), "n3", MultiheadAttention(), (0, 200)))
    inspector = Inspector(work)
    shown(qtbot, inspector, 312)
    page = inspector.layer
    for id, kind in (("n2", "LSTM"), ("n3", "MultiheadAttention")):
        select(qtbot, work, id)
        qtbot.waitUntil(lambda kind=kind: page.head.title.shown_text() == kind)
    narrow = page.head.name.width()
    select(qtbot, work, "n2")
    assert page.head.name.width() > narrow


def test_the_menu_mutes_resets_and_removes(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    select(qtbot, work, "n2")
    named = {action.text(): action for action in inspector.menu().actions()}
    named["Mute"].trigger()
    assert work.current.project.graph.nodes["n2"].muted
    breathe(qtbot)
    assert "No longer mute" in [action.text() for action in inspector.menu().actions()]
    named["Back to the usual settings"].trigger()
    assert kind_of(work, "n2") == Conv2d()
    named["Delete"].trigger()
    assert "n2" not in work.current.project.graph.nodes
    assert [wire.source for wire in work.current.project.graph.incoming("n3")] == ["n1"]


def test_show_on_the_canvas_asks_for_it(qtbot: QtBot, inspector: Inspector, work: Workspace) -> None:
    select(qtbot, work, "n4")
    show = inspector.menu().actions()[0]
    with qtbot.waitSignal(work.reveal) as asked:
        show.trigger()
    assert asked.args == [frozenset({"n4"})]


def test_a_form_is_made_once_for_a_kind(qtbot: QtBot, gui: object) -> None:
    work = opened(chain(Input(), Conv2d(), Conv2d(), Output()))
    inspector = Inspector(work)
    shown(qtbot, inspector, 312, 800)
    select(qtbot, work, "n2")
    form = inspector.layer.settings.form
    select(qtbot, work, "n1")
    select(qtbot, work, "n3")
    assert inspector.layer.settings.form is form


def test_an_edit_of_another_layer_touches_nothing(
    qtbot: QtBot, inspector: Inspector, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(qtbot, work, "n2")
    shown_forms: list[object] = []
    monkeypatch.setattr(inspector.layer.settings, "show_nodes", lambda *given: shown_forms.append(given))
    work.current.do(edits.move, ["n5"], 10, 0, label=Message("Move"))
    breathe(qtbot)
    assert shown_forms == []


def test_hidden_it_costs_nothing(qtbot: QtBot, work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Inspector(work)
    qtbot.addWidget(panel)
    asked: list[int] = []
    monkeypatch.setattr(panel.layer, "refresh", lambda: asked.append(1))
    work.current.select(["n2"])
    breathe(qtbot)
    assert asked == []


@pytest.mark.parametrize("name", sorted(kinds.registry(Layer)))
def test_every_kind_can_be_inspected(qtbot: QtBot, gui: object, name: str) -> None:
    kind = kinds.registry(Layer)[name]()
    project = edits.add(chain(Input(), Output()), "n9", kind)
    if kind.ports() and kind.outputs:
        project = edits.connect(project, "n1", "out", "n9", kind.ports()[0].name)
    work = opened(project)
    panel = Inspector(work)
    qtbot.addWidget(panel)
    work.current.select(["n9"])
    panel.refresh()
    assert panel.layer.head.title.text() == kind.label()
    assert panel.layer.meaning.layer.does.text()
    assert not panel.grab().isNull()
    assert panel.widget().minimumSizeHint().width() <= theme.px(theme.INSPECTOR_WIDTH)


def test_a_way_out_of_many_words_is_no_wider_than_its_panel(qtbot: QtBot, gui: object) -> None:
    project = template("digits-cnn").project()
    (wire,) = project.graph.outgoing("n14")
    work = opened(edits.insert(project, "new", Conv2d(), wire))
    panel = Inspector(work)
    shown(qtbot, panel, theme.px(theme.INSPECTOR_WIDTH), 800)
    select(qtbot, work, "new")
    qtbot.waitUntil(lambda: bool(panel.layer.problems.buttons), timeout=20_000)
    breathe(qtbot)
    longest = max(panel.layer.problems.buttons, key=lambda button: button.sizeHint().width())
    assert longest.sizeHint().width() > panel.width(), "this is about one that would not fit"
    assert panel.widget().width() == panel.viewport().width()
    for button in panel.layer.problems.buttons:
        assert button.mapTo(panel, button.rect().topRight()).x() < panel.width() - theme.PANEL_PADDING
    place = longest.rect().center()
    QApplication.sendEvent(longest, QHelpEvent(QEvent.Type.ToolTip, place, longest.mapToGlobal(place)))
    assert longest.text() in QToolTip.text()


def test_a_kind_that_nobody_knows_keeps_its_name(qtbot: QtBot, gui: object) -> None:
    project = chain(Input(), Output())
    stranger = Node("n9", Unknown({"kind": "Hyperlayer", "size": 3}, Message("expected a layer")), "odd")
    work = opened(evolve(project, graph=project.graph.with_nodes([stranger])))
    panel = Inspector(work)
    shown(qtbot, panel, 312, 800)
    select(qtbot, work, "n9")
    assert panel.layer.head.title.text() == "Hyperlayer"
    assert panel.layer.problems.isVisible()
    assert "Back to the usual settings" not in [action.text() for action in panel.menu().actions()]


def test_it_follows_theme_and_text_size(
    qtbot: QtBot, gui: object, inspector: Inspector, work: Workspace
) -> None:
    select(qtbot, work, "n2")
    apply(gui, "light", 2.0)
    breathe(qtbot)
    image = inspector.grab().toImage()
    assert image.pixelColor(4, image.height() - 4) == theme.current().panel
    assert inspector.layer.settings.form is not None
    assert field(inspector, "out_channels").height() >= 2 * theme.CONTROL


def test_an_illegal_setting_from_a_file_stands_in_the_form_of_its_kind(qtbot: QtBot, gui: object) -> None:
    project = chain(Input(), Flatten(), Linear(out_features=3), Output())
    damaged = evolve(project.graph.nodes["n3"], kind=layer_from_json({"kind": "Linear", "out_features": -3}))
    project = evolve(project, graph=project.graph.with_nodes([damaged]))
    work = opened(project)
    panel = Inspector(work)
    shown(qtbot, panel, 312, 800)
    select(qtbot, work, "n3")
    assert panel.layer.head.title.text() == "Linear"
    assert "Out features: expected a whole number" in str(panel.layer.problems.entries[0].problem.message)
    assert "received -3" in field(panel, "out_features").toolTip()
    assert "Back to the usual settings" in [action.text() for action in panel.menu().actions()]
    field(panel, "out_features").value_changed.emit(10)
    breathe(qtbot)
    assert work.current.project.graph.nodes["n3"].kind == Linear(out_features=10)
    assert "received -3" not in field(panel, "out_features").toolTip()
    work.current.undo()
    assert work.current.project == project
