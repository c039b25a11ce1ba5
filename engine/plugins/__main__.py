"""The child process of a trial: `python -m engine.plugins FILE`, with what stands in the file as its input.
It reads the file as the program would, and tells as JSON what came of that beyond its kinds.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import engine.kinds.catalogue  # noqa: F401  (what is the engine's own is there before the file is read)
from engine.kinds import declaring
from engine.plugins import loading
from engine.plugins.time_limit import READING, TooLong
from engine.plugins.trial import MEMORY

_IDLE = 1.0  # seconds of computing up to which a file has only waited


def main(arguments: list[str]) -> int:
    """Read one file; whatever it prints goes nowhere but into the answer."""
    path, content = Path(arguments[0]), sys.stdin.buffer.read()
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.stdout = sys.stderr = printed = io.StringIO()
    _limit_memory()
    dumps, exit = json.dumps, os._exit  # the file may put something else there
    folder, environment, functions = os.getcwd(), dict(os.environ), dict(_functions())
    began, computed = time.monotonic(), time.process_time()
    plugin = loading.read(path, content)
    waited = time.monotonic() - began > READING and time.process_time() - computed < _IDLE
    faults = " ".join(map(str, plugin.faults))
    own = declaring.PLUGINS + path.stem
    outcome = {
        "end": _end(waited, faults),
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
    answer.write(dumps(outcome))
    answer.flush()
    exit(0)  # what the file started shall not go on


def _end(waited: bool, faults: str) -> str | None:
    """Why the program itself should not read the file, as `Effects` calls it."""
    if waited:
        return "waits"
    if MemoryError.__name__ in faults:
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
    """Let the system refuse what would be too much, where it can."""
    if sys.platform == "win32":
        return
    import resource

    try:
        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))
    except (OSError, ValueError):  # a system that does not say, or does not let
        pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
