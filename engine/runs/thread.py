"""A training in a background thread: start, pause, resume, stop, and what it reports, without ever waiting
for it.
"""

from __future__ import annotations

import json
import threading
import time
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.files.atomic import said, write_bytes, write_text
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.runs.draft import Draft
from engine.runs.record import FORMAT, Record
from engine.runs.shelf import Shelf
from engine.store import project_file
from engine.training.control import Control
from engine.training.curves import Curves
from engine.training.reports import Failed, Finished, Report, Started

if TYPE_CHECKING:
    from torch import nn

    from engine.training.checkpoint import Checkpoint
    from engine.training.predict import Predictor
    from engine.training.train import Trained

WRITTEN = 10.0  # seconds at least between two checkpoints on disk


class Run:
    """One training. Its reports belong to this object alone, so those of an old run never reach a new one.

    `state` is "ready", "training", "paused", "stopping", "finished" or "failed". `folder` is the run's own
    folder where somebody names one, else it gets a numbered one on the shelf. `path` is the project's file,
    to be found by it again. With `resumed`, an interrupted run, training goes on from its last checkpoint.
    """

    def __init__(
        self,
        project: Project,
        folder: Path | str | None = None,
        *,
        shelf: Shelf | None = None,
        path: Path | str | None = None,
        resumed: Record | None = None,
    ) -> None:
        self.project = project
        self.curves = Curves()
        self._shelf = shelf or Shelf()
        self._out = folder
        self._path = str(Path(path).resolve()) if path is not None else None
        self._resumed = resumed
        self._control = Control()
        self._reports: deque[Report] = deque()
        self._thread: threading.Thread | None = None
        self._ended = ""
        self._draft: Draft | None = None
        self._facts: dict[str, Any] = {}
        self._trained: Trained | None = None
        self._write_next = 0.0
        self._last: Finished | Failed | None = None  # what is to be told once the run is saved
        self.saved: Path | None = None
        """The run's folder, once it is whole."""

    # ----------------------------------------------------------------------- from any thread

    @property
    def number(self) -> int:
        """The run's number; 0 until it has one."""
        return self._draft.number if self._draft is not None else 0

    @property
    def state(self) -> str:
        """Where the run stands."""
        if self._ended:
            return self._ended
        if self._thread is None:
            return "ready"
        if self._control.stopping:
            return "stopping"
        return "paused" if self._control.paused else "training"

    @property
    def active(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread is not None and not self._ended

    @property
    def unsaved(self) -> bool:
        """Whether it is over and what it learnt could not be saved: `save` may be tried again."""
        return bool(self._ended) and self._trained is not None and self.saved is None

    @property
    def checkpoint(self) -> Path | None:
        """The last checkpoint on disk, while there is one."""
        path = self._draft.folder / "checkpoint.pt" if self._draft is not None else None
        return path if path is not None and path.exists() else None

    def start(self) -> None:
        """Begin, in a thread of its own. A run starts once."""
        if self._thread is not None:
            raise RuntimeError("a run starts once")
        self._thread = threading.Thread(target=self._work, name="layerloom-run", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Wait before the next step."""
        self._control.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._control.resume()

    def stop(self) -> None:
        """End before the next step and keep what was learnt."""
        self._control.stop()

    def poll(self) -> list[Report]:
        """The reports since the last call, oldest first. Never waits."""
        found: list[Report] = []
        with suppress(IndexError):
            while True:
                found.append(self._reports.popleft())
        return found

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(timeout)
        return bool(self._ended)

    def module(self) -> nn.Module:
        """The trained network in evaluation mode. Raises `Trouble` while there is none."""
        if self._trained is None:
            raise Trouble("There is no trained network yet. Let the training end, or stop it.")
        return self._trained.built.module

    def predictor(self) -> Predictor:
        """The trained network, to be asked about single samples. Raises `Trouble` while there is none."""
        from engine.training.predict import Predictor

        return Predictor(self.project, self.module())

    # ----------------------------------------------------------------------- the thread

    def _work(self) -> None:
        try:
            self._train()
        except Trouble as trouble:
            # one that stands for another error keeps the trace of it
            self._fail(trouble.message, traceback.format_exc() if trouble.__cause__ is not None else "")
        except Exception as error:  # nothing may end the thread without a word
            self._fail(
                Message("Training could not go on: {reason}", reason=f"{type(error).__name__}: {error}"),
                traceback.format_exc(),
            )

    def _train(self) -> None:
        from engine.training.train import train

        checkpoint = self._resumed.checkpoint() if self._resumed is not None else None
        if checkpoint is not None and self._resumed is not None:
            self.curves.resume(self._resumed.curves(), checkpoint.step)
        self._draft = self._shelf.claim(self.project.graph.name, self._out)
        self._begin(self._draft.folder)
        self._write_next = time.monotonic() + WRITTEN
        training = train(
            self.project,
            control=self._control,
            number=self.number,
            checkpoint=checkpoint,
            keep=self._keep,
        )
        last: Finished | Failed | None = None
        while True:
            try:
                report = next(training)
            except StopIteration as end:
                self._trained = end.value
                break
            self.curves.add(report)
            if isinstance(report, Finished | Failed):
                last = report
                continue
            if isinstance(report, Started):
                self._facts |= _started(report)
                self._write_facts(self._draft.folder)
            self._reports.append(report)
        assert last is not None, "a training ends with one or the other"
        self._end(last)

    def _begin(self, folder: Path) -> None:
        """Write down what is trained, so that a killed run can still be told, and gone on with."""
        self._facts = {
            "format": FORMAT,
            "number": self.number,
            "title": self.project.graph.name,
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "reason": None,
            "project_path": self._path,
            "fingerprint": self.project.fingerprint,
            "seed": self.project.recipe.seed,
            "resumed": self._resumed.number if self._resumed is not None else None,
            "project": project_file.to_json(self.project),
        }
        self._write_facts(folder)

    def _keep(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint and the curves now and then, so that a killed process loses little."""
        if time.monotonic() < self._write_next or self._draft is None:
            return
        began = time.monotonic()
        with suppress(Trouble):  # a full disk shall not end the training; saving at its end says so
            # curves first: they may reach beyond the checkpoint, but must not end before it
            write_bytes(self._draft.folder / "curves.npz", self.curves.bytes())
            checkpoint.write(self._draft.folder / "checkpoint.pt")
        self._write_next = time.monotonic() + max(WRITTEN, 50 * (time.monotonic() - began))

    def _end(self, last: Finished | Failed) -> None:
        """Save the run and tell. Where saving fails the network stays in memory, and `save` may be tried
        again.
        """
        assert self._trained is not None
        self._facts |= {
            "reason": "failed" if isinstance(last, Failed) else last.reason,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "kept_epoch": self._trained.kept_epoch,
            "steps": self._trained.step,
            "metrics": self._trained.metrics,
        }
        if isinstance(last, Failed):
            self._facts |= {"message": str(last.message), "node": last.node, "failed_step": last.step}
            self._note_trace(last.trace)
        else:
            self._facts["seconds"] = round(last.seconds, 3)
            last = evolve(last, warning=self._warning())
            if last.warning is not None:
                self._facts["warning"] = str(last.warning)
        self._last = last
        try:
            self.save()
        except Trouble as trouble:
            self._fail(
                Message(
                    "The training is done, but the run could not be saved: {reason}", reason=trouble.message
                ),
                "",
            )

    def _warning(self) -> Message | None:
        """What is odd about a training that went through."""
        grown = self.curves.grown()
        if grown is None:
            return self._unmeasured()
        return Message(
            "The loss grew from {first} to {last}; the learning rate ({rate}) is probably too high.",
            first=f"{grown[0]:.3g}",
            last=f"{grown[1]:.3g}",
            rate=f"{self.project.recipe.optimiser.rate:g}",
        )

    def _unmeasured(self) -> Message | None:
        """Which metrics were asked for and are not defined for these predictions."""
        from engine.training.metrics import key

        assert self._trained is not None
        measured = {name.rpartition(".")[2] for name in self._trained.metrics.get("test", {})}
        asked = [name for node in self.project.graph.outputs for name in getattr(node.kind, "metrics", ())]
        lost = [name for name in dict.fromkeys(asked) if key(name) not in measured]
        if not lost:
            return None
        return Message("Not defined for these predictions and so left out: {names}.", names=", ".join(lost))

    def save(self, place: Path | None = None) -> Path:
        """Make the run's folder whole and bring it to its place, or to another one; then tell how the
        training ended. Raises `Trouble`; may then be tried again.
        """
        from safetensors.torch import save

        if self._trained is None or self._draft is None or self._last is None:
            raise Trouble("There is no trained network to save yet.")
        draft = self._draft if place is None else self._draft.elsewhere(place)
        folder = draft.folder
        built = self._trained.built
        weights = {
            name: value.detach().cpu().clone().contiguous()  # tied weights are in memory once
            for name, value in built.module.state_dict().items()
        }
        write_text(folder / "model.py", built.source.text)
        write_bytes(folder / "weights.safetensors", save(weights, {"format": "pt"}))
        write_bytes(folder / "curves.npz", self.curves.bytes())
        self._write_facts(folder)  # last of all: with its reason the run counts as whole
        with said(folder):
            (folder / "checkpoint.pt").unlink(missing_ok=True)
        self.saved = draft.finish()
        if draft is not self._draft:
            self._draft.give_way(self.saved)
            self._draft = draft
        self._tell(evolve(self._last, run=str(self.saved), number=self.number))
        return self.saved

    def _write_facts(self, folder: Path) -> None:
        text = json.dumps(self._facts, ensure_ascii=False, indent=1, allow_nan=False)
        write_text(folder / "run.json", text + "\n")

    def _fail(self, message: Message, trace: str) -> None:
        """End with a sentence. A run that never made a step leaves nothing, unless there is a trace to look
        at.
        """
        place = ""
        draft = self._draft
        if draft is not None and self._trained is None:
            if trace:
                self._note_trace(trace)
                self._facts |= {"reason": "failed", "message": str(message)}
                with suppress(Trouble):
                    self._write_facts(draft.folder)
                    place = str(draft.finish())
            else:
                draft.discard()
        self._tell(Failed(message, run=place, number=self.number, trace=trace))

    def _note_trace(self, trace: str) -> None:
        if trace and self._draft is not None:
            with suppress(Trouble):
                write_text(self._draft.folder / "error.txt", trace)

    def _tell(self, last: Finished | Failed) -> None:
        self._reports.append(last)
        self._ended = "finished" if isinstance(last, Finished) else "failed"


def _started(report: Started) -> dict[str, Any]:
    return {
        "device": report.device,
        "threads": report.threads,
        "engine": report.engine,
        "versions": dict(report.versions),
        "steps_per_epoch": report.steps_per_epoch,
    }
