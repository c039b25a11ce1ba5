"""Archives are unpacked into their own folder alone, within bounds, whole or not at all."""

from __future__ import annotations

import io
import random
import stat
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.data.reading.archives import is_archive, unpack
from engine.data.reading.folders import list_folder
from engine.data.reading.listing import Abandoned
from engine.message import Trouble

FILES = {"set/cat/1.png": b"meow", "set/狗/2 🐈.png": b"woof" * 1000, "set/read me.txt": b""}
FORMS = {"x.zip": "", "x.tar": "w", "x.tar.gz": "w:gz", "x.tar.bz2": "w:bz2", "x.tar.xz": "w:xz"}


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return path
    with tarfile.open(path, FORMS[path.name]) as tar:  # type: ignore[call-overload]  # a mode of a table
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("name", FORMS)
def test_every_form_unpacks_the_same(name: str, tmp_path: Path) -> None:
    path = packed(tmp_path / name, FILES)
    assert is_archive(path)
    told: list[int] = []
    found = unpack(path, tmp_path / "cache", progress=told.append)
    assert contents(found.folder) == FILES
    assert not found.skipped
    assert told[-1] == sum(map(len, FILES.values()))
    assert [one.name for one in (tmp_path / "cache").iterdir()] == [found.folder.name]
    assert list_folder(found.folder).columns["class"] == ["cat", "狗"]
    again = unpack(path, tmp_path / "cache", cancelled=lambda: True)
    assert again.folder == found.folder  # it is there, and not unpacked again
    packed(path, {"other.png": b"1"})
    assert contents(unpack(path, tmp_path / "cache").folder) == {"other.png": b"1"}


@pytest.mark.parametrize("form", ["x.zip", "x.tar"])
@pytest.mark.parametrize(
    "name", ["../out.png", "a/../../out.png", "/out.png", "..\\out.png", "C:\\out.png", "a/.."]
)
def test_nothing_leaves_the_folder(form: str, name: str, tmp_path: Path) -> None:
    path = packed(tmp_path / form, {"a.png": b"1", name: b"2"})
    with pytest.raises(Trouble, match="would lie outside of its folder"):
        unpack(path, tmp_path / "in" / "cache")
    assert [one.name for one in tmp_path.rglob("*") if one.suffix == ".png"] == []
    assert list((tmp_path / "in" / "cache").iterdir()) == []


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.tar", {"a.png": b"1"})
    with tarfile.open(path, "a") as archive:
        for name, kind in {
            "link": tarfile.SYMTYPE,
            "hard": tarfile.LNKTYPE,
            "pipe": tarfile.FIFOTYPE,
            "null": tarfile.CHRTYPE,
        }.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    found = unpack(path, tmp_path / "cache")
    assert contents(found.folder) == {"a.png": b"1"}
    assert sorted(one.place for one in found.skipped) == ["hard", "link", "null", "pipe"]
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(entry, "/etc/passwd")
        zipped.writestr("a.png", b"1")
        zipped.writestr("A.png/b.png", b"1")
        zipped.writestr("a.png/b.png", b"1")  # a file and a folder of one name
    found = unpack(tmp_path / "x.zip", tmp_path / "cache")
    assert {"link", "a.png/b.png"} <= {one.place for one in found.skipped}
    assert contents(found.folder)["a.png"] == b"1"


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_a_bomb_is_stopped(name: str, tmp_path: Path) -> None:
    path = packed(tmp_path / name, {"zeros": bytes(3 * 2**20)})
    assert path.stat().st_size < 2**15
    with pytest.raises(Trouble, match="has more than 2,097,152 bytes when it is unpacked"):
        unpack(path, tmp_path / "cache", largest=2**21)
    many = packed(tmp_path / name, {f"{index}": b"" for index in range(30)})
    with pytest.raises(Trouble, match="has more than 20 files"):
        unpack(many, tmp_path / "cache", most=20)
    with pytest.raises(Abandoned):
        unpack(many, tmp_path / "cache", cancelled=lambda: True)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_header_that_claims_any_length_is_not_read(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 2**32
    (tmp_path / "x.tar").write_bytes(entry.tobuf() + bytes(1024))
    with pytest.raises(Trouble, match="a header in it claims 4294967296 bytes"):
        unpack(tmp_path / "x.tar", tmp_path / "cache")


@pytest.mark.parametrize(("encoding", "name"), [("gbk", "猫/照片.png"), ("utf-8", "猫/é.png")])
def test_names_in_chinese_that_do_not_say_their_encoding(encoding: str, name: str, tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"a" * len(name.encode(encoding)): b"1"})
    data = path.read_bytes().replace(b"a" * len(name.encode(encoding)), name.encode(encoding))
    path.write_bytes(data)
    assert list(contents(unpack(path, tmp_path / "cache").folder)) == [name]


def test_what_is_protected_or_no_archive_is_said(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.zip", {"a.png": b"1"})
    data = bytearray(path.read_bytes())
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + place] |= 1
    path.write_bytes(data)
    with pytest.raises(Trouble, match="is protected by a password"):
        unpack(path, tmp_path / "cache")
    path.write_bytes(b"words")
    with pytest.raises(Trouble, match="is no archive that can be read"):
        unpack(path, tmp_path / "cache")
    with pytest.raises(Trouble, match="Is a directory"):
        unpack(tmp_path, tmp_path / "cache")


@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_archive_is_files_or_a_sentence(name: str, tmp_path: Path) -> None:
    path = packed(tmp_path / name, FILES)
    data, chance = path.read_bytes(), random.Random(name)
    for turn in range(40):
        hurt = bytearray(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        for _ in range(chance.choice((1, 2, 8)) if hurt else 0):
            hurt[chance.randrange(len(hurt))] ^= 1 << chance.randrange(8)
        path.write_bytes(hurt)
        try:
            found = unpack(path, tmp_path / "in" / str(turn), largest=2**22)
        except Trouble:
            continue
        assert found.folder.is_relative_to(tmp_path / "in" / str(turn))
    assert {one.name for one in tmp_path.iterdir()} == {name, "in"}
