"""Whatever happened to the settings, the window starts, and says once what it could not read."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.files.checked_json import fits
from gui import settings
from gui.canvas import remembered_view
from gui.docks.docks import STATE
from gui.files.recent import Recent
from gui.window.window import Window
from tests.damage.damaging import damaged_bytes, damaged_json
from tests.gui.conftest import dressed, gui, own_folders

__all__ = ["dressed", "gui", "own_folders"]
EACH = 10  # damaged files to a test
TESTS = [*range(10), *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(10, 100))]
CASES = Path(__file__).with_name("cases")
DOCKS = {
    "areas": {"left": ["palette"], "right": ["inspector"], "bottom": ["training", "code"]},
    "current": {"left": "palette", "right": "inspector", "bottom": "code"},
    "sizes": [240, 300, 260],
    "usual": False,
}
KEPT = {
    "preferences/theme": "dark",
    "preferences/text_size": 110,
    "preferences/reduced_motion": True,
    "preferences/threads": 2,
    "preferences/runs": "",
    "preferences/plugins": "",
    "view/docks": DOCKS,
    "view/files": {"net.loom": [10.5, 20, 1.5, "code"]},
    "view/open": ["net.loom"],
    "view/window": "",
    "recent": [["net.loom", "Net", 1.7e9, "97 %"], ["other.loom", "Other", 1.6e9, ""]],
}


def write(values: dict[str, str]) -> Path:
    """Keep these texts as settings; the file."""
    kept = settings.store()
    for name, text in values.items():
        kept.setValue(name, text)
    kept.sync()
    settings.forget()
    return Path(kept.fileName())


def starts(qtbot: QtBot) -> Window:
    """The window, as far as it is made before its first paint, with all that it remembers."""
    window = Window(later=True)
    qtbot.addWidget(window)
    for entry in window.recent.entries():
        assert entry.when()
        assert entry.place()
        assert entry.there in (True, False)
    view = remembered_view.view(Path("net.loom"))
    assert view is None or view.camera(900).scale > 0
    docks = settings.remembered("docks", STATE)
    assert docks is None or fits(STATE, docks)
    return window


@pytest.mark.parametrize("seed", TESTS)
def test_the_window_starts_with_damaged_settings(seed: int, gui: QApplication, qtbot: QtBot) -> None:
    random = Random(seed)
    for _ in range(EACH):
        values = {name: json.dumps(value) for name, value in KEPT.items()}
        if random.random() < 0.7:
            name = random.choice(list(values))
            text = damaged_json(json.dumps([KEPT[name]]), random).decode("utf-8", "replace")
            values[name] = text.removeprefix("[").removesuffix("]")
            write(values)
        else:
            path = write(values)
            path.write_bytes(damaged_bytes(path.read_bytes(), random))
            settings.forget()
        starts(qtbot)
        settings.damaged()
        assert settings.damaged() == []
        settings.store().clear()


@pytest.mark.parametrize("path", sorted(CASES.glob("*.ini")), ids=lambda path: path.stem)
def test_what_once_kept_the_window_from_starting(path: Path, gui: QApplication, qtbot: QtBot) -> None:
    kept = Path(settings.store().fileName())
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(path.read_bytes())
    settings.forget()
    window = starts(qtbot)
    assert window.recent.entries() == ()
    window.furnish()
    window.offer_recovery()
    said = window.gallery.banner.accessibleName()
    assert "so as usual again: recent" in said
    assert str(kept) in said
    window.gallery.banner.withdraw("settings")
    window.offer_recovery()
    assert window.gallery.banner.isHidden()


def test_a_list_of_recent_projects_loses_only_what_is_damaged(gui: QApplication) -> None:
    rows = [["a.loom", "A", 1.7e9, ""], ["b\0.loom", "B", 1.7e9, ""], ["c.loom", "C", 1e30, ""], 7]
    write({"recent": json.dumps(rows)})
    assert [entry.path for entry in Recent().entries()] == ["a.loom"]
    assert settings.damaged() == ["recent"]
