"""The child process of a trial: `python -m engine.cli.plugin_trial FILE`, with what stands in the file as its
input. It reads the file as the program would and uses each of its kinds once, and tells as JSON what came of
that. Before each of them it writes a line with the kind's name, for the case that it is the last.
"""

from __future__ import annotations

import io
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

import engine.kinds.catalogue  # noqa: F401  (what is the engine's own is there before the file is read)
from engine.data.source import Source
from engine.kinds import Kind, Layer, declaring
from engine.plugins import loading
from engine.plugins.time_limit import READING, TooLong, limited
from engine.plugins.trial import MEMORY

_IDLE = 1.0  # seconds of computing up to which a file has only waited all the time
_LOOK = 0.2  # seconds between two looks at how long something takes
_NO_MEMORY = (MemoryError.__name__, "allocate memory")  # as Python says it, and PyTorch

dumps, leave = json.dumps, os._exit  # the file may put something else there


class TrialReport:
    """What the parent is told: a line for each kind that is used next, and the outcome."""

    def __init__(self, stream: TextIO) -> None:
        self.outcome: dict[str, Any] = {}
        self._stream = stream
        self._ending = threading.Lock()
        self._since = time.process_time()
        threading.Thread(target=self._watch, name="watch", daemon=True).start()

    def goes_on_with(self, kind: str) -> None:
        """From now on a kind is used."""
        with self._ending:
            self._since = time.process_time()
            self.outcome["kind"] = kind
            self._stream.write(dumps({"kind": kind}) + "\n")
            self._stream.flush()

    def end(self, end: str | None) -> None:
        """Write the outcome and be gone: what the file started shall not go on."""
        with self._ending:
            self._stream.write(dumps({**self.outcome, "end": end}) + "\n")
            self._stream.flush()
            leave(0)

    def _watch(self) -> None:
        """End what waits for what never comes, or computes where no error of Python reaches it."""
        at, computed = time.monotonic(), time.process_time()
        while True:
            time.sleep(_LOOK)
            now = time.process_time()
            if now - self._since > 2 * READING:
                self.end("computes")
            if now - computed > _IDLE:
                at, computed = time.monotonic(), now
            elif time.monotonic() - at > READING:
                self.end("waits")


def main(arguments: list[str]) -> None:
    """Read one file and use its kinds; whatever it prints goes nowhere but into the report."""
    path, content = Path(arguments[0]), sys.stdin.buffer.read()
    stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdout = sys.stderr = printed = io.StringIO()
    use = _ready_to_use()
    _limit_memory()
    report = TrialReport(stream)
    folder, environment, functions = os.getcwd(), dict(os.environ), dict(_functions())
    report.outcome = {"kind": "", "folder": False, "environment": [], "replaced": [], "printed": ""}
    plugin = loading.read(path, content)
    own = declaring.PLUGINS + path.stem
    report.outcome |= {
        "folder": os.getcwd() != folder,
        "environment": sorted(
            name for name in {*environment, *os.environ} if environment.get(name) != os.environ.get(name)
        ),
        "replaced": sorted(
            name
            for name, value in _functions()
            if functions.get(name, value) is not value or _made_by(own, value, name)
        ),
        "printed": printed.getvalue()[:200],
    }
    if (end := _end(" ".join(map(str, plugin.faults)))) is None and plugin.kinds:
        end = _use_all(plugin.kinds, use, report)
    report.end(end)


def _use_all(
    kinds: tuple[type[Kind], ...], use: Callable[[type[Kind]], str], report: TrialReport
) -> str | None:
    """Use every kind once. How that ended where the program should not do so itself."""
    for kind in kinds:
        report.goes_on_with(kind.__name__)
        faults = ""
        try:
            with limited(READING):
                faults = use(kind)
        except TooLong as error:
            faults = str(error)
        except Exception as error:  # it is said where the kind is used
            faults = f"{type(error).__name__}: {error}"
        except SystemExit:  # the same
            pass
        if end := _end(faults):
            return end
    report.outcome["kind"] = ""
    return None


def _ready_to_use() -> Callable[[type[Kind]], str]:
    """What uses a kind and tells why it does not work. All that this imports is there from now on: it takes a
    time of its own, and what PyTorch puts in the place of other functions is none of the file's doing.
    """
    import torch

    from engine.cli import check_kind, check_layer

    torch.set_num_threads(1)

    def use(kind: type[Kind]) -> str:
        if issubclass(kind, Layer):
            return check_layer.use(kind)
        if not issubclass(kind, Source):  # which may well wait for a server
            for _ in check_kind.check_use(kind()):
                pass
        return ""

    return use


def _end(faults: str) -> str | None:
    """Why the program itself should not read the file, as `Effects` calls it."""
    if any(words in faults for words in _NO_MEMORY):
        return "memory"
    return "computes" if str(TooLong()) in faults else None


def _functions() -> Iterator[tuple[str, object]]:
    """What can be called in every module that is imported, by its full name."""
    for page, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and page != "__main__" and not page.startswith(declaring.PLUGINS):
            for name, value in list(vars(module).items()):
                if callable(value) and not name.startswith("__"):
                    yield f"{page}.{name}", value


def _made_by(page: str, value: object, name: str) -> bool:
    """Whether a function or class of a library is one of the file's own."""
    return getattr(value, "__module__", None) == page and not name.startswith("engine.")


def _limit_memory() -> None:
    """Let the system refuse what would be too much beyond what is used now, where it can."""
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError, ValueError):  # a system that does not say, or does not let
        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
