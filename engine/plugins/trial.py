"""Tries a new or changed file of a person's own in a process of its own before it is run in this one: it is
read there and each of its kinds used once, so that one that ends the program, never comes back or eats the
memory is refused with a sentence. What a file changes of what belongs to the whole program (the current
folder, functions of libraries) is undone and said.

How a file did is kept by what stands in it, so it is tried once.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import frozen

import engine
from engine.files import checked_json
from engine.files.atomic import write_text
from engine.files.checked_json import boolean, items, maybe, members, named, one_of, text
from engine.files.folders import data_folder
from engine.files.versions import versions
from engine.message import Message, Trouble
from engine.plugins.time_limit import READING

WAIT = 60.0  # seconds that a trial may take: one that computes is ended sooner, from within
MOST = 200  # files of which it is kept how they did
MEMORY = 4 * 2**30  # bytes that a file may take beyond what the engine itself has
CHILD = "engine.cli.plugin_trial"
"""What is run in the process, by its name: it uses what stands above this room."""
TRIED = 2  # counts how much a trial tries; who was tried less is tried again
_KIND = members(("kind",), kind=text())
_OUTCOME = members(
    ("end", "kind", "folder", "environment", "replaced", "printed"),
    end=maybe(one_of("ended", "waits", "computes", "memory", "late")),
    folder=boolean(),
    environment=items(text()),
    replaced=items(text()),
    printed=text(),
    kind=text(),
)


@frozen
class Effects:
    """How a file did: how it ended its process, if it did, the `kind` that was used then (none while the file
    was read), and what it changed or printed.
    """

    end: str | None = None
    kind: str = ""
    folder: bool = False
    environment: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    printed: str = ""

    @property
    def refusal(self) -> Message | None:
        """Why the file is not run in this process; None where it may be."""
        if self.end is None:
            return None
        reading, using = _REFUSALS[self.end]
        sentence = using if self.kind else reading
        return Message(
            sentence, kind=self.kind, n=f"{READING:g}", late=f"{WAIT:g}", gigabytes=f"{MEMORY / 2**30:g}"
        )

    @property
    def remarks(self) -> list[Message]:
        """What it does to others, which is undone, or to their output."""
        remarks = []
        if self.folder:
            remarks.append(Message("changes the current folder of the whole program, which is undone"))
        if self.environment:
            names = ", ".join(self.environment)
            remarks.append(Message("changes the environment ({names}), which is undone", names=names[:80]))
        if self.replaced:
            names = ", ".join(self.replaced)
            remarks.append(
                Message("puts something else in the place of {names}, which is undone", names=names[:80])
            )
        if self.printed:
            remarks.append(Message("prints {text} whenever it is read", text=repr(self.printed[:40])))
        return remarks

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Within it a file is run; what it is known to change of the program is put back."""
        environment, folder = dict(os.environ), _current_folder()
        places = [(importlib.import_module(page), name) for page, name in map(_parted, self.replaced)]
        kept = [(page, name, getattr(page, name)) for page, name in places if hasattr(page, name)]
        try:
            yield
        finally:
            for page, name, value in kept:
                setattr(page, name, value)
            if os.environ != environment:
                os.environ.clear()
                os.environ.update(environment)
            if folder is not None and _current_folder() != folder:
                with suppress(OSError):
                    os.chdir(folder)


_REFUSALS = {
    "ended": (
        "ends the program that reads it, and so is not read; leave out what ends it",
        "ends the program where {kind} is used, and so is not read; leave out what ends it",
    ),
    "waits": (
        "waits for more than {n} seconds, and so is not read",
        "waits for more than {n} seconds where {kind} is used, and so is not read",
    ),
    "computes": (
        "computes for more than {n} seconds, and so is not read",
        "computes without coming to an end where {kind} is used, and so is not read",
    ),
    "late": (
        "is not done after {late} seconds, and so is not read",
        "is not done after {late} seconds where {kind} is used, and so is not read",
    ),
    "memory": (
        "takes more than {gigabytes} GB of memory, and so is not read",
        "takes more than {gigabytes} GB of memory where {kind} is used, and so is not read",
    ),
}
"""What is said of a file by how it ended: while it was read, and where a kind of it was used."""


def tried(path: Path, content: bytes) -> Effects:
    """How a file does: known from before, or tried now, which takes a second or more."""
    key = hashlib.sha256(repr((TRIED, sorted(versions().items()))).encode() + content).hexdigest()
    known = _known()
    if key in known:
        return _effects(known[key])
    outcome = _try(path, content)
    if outcome is None:
        return Effects()
    if outcome["end"] != "late":  # which may have been the machine's fault
        rest = dict(list({**known, key: outcome}.items())[-MOST:])
        with suppress(Trouble, OSError):
            _file().parent.mkdir(parents=True, exist_ok=True)
            write_text(_file(), json.dumps(rest, indent=1), private=True)
    return _effects(outcome)


def _effects(outcome: Mapping[str, Any]) -> Effects:
    return Effects(
        outcome["end"],
        outcome["kind"],
        outcome["folder"],
        tuple(outcome["environment"]),
        tuple(outcome["replaced"]),
        outcome["printed"],
    )


def _file() -> Path:
    return data_folder() / "plugins-tried.json"


def _known() -> dict[str, Any]:
    try:
        known: dict[str, Any] = checked_json.read(_file(), named(_OUTCOME))
        return known
    except Trouble:  # it is only kept to save time
        return {}


def _try(path: Path, content: bytes) -> dict[str, Any] | None:
    """What the child tells; None where there can be none."""
    home = str(Path(engine.__file__).parent.parent)
    places = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH")]))
    try:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", CHILD, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": places},
            start_new_session=True,
        )
    except OSError:
        return None
    end = "ended"
    try:
        answer, _ = child.communicate(content, WAIT)
    except subprocess.TimeoutExpired as late:
        end, answer = "late", late.output or b""
    except BaseException:
        _kill(child)
        raise
    finally:
        _kill(child)
    last = answer.decode(errors="replace").strip().rpartition("\n")[-1]
    with suppress(checked_json.Damaged):
        outcome: dict[str, Any] = checked_json.of_text(last, _OUTCOME)
        return outcome
    kind = ""
    with suppress(checked_json.Damaged):
        kind = checked_json.of_text(last, _KIND)["kind"]
    return {"end": end, "kind": kind, "folder": False, "environment": [], "replaced": [], "printed": ""}


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and what it has started."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        child.communicate(timeout=5)


def _parted(name: str) -> tuple[str, str]:
    page, _, attribute = name.rpartition(".")
    return page, attribute


def _current_folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was taken away
        return None
