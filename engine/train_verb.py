"""`layerloom train`: a run in the terminal, from the call to what is kept."""

from __future__ import annotations

import json
import signal
import sys
import time
from argparse import Namespace
from typing import TYPE_CHECKING

from engine.verbs import Usage, asked, load

if TYPE_CHECKING:
    from engine.run import Run


def train(options: Namespace) -> int:
    from engine.run import Run
    from engine.settings_path import set_by_path
    from engine.terminal import Bar

    project, path = load(options.project)
    if options.out is not None and options.out.is_file():
        raise Usage(f"expected a folder for the run, but {options.out} is a file")
    given = {name: getattr(options, name) for name in ("epochs", "device", "seed")}
    assignments = [f"{name}={value}" for name, value in given.items() if value is not None]
    with asked():
        for assignment in [*assignments, *options.set]:
            project = set_by_path(project, assignment)
    run = Run(project, options.out, path=path)
    bar = Bar()
    failed = False
    run.start()
    with _stop_on_interrupt(run):
        while True:
            active = run.active
            for report in run.poll():
                if options.json:
                    print(json.dumps(report.json()), flush=True)
                else:
                    bar.show(report)
                if type(report).__name__ == "Failed":
                    failed = True
                    print(report.message, file=sys.stderr)  # type: ignore[union-attr]  # a Failed has one
            if not active:
                break
            time.sleep(0.05)
    return 1 if failed else 0


class _stop_on_interrupt:
    """Ctrl+C stops the run and keeps what it learnt; a second one ends the program."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        def stop(*_: object) -> None:
            self._run.stop()
            signal.signal(signal.SIGINT, self._before)

        self._before = signal.signal(signal.SIGINT, stop)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
