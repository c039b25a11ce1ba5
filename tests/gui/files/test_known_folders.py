"""What killed processes left beside the projects a person had open, among runs and beside exports."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtWidgets import QApplication

from engine.files import leftovers
from gui import settings
from gui.files.known_folders import collect_leftovers
from gui.files.recent import Recent


def test_the_start_clears_up_where_the_program_writes(gui: QApplication, tmp_path: Path) -> None:
    Recent().note(tmp_path / "nets" / "net.loom", "Net")
    settings.remember("export_folder", str(tmp_path / "exports"))
    places = [
        tmp_path / "nets",
        tmp_path / "exports",
        settings.runs_folder(),
        settings.runs_folder() / "0001.part",
    ]
    for place in places:
        place.mkdir(parents=True)
        (place / "kept").write_text("…")
        dead = leftovers.hidden(place / "net.onnx")
        dead.write_text("…")
        os.utime(dead, (1e9, 1e9))
    collect_leftovers()
    assert [path.name for place in places for path in place.iterdir() if path.is_file()] == ["kept"] * 4


def test_settings_are_private(gui: QApplication) -> None:
    settings.make_private()
    settings.prefer(theme="light")
    settings.store().sync()
    assert Path(settings.store().fileName()).stat().st_mode & 0o777 == 0o600
