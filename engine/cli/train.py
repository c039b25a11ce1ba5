"""`layerloom train`: a run in the terminal, from the call to what is kept."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import tempfile
import time
import uuid
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.output import say
from engine.cli.verbs import Usage, load, usage_errors
from engine.message import Message, Trouble
from engine.runs.shelf import slug
from engine.training.reports import Failed, Report

if TYPE_CHECKING:
    from engine.runs.thread import Run

AS_ONE = 1.0  # seconds within which several interrupts are one wish


def train(options: Namespace) -> int:
    from engine.cli.progress import Bar
    from engine.cli.settings import set_by_path
    from engine.runs.thread import Run

    project, path = load(options.project)
    if options.out is not None and options.out.is_file():
        raise Usage(f"expected a folder for the run, but {options.out} is a file")
    overrides = {name: getattr(options, name) for name in ("epochs", "device", "seed")}
    assignments = [f"{name}={value}" for name, value in overrides.items() if value is not None]
    with usage_errors():
        for assignment in [*assignments, *options.set]:
            project = set_by_path(project, assignment)
    run = Run(project, options.out, path=path)
    bar = Bar()

    def show(report: Report) -> None:
        if options.json:
            say(json.dumps(report.json()), flush=True)
        else:
            bar.show(report)
        if isinstance(report, Failed):
            print(report.message, file=sys.stderr)

    with _stop_on_interrupt(run):
        run.start()
        _follow(run, show)
    in_place = not run.unsaved or _saved_after_all(run)
    _follow(run, show)
    return 0 if in_place and run.state == "finished" else 1


def _follow(run: Run, show: Callable[[Report], None]) -> None:
    """Show what a run reports until it has ended."""
    while True:
        active = run.active
        for report in run.poll():
            show(report)
        if not active:
            break
        time.sleep(0.05)


class _stop_on_interrupt:
    """Ctrl+C stops the run and keeps what it learnt. Another one while it is saved says so, and only one
    after that gives it up. What comes within a second counts as one: `timeout` and terminals send several.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._interrupts = 0
        self._last = -math.inf

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGINT, self._hear)

    def __exit__(self, *_: object) -> None:
        self._run.stop()
        self._run.wait()  # a thread within torch would abort the process at its end
        signal.signal(signal.SIGINT, self._before)

    def _hear(self, *_: object) -> None:
        now = time.monotonic()
        if now - self._last < AS_ONE:
            return
        self._last = now
        self._interrupts += 1
        self._run.stop()
        if self._interrupts == 2:
            text = Message("Saving what was learnt; press Ctrl+C once more to give it up.")
            with suppress(OSError):  # past Python's buffers, which may be in use at this moment
                os.write(2, f"\n{text}\n".encode())
        elif self._interrupts > 2:
            os._exit(130)  # nothing else ends a process whose thread is within torch


# --------------------------------------------------------------------------- where a run cannot be saved


def _saved_after_all(run: Run) -> bool:
    """Save what is still in memory: where the person says, else wherever it is taken. Whether it came to the
    run's own place.
    """
    while sys.stdin is not None and sys.stdin.isatty():
        print(
            Message("Make room and press Enter to save it again, or type another folder:"),
            end=" ",
            file=sys.stderr,
            flush=True,
        )
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            answer = ""
        if not answer:  # Ctrl+C, Ctrl+D: the person is gone, the run shall not be
            print(file=sys.stderr)
            break
        folder = Path(answer.strip()).expanduser() if answer.strip() else None
        try:
            run.save(folder)
        except Trouble as trouble:
            print(trouble, file=sys.stderr)
        else:
            return folder is None
    _save_anywhere(run)
    return False


def _save_anywhere(run: Run) -> None:
    """Save a run in the current folder, else in the system's folder for what is temporary, and say where."""
    name = f"{slug(run.project.graph.name)}-run-{run.number}-{uuid.uuid4().hex[:8]}"
    for folder in (os.getcwd, tempfile.gettempdir):
        try:
            place = run.save(Path(folder(), name))
        except (Trouble, OSError):  # the next one may take it
            continue
        text = Message(
            "The run is saved in {place} instead, whole; move it to where it shall stay.", place=str(place)
        )
        print(text, file=sys.stderr)
        return
    if run.checkpoint is not None:
        text = Message(
            "Neither the current nor the temporary folder takes it, so all is lost that came after the last "
            "checkpoint, {path}; that one can still be exported, and gone on with in the window.",
            path=str(run.checkpoint),
        )
    else:
        text = Message(
            "Neither the current nor the temporary folder takes it, so what was learnt is lost. Make room "
            "and train again."
        )
    print(text, file=sys.stderr)
