"""What a process leaves beside the places that it writes to when it is killed: hidden files and folders under
names of ours. They are locked while their process lives, so the next one knows which are left.
"""

from __future__ import annotations

import os
import re
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

from engine.files import locks

_OURS = re.compile(r"\..+\.[0-9a-f]{8}\.layerloom")
LOCK = "lock"
"""The file in such a folder that is locked while its process lives."""
BEFORE = "before"
"""The folder in it that holds what stood at the places of the files that are to be moved from it."""
SETTLED = 2.0  # seconds: a younger one may not have been locked yet

_looked: set[Path] = set()


def hidden(path: Path) -> Path:
    """A new name beside a path for what is to take its place."""
    return path.with_name(f".{path.name[:50]}.{uuid.uuid4().hex[:8]}.layerloom")


def collect_once(folder: Path) -> None:
    """The same as `collect`, in each folder only when this process first writes there."""
    if folder not in _looked:
        _looked.add(folder)
        collect(folder)


def collect(folder: Path) -> None:
    """End what processes that are gone have left in a folder."""
    for path in _entries(folder):
        if _OURS.fullmatch(path.name) and _abandoned(path):
            with suppress(OSError):
                _end(path)


def put_back(before: Path, folder: Path) -> None:
    """Let the files in `before` stand in the folder again."""
    for path in before.iterdir():
        os.replace(path, folder / path.name)


def _end(path: Path) -> None:
    """Take it away. Of files that were to replace others together and of which some are still there, those
    that were replaced already are taken back.
    """
    if not path.is_dir():
        path.unlink()
        return
    before = path / BEFORE
    if before.is_dir() and any(one.is_file() and one.name != LOCK for one in path.iterdir()):
        put_back(before, path.parent)
    shutil.rmtree(path)


def _entries(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []


def _abandoned(path: Path) -> bool:
    try:
        facts = path.lstat()
    except OSError:
        return False
    if time.time() - facts.st_mtime < SETTLED:
        return False
    return not locks.held(path / LOCK if path.is_dir() else path)
