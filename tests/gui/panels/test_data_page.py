"""The data page: columns with type and role, rows by the hundred thousand, parts, what was noticed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine import edits
from engine.data.columns.categories import CategoryColumn
from engine.data.columns.images import ImageColumn
from engine.data.columns.numbers import NumberColumn
from engine.data.opening import open_data
from engine.data.overview import ColumnOverview, Overview, overview_of
from engine.data.sample_looks import SampleLook
from engine.data.schema import Column
from engine.data.sets.series import Sunspots
from engine.data.sets.speech import SpokenDigits
from engine.data.sets.tables import Iris
from engine.data.sets.texts import Poems
from engine.data.sets.videos import MovingDigits
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.source import Source
from engine.message import Message, Trouble
from gui.document.workspace import Workspace
from gui.panels.data_page.column_list import bar_boxes, places, role_box
from gui.panels.data_page.how import ColumnForm
from gui.panels.data_page.page import DataPage
from gui.panels.data_page.rows import RowTable
from gui.panels.data_page.sample_grid import SampleGrid
from tests.engine.data.test_own_tables import ROWS, animals
from tests.gui.panels.panel_story import breathe, cnn, opened, shown, with_data

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


@pytest.fixture
def work(gui: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    return opened(with_data(cnn(), open_data(animals(), "kind")))


@pytest.fixture
def page(qtbot: QtBot, work: Workspace) -> DataPage:
    page = DataPage(work)
    shown(qtbot, page, 1300, 900)
    wait(qtbot, page)
    return page


def wait(qtbot: QtBot, page: DataPage) -> None:
    """Until what is on the screen is of the present data, with its rows."""

    def so() -> bool:
        view, data = page.view, page.workspace.current.project.data
        return view is not None and view.overview.settings == data and not page.reader.worker.busy

    qtbot.waitUntil(so, timeout=20_000)
    qtbot.waitUntil(lambda: not page.sorter.busy, timeout=20_000)


def row_of(page: DataPage, name: str) -> int:
    return [one.name for one in page.columns.columns()].index(name)


def click(page: DataPage, name: str, part: str, share: float = 0.5, held: object = None) -> None:
    """Click on a part of a column's row, at a share of its width."""
    box = page.columns.part_rect(row_of(page, name), part)
    place = QPoint(round(box.left() + share * box.width()), box.center().y())
    QTest.mouseClick(page.columns.viewport(), LEFT, held or Qt.KeyboardModifier.NoModifier, place)


def roles(page: DataPage) -> dict[str, str]:
    return {one.name: one.role for one in page.workspace.current.project.data.columns}


def texts(page: DataPage, name: str) -> list[str]:
    """All that stands in a column of the table, from top to bottom."""
    model = page.table.rows
    column = [one.name for one in model.shown].index(name) + 1
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def test_it_says_what_was_read_and_how(page: DataPage) -> None:
    assert page.head.name.text() == "table.csv"
    assert page.head.facts.text().startswith(f"{ROWS} rows × 6 columns · UTF-8, comma, point · ")
    assert [line.text() for line in page.side.parts.lines] == ["Train", "Validation", "Test"]
    assert sum(line.count for line in page.side.parts.lines) == ROWS
    assert page.side.parts.note.text() == "random, stratified by kind, seed 0"
    assert [line.text() for line in page.side.balance.lines] == ["cat", "dog", "cow"]
    assert page.table.rows.rowCount() == ROWS
    assert texts(page, "weight")[7] == "missing"


def test_a_click_gives_a_column_another_role_and_undo_takes_it_back(qtbot: QtBot, page: DataPage) -> None:
    click(page, "herd", "role", 0.85)
    assert roles(page)["herd"] == "ignore"
    wait(qtbot, page)
    click(page, "colour", "role", 0.5)
    assert (roles(page)["colour"], roles(page)["kind"]) == ("target", "input")
    wait(qtbot, page)
    click(page, "kind", "role", 0.5, Qt.KeyboardModifier.ControlModifier)
    assert (roles(page)["colour"], roles(page)["kind"]) == ("target", "target")
    for _ in range(3):
        page.workspace.current.undo()
    wait(qtbot, page)
    assert roles(page)["herd"] == "input"
    assert page.columns.column(row_of(page, "herd")).role == "input"


def test_the_keyboard_changes_roles_too(page: DataPage) -> None:
    page.columns.setFocus()
    page.columns.setCurrentIndex(page.columns.model().index(row_of(page, "kind"), 0))
    QTest.keyClick(page.columns, Key.Key_Left)
    assert roles(page)["kind"] == "input"


def menu_of(page: DataPage) -> QMenu:
    """The menu that was opened last."""
    return page.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1]


def actions(menu: QMenu) -> dict[str, object]:
    return {one.text(): one for one in menu.actions() if one.text()}


def test_the_menu_offers_types_that_fit_and_all_roles(qtbot: QtBot, page: DataPage) -> None:
    click(page, "weight", "type")
    menu = menu_of(page)
    offered = actions(menu)
    assert {"number", "category", "Group", "Time", "Weight", "A further target"} <= offered.keys()
    offered["category"].trigger()  # type: ignore[attr-defined]  # an action
    kind = next(one.type for one in page.workspace.current.project.data.columns if one.name == "weight")
    assert isinstance(kind, CategoryColumn)
    menu.close()
    wait(qtbot, page)
    click(page, "herd", "type")
    menu = menu_of(page)
    actions(menu)["Group"].trigger()  # type: ignore[attr-defined]  # the same
    menu.close()
    assert roles(page)["herd"] == "group"
    wait(qtbot, page)
    assert page.side.parts.note.text() == "by herd, seed 0"


def test_what_the_network_gets_can_be_chosen(page: DataPage) -> None:
    click(page, "weight", "gets", 0.1)
    menu = menu_of(page)
    inner = {one.text(): one.menu() for one in menu.actions()}
    actions(inner["Missing"])["median"].trigger()  # type: ignore[arg-type,attr-defined]  # a menu of actions
    menu.close()
    kind = next(one.type for one in page.workspace.current.project.data.columns if one.name == "weight")
    assert kind == NumberColumn(missing="median")


def test_a_bar_shows_its_samples_alone(qtbot: QtBot, page: DataPage) -> None:
    one = page.columns.column(row_of(page, "kind"))
    box = page.columns.part_rect(row_of(page, "kind"), "bars")
    assert one.bars is not None
    bar = one.bars.names.index("cow")
    part = bar_boxes(one, box.toRectF())[bar]
    QTest.mouseClick(page.columns.viewport(), LEFT, pos=part.center().toPoint())
    wait(qtbot, page)
    assert set(texts(page, "kind")) == {"cow"}
    assert page.rows_note.text() == f"66 of {ROWS} rows · kind cow"
    assert [line.isChecked() for line in page.side.balance.lines] == [False, False, True]
    QTest.mouseClick(page.head.all, LEFT)
    wait(qtbot, page)
    assert page.table.rows.rowCount() == ROWS


def test_parts_classes_and_words_filter(qtbot: QtBot, page: DataPage) -> None:
    QTest.mouseClick(page.side.parts.lines[2], LEFT)
    wait(qtbot, page)
    assert page.table.rows.rowCount() == page.side.parts.lines[2].count
    QTest.mouseClick(page.side.parts.lines[2], LEFT)
    wait(qtbot, page)
    QTest.mouseClick(page.side.balance.lines[0], LEFT)
    wait(qtbot, page)
    assert set(texts(page, "kind")) == {"cat"}
    page.show_all()
    QTest.keyClicks(page.head.field, "herd 12")
    qtbot.waitUntil(lambda: page.table.rows.rowCount() == 5, timeout=5000)
    assert set(texts(page, "herd")) == {"herd 12"}


def test_a_head_sorts_both_ways_and_back(qtbot: QtBot, page: DataPage) -> None:
    head = page.table.horizontalHeader()
    section = [one.name for one in page.table.rows.shown].index("length") + 1
    place = QPoint(head.sectionViewportPosition(section) + 20, head.height() // 2)
    seen = []
    for _ in range(3):
        QTest.mouseClick(head.viewport(), LEFT, pos=place)
        wait(qtbot, page)
        seen.append([float(text.replace("−", "-")) for text in texts(page, "length")])
    assert seen[0] == sorted(seen[0])
    assert seen[1] == sorted(seen[0], reverse=True)
    assert seen[2] != seen[0]


def test_a_finding_shows_its_rows_or_changes_the_data(qtbot: QtBot, page: DataPage) -> None:
    line = next(one for one in page.side.lines if "weight" in str(one.finding.message))
    assert line.button is not None
    QTest.mouseClick(line.button, LEFT)
    wait(qtbot, page)
    assert set(texts(page, "weight")) == {"missing"}
    data = page.workspace.current.project.data
    columns = tuple(
        one.with_setting("type", NumberColumn()) if one.name == "born" else one for one in data.columns
    )
    page.workspace.current.do(edits.set_data, evolve(data, columns=columns), label=Message("Number"))
    qtbot.waitUntil(page.trouble.isVisible, timeout=20_000)
    assert "Column born: Expected numbers" in page.trouble.text.text()
    assert len(page.columns.columns()) == 6


def test_a_million_rows_scroll_without_stutter(qtbot: QtBot, gui: object) -> None:
    rows = 1_000_000
    chance = np.random.default_rng(0)
    values = {f"x{one}": chance.normal(size=rows) for one in range(8)}
    data = DataSettings(
        columns=tuple(ColumnSettings(name=name, type=NumberColumn(), role="ignore") for name in values)
    )
    table = RowTable()
    table.set_rows(overview_of(data, values, rows), np.arange(rows))
    shown(qtbot, table, 1000, 700)
    bar = table.verticalScrollBar()
    asked: list[object] = []
    plain = table.rows.data
    table.rows.data = lambda *a: asked.append(a) or plain(*a)  # type: ignore[method-assign,func-returns-value]
    for place in (0.1, 0.5, 0.9, 1.0):
        asked.clear()
        bar.setValue(round(bar.maximum() * place))
        table.viewport().repaint()
        assert 0 < len(asked) < 2000  # what is in sight, not what there is
    assert "1,000,000" in {str(table.rows.index(row, 0).data()) for row in (rows - 1,)}


def test_a_set_that_comes_with_the_program_is_shown_but_its_columns_stay(qtbot: QtBot, gui: object) -> None:
    work = opened(with_data(cnn(), DataSettings(source=Iris())))
    page = DataPage(work)
    shown(qtbot, page, 1000, 700)
    wait(qtbot, page)
    before = work.current.project
    click(page, "sepal width", "role", 0.85)
    assert work.current.project is before
    assert texts(page, "species")[0] == "setosa"
    assert page.head.name.text() == Iris.label()


def test_hidden_it_reads_nothing(qtbot: QtBot, work: Workspace) -> None:
    page = DataPage(work)
    qtbot.addWidget(page)
    data = evolve(work.current.project.data, seed=3)
    work.current.do(edits.set_data, data, label=Message("Seed"))
    breathe(qtbot)
    assert page.reader.asked is None


@pytest.mark.parametrize("width", [380, 700, 1200, 2400])
def test_the_parts_of_a_row_stand_beside_each_other(gui: object, width: int) -> None:
    spot = places(width)
    parts = [getattr(spot, name) for name in ("name", "type", "role", "bars", "facts", "missing", "gets")]
    for (left, wide), (following, _) in pairwise(parts):
        assert left + wide <= following
    assert role_box(spot.box("role", page_rect(width))).width() == spot.role[1]


def page_rect(width: int):
    from PySide6.QtCore import QRect

    return QRect(0, 0, width, 40)


# ---------------------------------------------------------------------- samples as one looks at them


def folder_of_pictures(folder: Path, number: int = 40) -> Path:
    """A folder for each of two classes, with small pictures, and one file that is none."""
    from PIL import Image

    for place in range(number):
        kind = ("light", "dark")[place % 2]
        (folder / kind).mkdir(parents=True, exist_ok=True)
        grey = np.full((6, 6), 250 - 200 * (place % 2) - place, np.uint8)
        Image.fromarray(grey).save(folder / kind / f"{place}.png")
    (folder / "dark" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    return folder


def test_a_folder_of_pictures_is_a_grid_with_what_cannot_be_read(
    qtbot: QtBot, gui: object, tmp_path: Path
) -> None:
    work = opened(with_data(cnn(), open_data(folder_of_pictures(tmp_path / "lights"))))
    page = DataPage(work)
    shown(qtbot, page, 1100, 800)
    wait(qtbot, page)
    grid = page.grid
    assert page.stack.currentWidget() is grid
    assert page.head.facts.text().startswith("41 pictures")
    assert len(grid.places_in_sight()) == len(grid.rows) == 41
    qtbot.waitUntil(lambda: all(grid.store.look(row) is not None for row in range(41)), timeout=20_000)
    column = grid.column
    assert column is not None
    looks = {Path(column.values[row]).name: grid.store.look(row) for row in range(41)}
    assert isinstance(looks.pop("x.png"), Trouble)
    for name, look in looks.items():
        number = int(Path(name).stem)
        assert isinstance(look, SampleLook)
        assert look.frames[0][0, 0, 0] * 255 == pytest.approx(250 - 200 * (number % 2) - number)
    assert "1 file cannot be read" in page.trouble.text.text()
    QTest.mouseClick(page.trouble.buttons[0], LEFT)
    assert work.current.project.data.unreadable == "skip"
    wait(qtbot, page)
    assert not page.trouble.isVisible()
    assert any("1 row is left out" in str(line.finding.message) for line in page.side.lines)
    page.head.parts.segments()[3].click()
    wait(qtbot, page)
    assert len(grid.rows) == page.side.parts.lines[2].count
    page.head.looks.segments()[1].click()
    wait(qtbot, page)
    assert [one.name for one in page.columns.columns()] == ["image", "class"]


def test_fifty_thousand_pictures_are_drawn_only_where_they_are_seen(qtbot: QtBot, gui: object) -> None:
    number = 50_000
    column = Column("image", (1, 4, 4), lo=0, hi=1)
    pictures = np.zeros((number, 1, 4, 4), np.float32)
    one = ColumnOverview("image", "image", "input", "image", pictures, column=column)
    nowhere = np.zeros(number, np.int64)
    view = Overview(DataSettings(), (one,), number, nowhere.astype(np.int8), nowhere)
    grid = SampleGrid()
    shown(qtbot, grid, 1000, 700)
    looked: list[int] = []
    plain = grid.store.look
    grid.store.look = lambda row: looked.append(row) or plain(row)  # type: ignore[method-assign,func-returns-value]
    grid.set_rows(view, np.arange(number))
    bar = grid.verticalScrollBar()
    for share in (0.0, 0.3, 1.0):
        looked.clear()
        bar.setValue(round(share * bar.maximum()))
        grid.viewport().repaint()
        assert 0 < len(looked) < 500
    assert number - 1 in looked
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_Home)
    assert bar.value() == 0
    QTest.keyClick(grid, Key.Key_Down)
    assert grid.current == grid.per_line()
    assert grid.place_at(grid.tile_rect(grid.current).center()) == grid.current


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (Poems(), lambda look: bool(look.text)),
        (Sunspots(), lambda look: look.curve is not None and look.curve.shape[1] == 1),
        (SpokenDigits(), lambda look: look.spectrum is not None and look.spectrum.min() >= 0),
        (MovingDigits(), lambda look: len(look.frames) == 5),
    ],
    ids=lambda one: type(one).__name__,
)
def test_every_kind_of_sample_is_seen_as_what_it_is(
    qtbot: QtBot, gui: object, source: Source, seen: Callable[[SampleLook], bool]
) -> None:
    work = opened(with_data(cnn(), DataSettings(source=source)))
    page = DataPage(work)
    shown(qtbot, page, 1000, 700)
    wait(qtbot, page)
    look = page.grid.store.look(0)
    assert isinstance(look, SampleLook)
    assert seen(look)
    assert not page.grid.grab().isNull()


def test_all_settings_of_a_column_are_in_a_form(qtbot: QtBot, gui: object, tmp_path: Path) -> None:
    work = opened(with_data(cnn(), open_data(folder_of_pictures(tmp_path / "lights"))))
    page = DataPage(work)
    shown(qtbot, page, 1100, 800)
    wait(qtbot, page)
    page.head.looks.segments()[1].click()
    wait(qtbot, page)
    click(page, "image", "type")
    menu = menu_of(page)
    actions(menu)["All settings…"].trigger()  # type: ignore[attr-defined]  # an action
    menu.close()
    (form,) = page.findChildren(ColumnForm)
    form.forms[0].fields()[("height",)].value_changed.emit(9)  # type: ignore[attr-defined]  # a field
    form.close()
    kind = next(one.type for one in work.current.project.data.columns if one.name == "image")
    assert isinstance(kind, ImageColumn)
    assert (kind.height, kind.width) == (9, 6)


def test_few_whole_numbers_that_become_the_target_are_classes(
    qtbot: QtBot, gui: object, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{one % 7},{one * 0.5},{one * one}" for one in range(80)]
    path.write_text("\n".join(["digit,x,y", *rows]), encoding="utf-8")
    work = opened(with_data(cnn(), open_data(path)))
    page = DataPage(work)
    shown(qtbot, page, 1000, 700)
    wait(qtbot, page)
    page.set_role("digit", "target")
    wait(qtbot, page)
    digit = work.current.project.data.columns[0]
    assert (digit.role, getattr(digit.type, "names", ())) == ("target", tuple("0123456"))
