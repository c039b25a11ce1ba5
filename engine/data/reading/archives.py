"""Unpacks archives that somebody else made: only files, only into their own folder, only so many."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import stat
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, BinaryIO

from attrs import frozen

from engine.data.reading.listing import Cancelled, Progress, Skips, go_on
from engine.data.reading.skipped import Skipped
from engine.files import leftovers, locks
from engine.files.atomic import os_errors_in_words
from engine.files.reading import ordinary
from engine.message import Trouble

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
LARGEST = 2**37  # bytes when unpacked: ImageNet has 150 thousand million
MOST_FILES = 2_000_000
_SPARE = 2**30  # bytes of the disk that stay free
_CHUNK = 2**20
_MOST_AT_ONCE = 2**26  # bytes: what a header of a tar may claim to be
_PACKED: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}


@frozen
class Unpacked:
    """Where the files of an archive stand now, and what of it was left out."""

    folder: Path
    skipped: tuple[Skipped, ...] = ()


def is_archive(path: Path) -> bool:
    """Whether a file is called as archives are."""
    return path.name.lower().endswith(ENDINGS)


def unpack(
    path: Path,
    cache: Path,
    *,
    largest: int = LARGEST,
    most: int = MOST_FILES,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Unpacked:
    """Unpack a ZIP or TAR into a folder of its own in `cache`, or find it there from an earlier time. The
    folder is whole or not there. `progress` is told how many bytes are written.

    Raises `Trouble` where the archive is damaged, where a file would lie outside the folder, and where there
    are more than `most` files or `largest` bytes, before they fill the disk.
    """
    with ordinary(path) as file:
        place = cache / _name(path, os.fstat(file.fileno()))
        if place.is_dir():
            return Unpacked(place)
        with os_errors_in_words(place):
            cache.mkdir(parents=True, exist_ok=True)
            leftovers.collect_once(cache)
            room = min(largest, shutil.disk_usage(cache).free - _SPARE)
        with _staging(place) as folder:
            writer = _Writer(path, folder, room, most, progress, cancelled)
            _unpack_into(path, file, writer)
            with os_errors_in_words(place):
                os.replace(folder, place)
    return Unpacked(place, writer.skips.all())


def _name(path: Path, facts: os.stat_result) -> str:
    """What the folder is called: as the archive, and by its place, size and time."""
    known = f"{path.resolve()}\0{facts.st_size}\0{facts.st_mtime_ns}"
    return (
        f"{path.name.split('.')[0][:40]}-{blake2b(known.encode(errors='replace'), digest_size=8).hexdigest()}"
    )


@contextmanager
def _staging(place: Path) -> Iterator[Path]:
    """A folder beside a place, which goes with everything in it, also when this process is killed."""
    beside = leftovers.hidden(place)
    folder = beside / "files"
    with os_errors_in_words(place):
        folder.mkdir(parents=True)
    lock = locks.take(beside / leftovers.LOCK)
    try:
        yield folder
    finally:
        if lock is not None:
            lock.release()
        shutil.rmtree(beside, ignore_errors=True)


def _unpack_into(path: Path, file: BinaryIO, writer: _Writer) -> None:
    begin = file.read(6)
    file.seek(0)
    try:
        if begin[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            with zipfile.ZipFile(file) as archive:
                _zip(path, archive, writer)
            return
        unpacked = next((make for magic, make in _PACKED.items() if begin.startswith(magic)), None)
        stream = _Capped(path, unpacked(file) if unpacked else file)
        with tarfile.open(fileobj=stream, mode="r:") as archive:  # type: ignore[call-overload]  # reads alone
            _tar(archive, writer)
    except Trouble:
        raise
    except OSError as error:
        if error.errno is not None:  # of the disk, and not of what was packed
            with os_errors_in_words(writer.folder):
                raise
        raise _damaged(path, error) from None
    except Exception as error:  # zlib.error, BadZipFile, TarError, LZMAError, EOFError, RuntimeError …
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> Trouble:
    return Trouble(
        "{path} is no archive that can be read ({reason}): expected a whole ZIP or TAR. Fetch it anew.",
        path=str(path),
        reason=str(error).split("\n")[0][:150] or type(error).__name__,
    )


def _zip(path: Path, archive: zipfile.ZipFile, writer: _Writer) -> None:
    entries = archive.infolist()
    writer.check(sum(entry.file_size for entry in entries), len(entries))
    decoded = _decoded([entry for entry in entries if not entry.flag_bits & 0x800])
    for entry in entries:
        name = decoded(entry.filename) if not entry.flag_bits & 0x800 else entry.filename
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.is_dir():
            continue
        if kind not in (0, stat.S_IFREG):
            writer.skips.file(name, "It is a link or a device, which is not unpacked.")
        elif entry.flag_bits & 1:
            raise Trouble(
                "{path} is protected by a password. Unpack it yourself, and choose the folder.",
                path=str(path),
            )
        else:
            with archive.open(entry) as file:
                writer.write(name, file)


def _decoded(entries: list[zipfile.ZipInfo]) -> Callable[[str], str]:
    """How names are read of which nothing says their encoding: as UTF-8 or GBK where all of them can be."""
    raw = [entry.filename.encode("cp437", "replace") for entry in entries]
    for encoding in ("utf-8", "gbk"):
        try:
            for name in raw:
                name.decode(encoding)
        except UnicodeDecodeError:
            continue
        return lambda name: name.encode("cp437", "replace").decode(encoding, "replace")  # returned at once
    return lambda name: name


def _tar(archive: tarfile.TarFile, writer: _Writer) -> None:
    for entry in archive:
        archive.members = []  # type: ignore[attr-defined]  # a million of them are not needed again
        if entry.isdir():
            continue
        if not entry.isreg():
            writer.skips.file(entry.name, "It is a link or a device, which is not unpacked.")
            continue
        writer.check(entry.size, 1)
        file = archive.extractfile(entry)
        if file is not None:
            with file:
                writer.write(entry.name, file)


class _Capped:
    """A stream of which nobody reads very much at once: a header may claim to have any length."""

    def __init__(self, path: Path, stream: Any) -> None:
        self._path, self._stream = path, stream

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_AT_ONCE or size < 0:
            raise Trouble("{path} is damaged: a header in it claims {n} bytes.", path=str(self._path), n=size)
        data: bytes = self._stream.read(size)
        return data

    def seek(self, *place: int) -> int:
        there: int = self._stream.seek(*place)
        return there

    def tell(self) -> int:
        here: int = self._stream.tell()
        return here


class _Writer:
    """Writes the files of an archive into a folder, as far as there is room."""

    def __init__(
        self,
        path: Path,
        folder: Path,
        room: int,
        most: int,
        progress: Progress | None,
        cancelled: Cancelled | None,
    ) -> None:
        self.folder, self.skips = folder, Skips()
        self._path, self._room, self._most = path, room, most
        self._progress, self._cancelled = progress, cancelled
        self._bytes = self._files = 0

    def check(self, size: int, files: int) -> None:
        """Raise `Trouble` where so much more would be too much."""
        if self._bytes + size > self._room:
            raise Trouble(
                "{path} has more than {room} bytes when it is unpacked, but there is no such room. Free it, "
                "or unpack it elsewhere and choose the folder.",
                path=str(self._path),
                room=f"{max(self._room, 0):,}",
            )
        if self._files + files > self._most:
            raise Trouble(
                "{path} has more than {most} files. Unpack it yourself, and choose a folder in it.",
                path=str(self._path),
                most=f"{self._most:,}",
            )

    def write(self, name: str, file: IO[bytes]) -> None:
        """One file. Raises `Trouble` where it would lie outside the folder."""
        place = self.folder.joinpath(*self._steps(name))
        go_on(self._cancelled, self._path)
        self.check(0, 1)
        self._files += 1
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as written:
                while data := file.read(_CHUNK):
                    self.check(len(data), 0)
                    self._bytes += len(data)
                    written.write(data)
                    go_on(self._cancelled, self._path)
                    if self._progress is not None:
                        self._progress(self._bytes)
        except (FileExistsError, NotADirectoryError):
            self.skips.file(name, "There is a file of this name already.")

    def _steps(self, name: str) -> list[str]:
        """The folders and the name of a file."""
        slashed = name.replace("\\", "/")
        steps = [step for step in slashed.split("/") if step not in ("", ".")]
        drive = slashed[1:2] == ":" or (sys.platform == "win32" and ":" in slashed)
        if not steps or ".." in steps or slashed.startswith("/") or drive or "\0" in name:
            raise Trouble(
                "{path} holds {name}, which would lie outside of its folder. So nothing is unpacked.",
                path=str(self._path),
                name=name,
            )
        return steps
