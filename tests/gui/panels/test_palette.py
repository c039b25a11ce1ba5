"""The list of layers: searched, folded, dragged, and added after the selected one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QHoverEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits, kinds
from engine.files.checked_json import items, text
from engine.kinds import Layer
from engine.layers.activation import ReLU
from engine.layers.combine import Add
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.reshape import Flatten
from gui import settings
from gui.canvas.tools.drop import MIME
from gui.document.workspace import Workspace, empty_project
from gui.panels.palette.palette import Palette
from gui.panels.palette.palette_model import FAMILY, in_order, usual_code
from gui.panels.palette.palette_rows import fitting, ghost
from gui.style import theme
from gui.style.apply import apply
from gui.text.kind_help import tip
from tests.gui.panels.panel_story import breathe, chain, cnn, kind_of, opened, shown


@pytest.fixture
def work(gui: object) -> Workspace:
    return opened(cnn())


@pytest.fixture
def palette(qtbot: QtBot, work: Workspace) -> Palette:
    panel = Palette(work)
    shown(qtbot, panel, 232, 700)
    return panel


def row_of(palette: Palette, name: str) -> QModelIndex:
    """The row of a kind, wherever it stands."""
    model = palette.model
    tops = [model.index(row, 0) for row in range(model.rowCount())]
    every = tops + [model.index(row, 0, top) for top in tops for row in range(model.rowCount(top))]
    return next(index for index in every if index.data() == name)


def names(palette: Palette) -> list[str]:
    return [palette.model.index(row, 0).data() for row in range(palette.model.rowCount())]


def test_every_layer_stands_in_its_family(palette: Palette) -> None:
    listed = set()
    for row in range(palette.model.rowCount()):
        head = palette.model.index(row, 0)
        family = head.data(FAMILY)
        for place in range(palette.model.rowCount(head)):
            kind = palette.model.kind_at(palette.model.index(place, 0, head))
            assert kind is not None
            assert kind.family == family
            listed.add(kind)
    assert listed == set(kinds.registry(Layer).values())
    assert str(len(listed)) in palette.field.placeholderText()


def test_kinds_of_one_two_and_three_axes_stand_together() -> None:
    names = ["MaxPool3d", "AvgPool2d", "MaxPool1d", "Flatten", "MaxPool2d", "AvgPool1d"]
    expected = ["MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d", "Flatten"]
    assert in_order(names) == expected


def test_search_lists_the_best_first_and_escape_brings_families_back(qtbot: QtBot, palette: Palette) -> None:
    before = names(palette)
    qtbot.keyClicks(palette.field, "conv2")
    assert names(palette)[0] == "Conv2d"
    assert "Linear" not in names(palette)
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert names(palette) == before


def test_a_description_finds_a_layer_too(qtbot: QtBot, palette: Palette) -> None:
    qtbot.keyClicks(palette.field, "halves")
    assert "MaxPool2d" in names(palette)
    assert "Conv2d" not in names(palette)


def test_nothing_found_says_what_to_do(qtbot: QtBot, palette: Palette) -> None:
    qtbot.keyClicks(palette.field, "zzzz")
    assert palette.nothing.isVisible()
    assert palette.nothing.text.text().startswith("Nothing called that")


def test_enter_in_the_search_adds_the_best(qtbot: QtBot, palette: Palette, work: Workspace) -> None:
    work.current.select(["n3"])
    qtbot.keyClicks(palette.field, "dropout")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    (new,) = work.current.selection
    assert type(kind_of(work, new)).__name__ == "Dropout"


def test_a_layer_goes_into_the_wire_after_the_selected_one(palette: Palette, work: Workspace) -> None:
    work.current.select(["n2"])
    palette.add(ReLU)
    graph = work.current.project.graph
    (new,) = work.current.selection
    assert [wire.source for wire in graph.incoming(new)] == ["n2"]
    assert [wire.target for wire in graph.outgoing(new)] == ["n3"]
    assert work.current.analysis is not None
    assert work.current.analysis.trainable
    tops = sorted((node.y, node.id) for node in graph.nodes.values())
    assert [id for _, id in tops][:4] == ["n1", "n2", new, "n3"]
    work.current.undo()
    assert work.current.project == cnn()


def test_a_layer_that_would_break_what_follows_gets_a_branch(palette: Palette, work: Workspace) -> None:
    work.current.select(["n2"])
    palette.add(Flatten)
    graph = work.current.project.graph
    (new,) = work.current.selection
    assert [wire.source for wire in graph.incoming(new)] == ["n2"]
    assert not graph.outgoing(new)
    assert [wire.target for wire in graph.outgoing("n2")] == ["n3", new]
    node, trunk = graph.nodes[new], graph.nodes["n3"]
    assert abs(node.x - trunk.x) >= 236 or abs(node.y - trunk.y) >= 28


def test_a_layer_that_does_not_fit_is_placed_without_a_wire(palette: Palette, work: Workspace) -> None:
    work.current.select(["n5"])  # a row of numbers
    palette.add(Conv2d)
    (new,) = work.current.selection
    assert not work.current.project.graph.incoming(new)


def test_a_many_port_may_wait_for_its_other_wires(palette: Palette, work: Workspace) -> None:
    work.current.select(["n2"])
    palette.add(Add)
    (new,) = work.current.selection
    assert [wire.source for wire in work.current.project.graph.incoming(new)] == ["n2"]


def test_a_network_grows_by_double_clicks_alone(qtbot: QtBot, gui: object) -> None:
    work = opened(empty_project())
    palette = Palette(work)
    shown(qtbot, palette, 232, 900)
    for kind in ("Input", "Flatten", "Linear", "Output"):
        index = row_of(palette, kind)
        palette.rows.scrollTo(index)
        place = palette.rows.visualRect(index).center()
        qtbot.mouseClick(palette.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(palette.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    kinds_there = [type(node.kind) for node in work.current.project.graph.nodes.values()]
    assert kinds_there == [Input, Flatten, Linear, Output]
    assert len(work.current.project.graph.wires) == 3


def test_nothing_is_wired_to_an_output_or_into_an_input(palette: Palette, work: Workspace) -> None:
    for after, kind in (("n7", Linear), ("n2", Input)):
        work.current.select([after])
        palette.add(kind)
        (new,) = work.current.selection
        assert not work.current.project.graph.incoming(new)


def test_a_click_on_a_head_folds_and_is_remembered(qtbot: QtBot, palette: Palette, work: Workspace) -> None:
    head = palette.model.index(0, 0)
    place = QPoint(60, palette.rows.visualRect(head).center().y())
    qtbot.mouseClick(palette.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not palette.rows.isExpanded(head)
    assert settings.remembered("palette/folded", items(text())) == [head.data(FAMILY)]
    again = Palette(work)
    qtbot.addWidget(again)
    assert not again.rows.isExpanded(again.model.index(0, 0))
    assert again.rows.isExpanded(again.model.index(1, 0))


def test_the_list_is_walked_with_keys(qtbot: QtBot, palette: Palette, work: Workspace) -> None:
    work.current.select(["n2"])
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.rows.hasFocus()
    rows = palette.rows
    assert rows.currentIndex() == palette.model.index(0, 0)
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert not rows.isExpanded(palette.model.index(0, 0))
    qtbot.keyClick(rows, Qt.Key.Key_Right)
    assert rows.isExpanded(palette.model.index(0, 0))
    rows.setCurrentIndex(row_of(palette, "ReLU"))
    qtbot.keyClick(rows, Qt.Key.Key_Enter)
    (new,) = work.current.selection
    assert isinstance(kind_of(work, new), ReLU)
    rows.setCurrentIndex(palette.model.index(0, 0))
    qtbot.keyClick(rows, Qt.Key.Key_Up)
    assert palette.field.hasFocus()


def test_what_is_dragged_names_the_kind(palette: Palette) -> None:
    data = palette.model.mimeData([row_of(palette, "Conv2d")])
    assert bytes(data.data(MIME).data()).decode() == "Conv2d"
    assert palette.model.mimeTypes() == [MIME]


def test_after_a_drag_no_row_is_lit(palette: Palette, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = palette.rows
    rest = rows.viewport().grab().toImage()
    monkeypatch.setattr(QDrag, "exec", lambda *_: Qt.DropAction.CopyAction)
    kind = row_of(palette, "Conv2d")
    rows.setCurrentIndex(kind)
    rows.scrollTo(palette.model.index(0, 0))
    place = QPointF(rows.visualRect(palette.model.index(0, 0)).center())
    over = QHoverEvent(QEvent.Type.HoverMove, place, place, place)
    QApplication.sendEvent(rows.viewport(), over)
    assert rows.viewport().grab().toImage() != rest
    rows.startDrag(Qt.DropAction.CopyAction)
    assert rows.viewport().grab().toImage() == rest


def test_what_hangs_at_the_pointer_is_as_wide_as_the_name(palette: Palette) -> None:
    chip, other, sharp = ghost(Conv2d), ghost(ReLU), ghost(ReLU, 2.0)
    assert chip.height() == other.height() == 28
    assert other.width() < chip.width() < 120
    assert (sharp.width(), sharp.height()) == (2 * other.width(), 56)


def test_the_tip_tells_what_it_does_and_its_line_of_code() -> None:
    assert usual_code(Conv2d) == "nn.Conv2d(32, 32, 3)"
    assert usual_code(Add) == "y = a + b"
    assert usual_code(Input) == ""
    told = tip(Conv2d, usual_code(Conv2d))
    assert Conv2d.doc() in told
    assert "nn.Conv2d" in told
    assert Conv2d.formula.split("; ")[0] in told
    assert "Source: LeCun et al. 1989" in told


@pytest.mark.parametrize("name", sorted(kinds.registry(Layer)))
def test_every_layer_has_a_tip_and_a_ghost(gui: object, name: str) -> None:
    kind = kinds.registry(Layer)[name]
    assert kind.label() in tip(kind)
    assert not ghost(kind).isNull()


def test_it_is_painted_in_both_themes(qtbot: QtBot, gui: object, palette: Palette) -> None:
    dark = palette.grab().toImage()
    apply(gui, "light")
    breathe(qtbot)
    light = palette.grab().toImage()
    ground = light.pixelColor(light.width() // 2, light.height() - 2)
    assert dark.pixelColor(dark.width() // 2, dark.height() - 2) != ground
    assert ground == theme.current().panel


def test_room_is_made_only_where_it_is_needed(palette: Palette, work: Workspace) -> None:
    far = edits.move(work.current.project, ["n3", "n4", "n5", "n6", "n7"], 0, 300)
    work.new(far)
    work.current.select(["n2"])
    before = {id: node.y for id, node in far.graph.nodes.items()}
    palette.add(ReLU)
    after = work.current.project.graph.nodes
    assert {id: after[id].y for id in before} == before


def test_adding_without_a_selection_stands_below_all(palette: Palette, work: Workspace) -> None:
    palette.add(Linear)
    (new,) = work.current.selection
    lowest = max(node.y for id, node in work.current.project.graph.nodes.items() if id != new)
    assert work.current.project.graph.nodes[new].y > lowest
    assert not work.current.project.graph.incoming(new)


def test_a_chain_of_two_takes_a_third_between(gui: object) -> None:
    work = opened(chain(Input(), Output()))
    panel = Palette(work)
    work.current.select(["n1"])
    panel.add(Flatten)
    graph = work.current.project.graph
    assert [graph.outgoing("n1")[0].target, graph.incoming("n2")[0].source] == ["n3", "n3"]
    panel.deleteLater()


def test_a_hint_is_read_whole_or_up_to_its_comma_or_not_at_all(gui: object) -> None:
    whole = QFontMetrics(theme.font("hint")).horizontalAdvance("halves, keeps places")
    assert fitting("halves, keeps places", whole) == "halves, keeps places"
    assert fitting("halves, keeps places", whole - 1) == "halves"
    assert fitting("halves, keeps places", 8) == ""
    assert fitting("", -3) == ""
