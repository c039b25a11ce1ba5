"""The first page: cards, keys, search, and the projects that were open lately."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from engine.templates import famous, template, templates
from gui import settings
from gui.files.recent import Recent
from gui.gallery import card_cache
from gui.gallery.gallery import Gallery
from gui.style import theme, tokens
from gui.style.apply import apply


@pytest.fixture
def gallery(gui: object, qtbot: QtBot) -> Gallery:
    page = Gallery(Recent())
    qtbot.addWidget(page)
    page.resize(1600, 960)
    page.show()
    qtbot.waitExposed(page)
    page.setFocus()
    return page


def test_the_cards_say_what_the_templates_are() -> None:
    kept = json.loads(card_cache.FILE.read_text(encoding="utf-8"))
    assert kept == card_cache.measured(), "write the file anew with: python -m gui.gallery.card_cache"


def test_every_template_has_a_card_with_its_facts(gallery: Gallery) -> None:
    assert [card.template.id for card in gallery.grid.cards] == [one.id for one in (*templates(), *famous())]
    assert [card.template.id for card in gallery.grid.shown] == [one.id for one in templates()]
    mlp = next(card for card in gallery.grid.cards if card.template.id == "digits-mlp")
    assert mlp.facts() == "6 layers  ·  4,810 parameters  ·  " + template("digits-mlp").reached
    assert mlp.accessibleName() == "Digits MLP"
    assert "digits" in mlp.accessibleDescription()
    vae = next(card for card in gallery.grid.cards if card.template.id == "variational-autoencoder")
    room = QFontMetrics(theme.font("hint")).horizontalAdvance(vae.facts())
    assert vae.facts(room).endswith(str(vae.template.year))
    assert vae.facts(room - 1) + f"  ·  {vae.template.year}" == vae.facts(), "no fact is cut"


@pytest.mark.parametrize("worn", [tokens.DARK, tokens.LIGHT])
def test_the_canvas_draws_the_pictures(gallery: Gallery, gui: object, worn: tokens.Theme) -> None:
    apply(gui, worn)
    for card in gallery.grid.cards:
        image = card.grab().toImage()
        across, down = range(4, image.width() - 4, 8), range(4, image.height() - 90, 2)
        colours = {image.pixelColor(x, y).name() for x in across for y in down}
        assert worn.canvas.name() in colours
        assert len(colours) > 6  # there are boxes


def test_arrows_walk_and_enter_opens(gallery: Gallery, qtbot: QtBot) -> None:
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    assert gallery.grid.columns() == 4
    for key in (
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Left,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_Left,
    ):
        qtbot.keyClick(gallery, key)
    assert gallery.grid.current is gallery.grid.cards[0]
    qtbot.keyClick(gallery, Qt.Key.Key_Right)
    qtbot.keyClick(gallery, Qt.Key.Key_Return)
    assert chosen == [gallery.grid.cards[1].template.id]


def test_a_click_opens_a_card_once(gallery: Gallery, qtbot: QtBot) -> None:
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    qtbot.mouseMove(gallery.grid.cards[2])
    qtbot.mouseClick(gallery.grid.cards[2], Qt.MouseButton.LeftButton)
    qtbot.mouseDClick(gallery.grid.cards[2], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert chosen == [gallery.grid.cards[2].template.id]


def test_slash_searches_and_enter_opens_the_best(gallery: Gallery, qtbot: QtBot) -> None:
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    qtbot.keyClick(gallery, "/")
    assert gallery.field.hasFocus() or gallery.field.text() == ""
    qtbot.keyClicks(gallery.field, "sunspots")
    assert [card.template.id for card in gallery.grid.shown] == ["sunspots-lstm"]
    qtbot.keyClick(gallery.field, Qt.Key.Key_Return)
    assert len(chosen) == 1
    qtbot.keyClicks(gallery.field, "xyzzy")
    assert gallery.grid.shown == []
    assert gallery.grid.current is None
    qtbot.keyClick(gallery.field, Qt.Key.Key_Return)
    assert len(chosen) == 1
    qtbot.keyClick(gallery.field, Qt.Key.Key_Escape)
    assert len(gallery.grid.shown) == len(templates())


def test_the_famous_networks_have_a_tab_with_their_number(gallery: Gallery, qtbot: QtBot) -> None:
    assert gallery.tabs._tabs["famous"].badge == str(len(famous()))
    gallery.tabs.setCurrentIndex(gallery.tabs.index("famous"))
    assert [card.template.id for card in gallery.grid.shown] == [one.id for one in famous()]
    assert all(card.isVisible() == (card in gallery.grid.shown) for card in gallery.grid.cards)
    chosen: list[str] = []
    gallery.chosen.connect(chosen.append)
    gallery.setFocus()
    qtbot.keyClick(gallery, Qt.Key.Key_Right)
    qtbot.keyClick(gallery, Qt.Key.Key_Return)
    assert chosen == [famous()[1].id]
    gallery.tabs.setCurrentIndex(0)
    assert [card.template.id for card in gallery.grid.shown] == [one.id for one in templates()]


def test_a_search_turns_to_the_tab_where_it_found_something(gallery: Gallery) -> None:
    gallery.search("GPT-2")
    assert gallery.tabs.current() == "famous"
    assert [card.template.id for card in gallery.grid.shown] == ["gpt-2"]
    gallery.search("wine")
    assert gallery.tabs.current() == "templates"
    assert "wine-mlp" in [card.template.id for card in gallery.grid.shown]


def test_a_narrow_page_has_fewer_columns(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.resize(900, 700)
    qtbot.waitUntil(lambda: gallery.grid.columns() == 2, timeout=20_000)
    gallery.search("")
    assert gallery.grid.cards[2].y() > gallery.grid.cards[0].y()
    assert gallery.grid.cards[2].x() == gallery.grid.cards[0].x()


def test_recent_projects_are_listed_and_open(gallery: Gallery, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "net.loom"
    path.write_text("{}", "utf-8")
    gallery.recent.note(tmp_path / "gone.loom", "Gone")
    gallery.recent.note(path, "Net", "97.9 %")
    assert [row.entry.title for row in gallery.side.recent.rows] == ["Net", "Gone"]
    assert [entry.there for entry in gallery.recent.entries()] == [True, False]
    gallery.tabs.setCurrentIndex(2)
    chosen: list[Path] = []
    gallery.recent_chosen.connect(chosen.append)
    qtbot.mouseClick(gallery.all_recent.rows[0], Qt.MouseButton.LeftButton)
    assert chosen == [path]
    gallery.grab()
    gallery.all_recent.rows[1].dropped.emit(str(tmp_path / "gone.loom"))
    assert [row.entry.title for row in gallery.side.recent.rows] == ["Net"]


def test_show_at_start_is_a_preference(gallery: Gallery) -> None:
    gallery.at_start.click()
    assert not settings.preferences().show_gallery
    settings.prefer(show_gallery=True)
    gallery.refresh()
    assert gallery.at_start.isChecked()
