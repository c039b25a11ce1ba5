"""Preferences, the dialog that changes them, recent projects, and how the window was left."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.files.checked_json import items, whole
from gui import settings
from gui.controls import Button
from gui.controls.dialog import ScrolledBody
from gui.dialogs.settings import SettingsDialog
from gui.files.recent import Recent, RecentProject
from gui.style import theme
from gui.style.apply import apply


def test_the_dialog_is_no_larger_than_the_screen_and_scrolls(gui: QApplication, qtbot: QtBot) -> None:
    apply(gui, "dark", 2.0)
    dialog = SettingsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    room = dialog.screen().availableSize()
    assert dialog.height() < room.height()
    assert dialog.width() <= room.width()
    close = next(button for button in dialog.findChildren(Button) if button.text() == "Close")
    assert dialog.rect().contains(close.geometry())
    body = dialog.findChild(ScrolledBody)
    qtbot.waitUntil(lambda: body.verticalScrollBar().maximum() > 0)


def test_a_preference_is_kept_and_told(gui: object) -> None:
    heard: list[settings.Preferences] = []
    settings.preferences_changed.connect(heard.append)
    settings.prefer(wheel="pan", threads=3)
    settings.preferences_changed.disconnect(heard.append)
    settings.forget()
    assert settings.preferences().wheel == "pan"
    assert settings.preferences().threads == 3
    assert heard == [settings.preferences()]


def test_preferring_the_same_is_silent(gui: object) -> None:
    heard: list[object] = []
    settings.preferences_changed.connect(heard.append)
    settings.prefer(wheel=settings.preferences().wheel)
    settings.preferences_changed.disconnect(heard.append)
    assert not heard


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("theme", '"mauve"'),
        ("threads", "-4"),
        ("threads", "true"),
        ("text_size", "4000"),
        ("runs", "7"),
        ("wheel", "{"),
    ],
)
def test_an_illegal_value_in_the_file_falls_back(gui: object, name: str, text: str) -> None:
    kept = settings.store()
    kept.setValue(f"preferences/{name}", text)
    kept.sync()
    settings.forget()
    assert getattr(settings.preferences(), name) == getattr(settings.Preferences(), name)


def test_view_state_comes_back(gui: object) -> None:
    settings.remember("sizes", [1, 2, 3])
    sizes = items(whole(1, 3))
    assert settings.remembered("sizes", sizes) == [1, 2, 3]
    assert settings.remembered("never", sizes) is None
    assert settings.damaged() == []


@pytest.mark.parametrize(
    "text", ["5", "[1, 9]", "[1", "[" * 9000 + "]" * 9000, '["1"]', "[1" + "0" * 400 + "]"]
)
def test_what_is_kept_and_damaged_is_as_usual_again_and_named_once(gui: object, text: str) -> None:
    kept = settings.store()
    kept.setValue("view/sizes", text)
    kept.sync()
    assert settings.remembered("sizes", items(whole(1, 3))) is None
    assert settings.remembered("sizes", items(whole(1, 3))) is None
    assert settings.damaged() == ["view/sizes"]
    assert settings.damaged() == []


def test_folders_are_the_persons_or_the_usual(gui: object, tmp_path: Path) -> None:
    assert settings.state_folder() == tmp_path / "state" / "layerloom"
    assert settings.runs_folder() == settings.usual_runs_folder()
    settings.prefer(runs=str(tmp_path / "elsewhere"), state=str(tmp_path / "here"))
    assert settings.runs_folder() == tmp_path / "elsewhere"
    assert settings.state_folder() == tmp_path / "here"


def test_the_dialog_works_at_once(gui: object, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SettingsDialog()
    qtbot.addWidget(dialog)
    dialog.wheel.segments()[1].click()
    dialog.motion.click()
    dialog.at_start.click()
    dialog.threads.switch.click()
    dialog.theme.segments()[2].click()
    dialog.runs.use(str(tmp_path / "runs"))
    wish = settings.preferences()
    assert (wish.wheel, wish.reduced_motion, wish.show_gallery, wish.theme) == ("pan", True, False, "light")
    assert wish.threads is not None
    assert settings.runs_folder() == tmp_path / "runs"
    assert dialog.runs.label.text() == str(tmp_path / "runs")
    dialog.runs.reset()
    assert settings.runs_folder() == settings.usual_runs_folder()
    assert not dialog.runs.usual.isEnabled()


def test_the_dialog_shows_what_is_preferred(gui: object, qtbot: QtBot) -> None:
    settings.prefer(theme="light", text_size=130, device="cuda")
    dialog = SettingsDialog()
    qtbot.addWidget(dialog)
    assert dialog.theme.value() == "light"
    assert dialog.text_size.value() == 130
    assert dialog.device.value() == "cuda"
    assert theme.current().dark  # showing it changes nothing


# ---------------------------------------------------------------------- recent projects


def test_the_newest_comes_first_and_once(gui: object, tmp_path: Path) -> None:
    recent = Recent()
    for name in ("a", "b", "a"):
        recent.note(tmp_path / f"{name}.loom", name.upper())
    assert [entry.title for entry in recent.entries()] == ["A", "B"]


def test_a_result_stays_until_a_newer_one(gui: object, tmp_path: Path) -> None:
    recent, path = Recent(), tmp_path / "a.loom"
    recent.note(path, "A", "97.9 %")
    recent.note(path, "A")
    assert recent.entries()[0].result == "97.9 %"
    recent.drop(str(path))
    assert recent.entries() == ()


def test_a_list_edited_by_hand_loses_only_what_is_broken(gui: object) -> None:
    kept = settings.store()
    kept.setValue("recent", '[["/x/a.loom", "A", 5.0, ""], ["half"], 7]')
    kept.sync()
    assert [entry.title for entry in Recent().entries()] == ["A"]


def test_when_and_where_are_in_words(gui: object) -> None:
    now = time.mktime((2026, 5, 20, 12, 0, 0, 0, 0, -1))
    home = Path.home() / "networks" / "a.loom"
    entry = RecentProject(str(home), "A", now - 3600)
    assert entry.place() == "~/networks/a.loom"
    assert entry.when(now) == "today 11:00"
    assert RecentProject("/x", "A", now - 24 * 3600).when(now) == "yesterday"
    assert "2025" in RecentProject("/x", "A", now - 365 * 24 * 3600).when(now)
