"""Tries the kinds that a file declares, as the tests try ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from engine.cli import check_kind, check_layer
from engine.kinds import Kind, Layer
from engine.message import Message, Trouble
from engine.plugins import loading, time_limit
from engine.plugins.loading import Fault
from engine.plugins.time_limit import TooLong, limited


@frozen
class Tried:
    """What was tried in a file: its kinds, and what is wrong."""

    path: Path
    kinds: tuple[str, ...]
    faults: tuple[Fault, ...]


def checked(path: Path) -> Tried:
    """Run a file and try every kind in it. Raises `Trouble` where there is no such file."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Trouble("{path} cannot be read: {why}", path=path, why=error.strerror or "") from None
    file = loading.read(path, text)
    taken, clashes = loading.without_clashes([file])
    faults = [*file.faults, *clashes]
    for kind in taken:
        faults += tried(file, kind)
    return Tried(path, tuple(kind.__name__ for kind in file.kinds), tuple(faults))


def tried(file: loading.Plugin, kind: type[Kind]) -> Iterator[Fault]:
    """What is wrong with one kind."""
    try:
        for message in _in_time(kind):
            told = Message("{kind}: {message}", kind=kind.__name__, message=message)
            yield Fault(file.path, loading.line_of(file, kind.__name__), told)
    except (Exception, TooLong) as error:
        line = loading.line_in(file.path, error) or loading.line_of(file, kind.__name__)
        words = str(error).strip().split("\n")[0][:200]
        told = Message("{k}: {e}: {words}", k=kind.__name__, e=type(error).__name__, words=words)
        yield Fault(file.path, line, told)


def _in_time(kind: type[Kind]) -> list[Message]:
    with limited(time_limit.READING):
        return list(check_layer.tried(kind) if issubclass(kind, Layer) else check_kind.tried(kind))


# --------------------------------------------------------------------------- told


def lines(found: Tried) -> Iterator[str]:
    """What was found, for people."""
    for fault in found.faults:
        yield str(fault)
    if not found.faults:
        words = Message("{file}: {names} can be used", file=found.path.name, names=", ".join(found.kinds))
        yield str(words)


def to_json(found: Tried) -> dict[str, Any]:
    """What was found, for other programs."""
    return {
        "file": str(found.path),
        "kinds": list(found.kinds),
        "problems": [loading.fault_to_json(fault) for fault in found.faults],
    }
