"""What killed processes left is taken away; what living ones write, and what is nobody's business, stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.files import leftovers, locks
from engine.files.atomic import write_bytes


def left(path: Path) -> Path:
    """A file or folder as a process leaves it that was killed some time ago."""
    os.utime(path, (1e9, 1e9))
    return path


def test_only_what_nobody_holds_any_more_goes(tmp_path: Path) -> None:
    dead, living, young = (leftovers.hidden(tmp_path / name) for name in ("dead", "living", "young"))
    mine = tmp_path / ".mine.0123abcd"
    for path in (dead, living, young, mine):
        path.write_text("…")
    staging, busy = leftovers.hidden(tmp_path / "staging"), leftovers.hidden(tmp_path / "busy")
    for folder in (staging, busy):
        folder.mkdir()
        (folder / "half").write_text("…")
    held = [locks.take(living), locks.take(busy / leftovers.LOCK)]
    for path in (dead, living, mine, staging, busy):
        left(path)
    os.utime(young, (4e9, 4e9))  # however long this machine takes to come to it
    leftovers.collect(tmp_path)
    assert set(tmp_path.iterdir()) == {living, young, mine, busy}
    for lock in held:
        assert lock is not None
        lock.release()


def test_the_first_file_that_is_written_to_a_folder_clears_it_up(tmp_path: Path) -> None:
    dead = leftovers.hidden(tmp_path / "net.loom")
    dead.write_text("…")
    left(dead)
    write_bytes(tmp_path / "net.loom", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["net.loom"]


@pytest.mark.parametrize("name", ["網" * 80, "n" * 250])
def test_a_long_name_is_written_too(name: str, tmp_path: Path) -> None:
    write_bytes(tmp_path / name, b"new")
    assert [path.name for path in tmp_path.iterdir()] == [name]
