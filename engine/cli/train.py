"""`layerloom train`: a run in the terminal, from the call to what is kept."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.output import ENDINGS, GONE, complain, lead_nowhere, say, stream
from engine.cli.verbs import Usage, load, named_run, usage_errors
from engine.message import Message, Trouble
from engine.runs.elsewhere import save_elsewhere
from engine.training.reports import Failed, Report

if TYPE_CHECKING:
    from engine.project.project import Project
    from engine.runs.record import Record
    from engine.runs.thread import Run

AS_ONE = 1.0  # seconds within which several interrupts are one wish


def train(options: Namespace) -> int:
    from engine.runs.thread import Run

    project, path, resumed = _resumed(options) if options.resume is not None else _new(options)
    if options.out is not None and options.out.is_file():
        raise Usage(f"expected a folder for the run, but {options.out} is a file")
    run = Run(project, options.out, path=path, resumed=resumed)
    shown = _Shown(options.json)
    with _stop_on_signals(run) as signals:
        run.start()
        _follow(run, shown)
        signals.end()
        in_place = not run.unsaved or _saved_after_all(run, ask=not signals.gone)
        _follow(run, shown)
    shown.end()
    return 0 if in_place and run.state == "finished" else 1


def _new(options: Namespace) -> tuple[Project, Path | None, None]:
    """What is to be trained from its first step: the project with the settings that are named."""
    from engine import edits
    from engine.cli.data import with_columns
    from engine.cli.settings import set_by_path

    if options.project is None:
        raise Usage("the following arguments are required: PROJECT; see layerloom train --help")
    project, path = load(options.project)
    overrides = {name: getattr(options, name) for name in ("epochs", "device", "seed")}
    assignments = [f"{name}={value}" for name, value in overrides.items() if value is not None]
    with usage_errors():
        if options.type or options.role:
            project = edits.set_data(project, with_columns(project.data, options))
        for assignment in [*assignments, *options.set]:
            project = set_by_path(project, assignment)
    return project, path, None


def _resumed(options: Namespace) -> tuple[Project, Path | None, Record]:
    """What goes on where a run ended, to more epochs if these are named."""
    from engine.runs.resuming import continued

    if options.project is not None:
        raise Usage(f"expected --resume RUN alone, which knows its project, received {options.project} too")
    if options.seed is not None or options.device is not None or options.set or options.role or options.type:
        raise Usage("a run goes on as it began; beside --resume RUN only --epochs and --out can be named")
    record = named_run(options.resume, None)
    path = record.data.get("project_path")
    return continued(record, options.epochs), Path(path) if path else None, record


class _Shown:
    """What a run reports, for a person or for another program. Whoever reads it may go away meanwhile: the
    training goes on all the same.
    """

    def __init__(self, as_json: bool) -> None:
        from engine.cli.progress import Bar

        self._bar = None if as_json else Bar()
        self._failed: Failed | None = None
        self._error: OSError | None = None

    def __call__(self, report: Report) -> None:
        """Show one report. For a program a failure waits until it is certain that nothing comes after it."""
        try:
            if self._bar is not None:
                self._bar.show(report)
            elif isinstance(report, Failed):
                self._failed = report
            else:
                self._failed = None
                say(json.dumps(report.json()), flush=True)
        except OSError as error:
            self._lose(error)
        if isinstance(report, Failed):
            complain(report.message)

    def end(self) -> None:
        """Nothing more comes. Raises what kept reports from being written, unless nobody reads any more."""
        if self._failed is not None:
            try:
                say(json.dumps(self._failed.json()), flush=True)
            except OSError as error:
                self._lose(error)
        if self._error is not None and self._error.errno not in GONE:
            raise self._error

    def _lose(self, error: OSError) -> None:
        self._error = self._error or error
        lead_nowhere(stream() if self._bar is None else sys.stderr)


def _follow(run: Run, show: Callable[[Report], None]) -> None:
    """Show what a run reports until it has ended."""
    while True:
        active = run.active
        for report in run.poll():
            show(report)
        if not active:
            break
        time.sleep(0.05)


class _stop_on_signals:
    """Ctrl+C, the system's wish that we end, and a terminal that is closed stop the run, and what it learnt
    is kept. Another one while it is saved says so, and only one after that gives it up. What comes within a
    second counts as one: `timeout` and terminals send several.
    """

    def __init__(self, run: Run) -> None:
        self.gone = False
        """Whether nobody is there to be asked: it was not Ctrl+C that stopped the run."""
        self._run = run
        self._signals = 0
        self._last = -math.inf

    def __enter__(self) -> _stop_on_signals:
        ignored = signal.SIG_IGN  # what was started with nohup lives on
        wanted = [signal.SIGINT, *(one for one in ENDINGS if signal.getsignal(one) is not ignored)]
        self._before = {one: signal.signal(one, self._hear) for one in wanted}
        return self

    def __exit__(self, *_: object) -> None:
        self._run.stop()
        self._run.wait()  # a thread within torch would abort the process at its end
        for one, handler in self._before.items():
            signal.signal(one, handler)

    def end(self) -> None:
        """The run is over: from now on a signal interrupts whatever waits for a person."""
        self._run.wait()
        for one in self._before:
            signal.signal(one, signal.default_int_handler)

    def _hear(self, number: int, _: object) -> None:
        self.gone = self.gone or number != signal.SIGINT
        now = time.monotonic()
        if now - self._last < AS_ONE:
            return
        self._last = now
        self._signals += 1
        self._run.stop()
        if self._signals == 2:
            text = Message("Saving what was learnt; press Ctrl+C once more to give it up.")
            with suppress(OSError):  # past Python's buffers, which may be in use at this moment
                os.write(2, f"\n{text}\n".encode())
        elif self._signals > 2:
            os._exit(130)  # nothing else ends a process whose thread is within torch


# --------------------------------------------------------------------------- where a run cannot be saved


def _saved_after_all(run: Run, ask: bool) -> bool:
    """Save what is still in memory: where the person says, else wherever it is taken. Whether it came to the
    run's own place.
    """
    while ask and sys.stdin.isatty():
        try:
            text = Message("Make room and press Enter to save it again, or type another folder:")
            print(text, end=" ", file=sys.stderr, flush=True)
            answer = sys.stdin.readline()
        except (KeyboardInterrupt, OSError):
            answer = ""
        if not answer:  # Ctrl+C, Ctrl+D, a closed terminal: the person is gone, the run shall not be
            complain("")
            break
        folder = Path(answer.strip()).expanduser() if answer.strip() else None
        try:
            run.save(folder)
        except Trouble as trouble:
            complain(trouble)
        else:
            return folder is None
    _save_elsewhere(run)
    return False


def _save_elsewhere(run: Run) -> None:
    """Save a run wherever it is taken, and say where."""
    checkpoint = run.checkpoint
    place = save_elsewhere(run, run.project.graph.name)
    if place is not None:
        complain(
            Message(
                "The run is saved in {place} instead, whole; move it to where it shall stay.",
                place=str(place),
            )
        )
    elif checkpoint is not None:
        complain(
            Message(
                "Neither the current nor the temporary folder takes it, so all is lost that came after the "
                "last checkpoint, {path}; that one can still be exported, and gone on with: "
                "layerloom train --resume {folder}",
                path=str(checkpoint),
                folder=str(checkpoint.parent),
            )
        )
    else:
        complain(
            Message(
                "Neither the current nor the temporary folder takes it, so what was learnt is lost. Make "
                "room and train again."
            )
        )
