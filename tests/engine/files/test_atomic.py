from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from engine.files.atomic import move_folder, write_bytes, write_text
from engine.message import Trouble


def full_disk(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "first\n")
    path.chmod(0o600)
    write_text(path, "ж\n")
    assert path.read_bytes() == "ж\n".encode()
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(Trouble, match=r"a\.txt cannot be written: the disk is full"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "may not be written to"),
        (errno.EROFS, "may not be written to"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_whatever_the_system_refuses_becomes_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(Trouble, match=words):
        write_bytes(tmp_path / "a", b"1")
    assert not os.listdir(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="There is no folder"):
        write_text(tmp_path / "no" / "a.txt", "x")


def test_a_folder_does_not_replace_one_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a").write_text("mine")
    with pytest.raises(Trouble, match="is not empty"):
        move_folder(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old" / "a").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    move_folder(tmp_path / "new", tmp_path / "empty")
    assert sorted(os.listdir(tmp_path)) == ["empty", "old"]


def test_a_link_stays_and_the_file_behind_it_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "net.loom").write_text("old")
    for name, target in {"link": "there/net.loom", "dangling": "there/new.loom"}.items():
        (tmp_path / name).symlink_to(tmp_path / target)
        write_text(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / target).read_text() == "new"


def test_what_is_private_nobody_else_may_read(tmp_path: Path) -> None:
    for _ in range(2):
        write_text(tmp_path / "mine", "secret", private=True)
        assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600
        (tmp_path / "mine").chmod(0o644)
