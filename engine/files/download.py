"""Fetches a file whose size and hash are known from a network, and goes on where it broke off.

Only what is asked for is fetched, and a file is put in its place when its hash is right, never before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

from attrs import frozen

from engine.files.atomic import os_errors_in_words
from engine.message import Message, Trouble

_PIECE = 1 << 18
_PATIENCE = 10
"""Seconds that a server may be silent."""

Progress = Callable[[int], None]
"""Is told how many bytes of a file are there."""


@frozen
class Remote:
    """A file somewhere: its name, the addresses that have it, its size in bytes and its SHA-256."""

    name: str
    addresses: tuple[str, ...]
    size: int
    sha256: str


class Stopped(Exception):
    """A person no longer wants it. What was fetched is kept, to go on with."""


def is_whole(path: Path, remote: Remote) -> bool:
    """Whether a file is the one that is meant, byte for byte."""
    try:
        if not path.is_file() or path.stat().st_size != remote.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == remote.sha256
    except OSError:
        return False


def fetch(
    remote: Remote,
    folder: Path,
    progress: Progress = lambda done: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetch a file into a folder, from the first of its addresses that gives it. Gives its path.

    Raises `Stopped` where `stopped` says so, and `Trouble` where no address gives it or what it gives is
    another file.
    """
    place, part = folder / remote.name, folder / f"{remote.name}.part"
    if is_whole(place, remote):
        progress(remote.size)
        return place
    with os_errors_in_words(place):
        folder.mkdir(parents=True, exist_ok=True)
    refusals = []
    for address in remote.addresses:
        try:
            _into(part, address, remote, progress, stopped)
        except (OSError, HTTPException, _Refused) as error:
            refusals.append(Message("{host}: {reason}", host=urlsplit(address).netloc, reason=_reason(error)))
            continue
        if is_whole(part, remote):
            with os_errors_in_words(place):
                os.replace(part, place)
            return place
        with suppress(OSError):
            part.unlink()
        refusals.append(Message("{host}: another file", host=urlsplit(address).netloc))
    raise Trouble(
        "{name} could not be fetched: expected {size} bytes with the hash {hash}…, received from {refusals}. "
        "Look at the network and try again, or put the file into {folder}.",
        name=remote.name,
        size=f"{remote.size:,}",
        hash=remote.sha256[:8],
        refusals="; ".join(map(str, refusals)),
        folder=str(folder),
    )


class _Refused(Exception):
    """What a server says that cannot be used."""


def _into(part: Path, address: str, remote: Remote, progress: Progress, stopped: Callable[[], bool]) -> None:
    """Fetch into a file, behind what is there already where the server can."""
    from urllib.request import (  # with its certificates it takes a while, and is seldom needed
        Request,
        urlopen,
    )

    done = part.stat().st_size if part.is_file() else 0
    if done >= remote.size:  # whole, or of another file
        part.unlink()
        done = 0
    if stopped():
        raise Stopped
    request = Request(address, headers={"Range": f"bytes={done}-"} if done else {})
    with urlopen(request, timeout=_PATIENCE) as answer:
        if answer.status != 206:
            done = 0
        announced = answer.headers.get("Content-Length")
        if announced is not None and announced.isdigit() and int(announced) != remote.size - done:
            raise _Refused(f"{int(announced) + done:,} bytes")
        with os_errors_in_words(part):
            file = part.open("ab" if done else "wb")
        with file:
            for piece in _pieces(answer, remote.size - done):
                with os_errors_in_words(part):  # a full disk is no fault of the server's
                    file.write(piece)
                done += len(piece)
                progress(done)
                if stopped():
                    raise Stopped
    if done != remote.size:
        raise _Refused(f"{done:,} bytes, and no more")


def _pieces(answer: Any, most: int) -> Iterator[bytes]:
    """What a server sends, and never more than is expected."""
    while most > 0 and (piece := answer.read(min(_PIECE, most))):
        most -= len(piece)
        yield piece


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"{error.code} {error.reason}"
    inner = getattr(error, "reason", None) or error
    return getattr(inner, "strerror", None) or str(inner) or type(error).__name__
