"""Tries the kinds that a file declares, as the tests try ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from engine.cli import check_kind, check_layer
from engine.kinds import Kind, Layer
from engine.message import Message, Trouble
from engine.plugins import loading, time_limit, trial
from engine.plugins.loading import Fault
from engine.plugins.time_limit import TooLong, limited


@frozen
class Trial:
    """What was tried in a file: its kinds, and what is wrong."""

    path: Path
    kinds: tuple[str, ...]
    faults: tuple[Fault, ...]


def check_file(path: Path) -> Trial:
    """Run a file and try every kind in it. Raises `Trouble` where there is no such file."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Trouble("{path} cannot be read: {why}", path=path, why=error.strerror or "") from None
    file = loading.examined(path, text, trial.tried)
    accepted, clashes = loading.without_clashes([file])
    faults = [*file.faults, *clashes]
    for kind in accepted:
        faults += _faults_of(file, kind)
    return Trial(path, tuple(kind.__name__ for kind in file.kinds), tuple(faults))


def _faults_of(file: loading.Plugin, kind: type[Kind]) -> Iterator[Fault]:
    """What is wrong with one kind."""
    try:
        for message in _within_time_limit(kind):
            text = Message("{kind}: {message}", kind=kind.__name__, message=message)
            yield Fault(file.path, loading.line_of(file, kind.__name__), text)
    except (Exception, TooLong, SystemExit) as error:
        line = loading.line_in(file.path, error) or loading.line_of(file, kind.__name__)
        words = str(error).strip().split("\n")[0][:200]
        text = Message("{k}: {e}: {words}", k=kind.__name__, e=type(error).__name__, words=words)
        yield Fault(file.path, line, text)


def _within_time_limit(kind: type[Kind]) -> list[Message]:
    with limited(time_limit.READING):
        return list(check_layer.check(kind) if issubclass(kind, Layer) else check_kind.check(kind))


# --------------------------------------------------------------------------- the result


def lines(trial: Trial) -> Iterator[str]:
    """What was found, for people."""
    for fault in trial.faults:
        yield str(fault)
    if not trial.faults:
        words = Message("{file}: {names} can be used", file=trial.path.name, names=", ".join(trial.kinds))
        yield str(words)


def to_json(trial: Trial) -> dict[str, Any]:
    """What was found, for other programs."""
    return {
        "file": str(trial.path),
        "kinds": list(trial.kinds),
        "problems": [loading.fault_to_json(fault) for fault in trial.faults],
    }
