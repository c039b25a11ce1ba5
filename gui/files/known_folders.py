"""Looks, when the program starts, for what a killed one left in the folders that it wrote to."""

from __future__ import annotations

from pathlib import Path

from gui import settings
from gui.files.recent import Recent


def collect_leftovers() -> None:
    """Clear up beside the projects a person had open, beside exports, among runs and settings. Takes a moment
    on a slow disk, so not on the interface thread.
    """
    from engine.files import leftovers
    from engine.files.checked_json import file_path
    from engine.runs.shelf import Shelf

    exported = settings.remembered("export_folder", file_path())
    folders = {Path(entry.path).parent for entry in Recent().entries()}
    folders |= {Path(exported)} if exported is not None else set()
    for folder in folders:
        leftovers.collect(folder)
    Shelf(settings.runs_folder()).collect()
