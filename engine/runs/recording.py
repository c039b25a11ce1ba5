"""Writes the folder of a run while it is trained, wherever that is: in a thread or a process of its own."""

from __future__ import annotations

import json
import math
import time
import traceback
from collections.abc import Generator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.data.kept import kept
from engine.data.prepare import Prepared
from engine.files.atomic import os_errors_in_words, write_bytes, write_text
from engine.message import Message, Trouble
from engine.metrics.metric import key
from engine.project.project import Project
from engine.runs.draft import Draft
from engine.runs.record import FORMAT, PREPROCESSING, Record
from engine.runs.shelf import Shelf
from engine.store import project_file
from engine.training.control import Control
from engine.training.curves import Curves
from engine.training.reports import Changed, Failed, Finished, Report, Started

if TYPE_CHECKING:
    from engine.training.checkpoint import Checkpoint, Weights
    from engine.training.train import Trained

WRITTEN = 10.0  # seconds at least between two checkpoints on disk
WRITING = 50  # writing them may take one part in so many of the time


class Recording:
    """What is written down of one training: its project, checkpoints and curves while it goes on, the network
    with its weights at the end.

    `folder` is the run's own folder where somebody names one, else it gets a numbered one on the shelf.
    `path` is the project's file, to be found by it again. With `resumed`, an earlier run, training goes on
    from its last checkpoint; `resuming.continued` gives the project for that.
    """

    def __init__(
        self,
        project: Project,
        shelf: Shelf,
        folder: Path | str | None = None,
        path: Path | str | None = None,
        resumed: Record | None = None,
    ) -> None:
        self.project = project
        self.curves = Curves()
        self.trained: Trained | None = None
        """The network, once the training is over."""
        self.saved: Path | None = None
        """The run's folder, once it is whole."""
        self._shelf = shelf
        self._out = folder
        self._path = str(Path(path).resolve()) if path is not None else None
        self._resumed = resumed
        self._draft: Draft | None = None
        self._preprocessing = ""
        self._facts: dict[str, Any] = {}
        self._first_step = 0  # where it goes on
        self._training_since = self._write_next = math.inf
        self._written = False
        self._last: Finished | Failed | None = None  # what is to be reported once the run is saved

    @property
    def number(self) -> int:
        """The run's number; 0 until it has one."""
        return self._draft.number if self._draft is not None else 0

    @property
    def checkpoint(self) -> Path | None:
        """The last checkpoint on disk, while there is one."""
        path = self._draft.folder / "checkpoint.pt" if self._draft is not None else None
        return path if path is not None and path.exists() else None

    def train(self, control: Control) -> Iterator[Report]:
        """Train the project and write down what comes of it; its reports, as they come.

        The last one is `Finished` or `Failed`, whatever happens. By then the folder is whole, if it can be.
        """
        try:
            yield from self._train(control)
        except Trouble as trouble:
            # one that stands for another error keeps the trace of it
            trace = traceback.format_exc() if trouble.__cause__ is not None else ""
            yield self._failed(trouble.message, trace)
        except Exception as error:  # nothing may end a training without a word
            yield self._failed(
                Message("Training could not go on: {reason}", reason=f"{type(error).__name__}: {error}"),
                traceback.format_exc(),
            )

    def save(self, place: Path | None = None) -> Finished | Failed:
        """Make the run's folder whole and bring it to its place, or to another one; how the training ended,
        to be reported now. Raises `Trouble`; may then be tried again.
        """
        from safetensors.torch import save

        if self.trained is None or self._draft is None or self._last is None:
            raise Trouble("There is no trained network to save yet.")
        draft = self._draft if place is None else self._draft.elsewhere(place)
        folder = draft.folder
        built = self.trained.built
        weights = {
            name: value.detach().cpu().clone().contiguous()  # tied weights are in memory once
            for name, value in built.module.state_dict().items()
        }
        write_text(folder / PREPROCESSING, self._preprocessing)
        write_text(folder / "model.py", built.source.text)
        write_bytes(folder / "weights.safetensors", save(weights, {"format": "pt"}))
        write_bytes(folder / "curves.npz", self.curves.bytes())
        self._write_facts(folder)  # after all that it promises: with its reason the run counts as whole
        self._write_last_checkpoint(folder / "checkpoint.pt")
        self.saved = draft.finish()
        if draft is not self._draft:
            self._draft.give_way(self.saved)
            self._draft = draft
        return evolve(self._last, run=str(self.saved), number=self.number)

    # ----------------------------------------------------------------------- while it is trained

    def _train(self, control: Control) -> Iterator[Report]:
        from engine.training.train import train  # with torch, which a window imports later

        checkpoint = self._resumed.checkpoint() if self._resumed is not None else None
        if checkpoint is not None and self._resumed is not None:
            self.curves.resume(self._resumed.curves(), checkpoint.step)
            self._first_step = checkpoint.step
            if self._resumed.state == "early":  # who goes on all the same gives it that patience again
                checkpoint = evolve(checkpoint, epochs_without_improvement=0)
        self._draft = self._shelf.claim(self.project.graph.name, self._out)
        self._begin(self._draft.folder)
        training = train(
            self.project,
            control=control,
            number=self.number,
            checkpoint=checkpoint,
            on_checkpoint=self._write_checkpoint,
            on_epoch=self._write_epoch,
            on_prepared=self._write_preprocessing,
        )
        last = yield from self._follow(training)
        yield self._end(last)

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
        if self._resumed is not None and self._resumed.changes:
            self._facts["changes"] = list(self._resumed.changes)
        self._write_facts(folder)
        self._training_since = self._write_next = math.inf

    def _follow(
        self, training: Generator[Report, None, Trained]
    ) -> Generator[Report, None, Finished | Failed]:
        """Pass on every report but the last, which waits until the run is saved."""
        assert self._draft is not None
        last: Finished | Failed | None = None
        while True:
            try:
                report = next(training)
            except StopIteration as end:
                self.trained = end.value
                break
            self.curves.add(report)
            if isinstance(report, Finished | Failed):
                last = report
                continue
            if isinstance(report, Started):
                self._facts |= _machine(report)
                self._write_facts(self._draft.folder)
            elif isinstance(report, Changed):
                self._note_change(report)
            yield report
        assert last is not None, "a training ends with one or the other"
        return last

    def _note_change(self, report: Changed) -> None:
        """Write down what a person changed; the moment from which it counts is written next."""
        assert self._draft is not None
        settings = {name: list(values) for name, values in report.settings.items()}
        one = {"step": report.step, "epoch": report.epoch, "settings": settings}
        self._facts["changes"] = [*self._facts.get("changes", ()), one]
        with suppress(Trouble):  # a full disk shall not end the training; saving at its end says so
            self._write_facts(self._draft.folder)
        self._write_next = 0.0

    def _write_preprocessing(self, prepared: Prepared) -> None:
        """Keep how raw values become numbers before anything is learnt: a run that is killed can be asked,
        too, and so can one whose data is no longer there.
        """
        assert self._draft is not None
        self._preprocessing = json.dumps(kept(prepared), ensure_ascii=False) + "\n"
        write_text(self._draft.folder / PREPROCESSING, self._preprocessing)

    def _write_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint and the curves now and then, so that a killed process loses little: after the
        first epoch or seconds, and then seldom enough.
        """
        from engine.training.rollback import FIRST, FIRST_EPOCH  # with torch

        began = time.monotonic()
        if self._write_next == math.inf:  # the moment before the first step is not worth a file
            self._training_since, self._write_next = began, began + min(FIRST, WRITTEN)
        if checkpoint.epoch == 1 and not self._written and began >= self._training_since + FIRST_EPOCH:
            self._write_next = began
        if began < self._write_next or self._draft is None:
            return
        self._written = True
        with suppress(Trouble):  # a full disk shall not end the training; saving at its end says so
            # curves first: they may reach beyond the checkpoint, but must not end before it
            write_bytes(self._draft.folder / "curves.npz", self.curves.bytes())
            checkpoint.write(self._draft.folder / "checkpoint.pt")
        now = time.monotonic()
        self._write_next = now + max(WRITTEN, WRITING * (now - began))  # a slow disk makes them seldom

    def _write_epoch(self, epoch: int, weights: Weights) -> None:
        """Keep the weights after an epoch as a file of their own."""
        from safetensors.torch import save

        if self._draft is None:
            return
        folder = self._draft.folder / "epochs"
        kept = {name: value.cpu().contiguous() for name, value in weights.items()}
        with suppress(Trouble), os_errors_in_words(folder):  # a full disk shall not end the training
            folder.mkdir(exist_ok=True)
            write_bytes(folder / f"{epoch:05d}.safetensors", save(kept, {"format": "pt"}))

    def _write_last_checkpoint(self, path: Path) -> None:
        """Leave the last moment, from which a person may go on later. One that failed is not gone on with."""
        assert self.trained is not None
        if self.trained.checkpoint is None:
            with os_errors_in_words(path):
                path.unlink(missing_ok=True)
            return
        # neither a full disk nor a full memory shall cost the run: then one goes on from an earlier moment
        with suppress(Trouble, MemoryError, RuntimeError):
            self.trained.checkpoint.write(path)

    # ----------------------------------------------------------------------- at its end

    def _end(self, last: Finished | Failed) -> Finished | Failed:
        """Save the run; how it ended. Where saving fails the network stays in memory, and `save` may be tried
        again.
        """
        assert self.trained is not None
        if isinstance(last, Finished) and last.step == self._first_step:
            return self._nothing(last)
        # kept in memory until `save` writes them: a folder with a reason in it counts as whole
        self._facts |= {
            "reason": "failed" if isinstance(last, Failed) else last.reason,
            "ended": datetime.now(UTC).isoformat(timespec="seconds"),
            "kept_epoch": self.trained.kept_epoch,
            "steps": self.trained.step,
            "metrics": self.trained.metrics,
        }
        if "changes" in self._facts:  # else steps tell them
            self._facts["epochs"] = self.trained.epochs
        if isinstance(last, Failed):
            self._facts |= {"message": str(last.message), "node": last.node, "failed_step": last.step}
            self._note_trace(last.trace)
        else:
            self._facts["seconds"] = round(last.seconds, 3)
            last = evolve(last, warning=_warning(self.project, self.curves, self.trained))
            if last.warning is not None:
                self._facts["warning"] = str(last.warning)
        self._last = last
        try:
            return self.save()
        except Trouble as trouble:
            return self._failed(
                Message(
                    "The training is done, but the run could not be saved: {reason}", reason=trouble.message
                ),
                "",
            )

    def _nothing(self, last: Finished) -> Finished:
        """End without a folder: nobody shall take a network for a trained one that never made a step."""
        if self._draft is not None:
            self._draft.discard()
        self.trained = None
        nothing = Message("It was stopped before its first step, so no run is kept.")
        return evolve(last, number=self.number, metrics={}, warning=nothing)

    def _failed(self, message: Message, trace: str) -> Failed:
        """End with a sentence. A run that never made a step leaves nothing, unless there is a trace to look
        at.
        """
        place = ""
        draft = self._draft
        if draft is not None and self.trained is None:
            if trace:
                self._note_trace(trace)
                self._facts |= {"reason": "failed", "message": str(message)}
                with suppress(Trouble):
                    self._write_facts(draft.folder)
                    place = str(draft.finish())
            else:
                draft.discard()
        return Failed(message, run=place, number=self.number, trace=trace)

    def _note_trace(self, trace: str) -> None:
        if trace and self._draft is not None:
            with suppress(Trouble):
                write_text(self._draft.folder / "error.txt", trace)

    def _write_facts(self, folder: Path) -> None:
        text = json.dumps(self._facts, ensure_ascii=False, indent=1, allow_nan=False)
        write_text(folder / "run.json", text + "\n")


def _machine(report: Started) -> dict[str, Any]:
    """What computes, and with which versions."""
    return {
        "device": report.device,
        "threads": report.threads,
        "engine": report.engine,
        "versions": dict(report.versions),
        "steps_per_epoch": report.steps_per_epoch,
        **({} if report.exact else {"exact": False}),
    }


def _warning(project: Project, curves: Curves, trained: Trained) -> Message | None:
    """What is odd about a training that went through."""
    sentences = (_grown(project, curves), _failed(trained), _undefined(project, trained))
    return reduce(_followed, filter(None, sentences), None)


def _followed(first: Message | None, second: Message) -> Message:
    return second if first is None else Message("{first} {second}", first=first, second=second)


def _grown(project: Project, curves: Curves) -> Message | None:
    """That the loss grew, if it did."""
    grown = curves.grown()
    if grown is None:
        return None
    return Message(
        "The loss grew from {first} to {last}; the learning rate ({rate}) is probably too high.",
        first=f"{grown[0]:.3g}",
        last=f"{grown[1]:.3g}",
        rate=f"{project.recipe.optimiser.rate:g}",
    )


def _failed(trained: Trained) -> Message | None:
    """Which measures raised an error: they are left out, and what was learnt is kept."""
    if not trained.unmeasured:
        return None
    return Message(
        "Could not be computed and so left out: {names} ({reason}). What was learnt is kept.",
        names=", ".join(trained.unmeasured),
        reason=next(iter(trained.unmeasured.values())),
    )


def _undefined(project: Project, trained: Trained) -> Message | None:
    """Which metrics were asked for and are not defined for these predictions."""
    test = trained.metrics.get("test", {})
    known = {name.rpartition(".")[2] for name in (*test, *trained.unmeasured)}
    asked = [name for node in project.graph.outputs for name in getattr(node.kind, "metrics", ())]
    lost = [name for name in dict.fromkeys(asked) if key(name) not in known]
    if not lost or "test" in trained.unmeasured:  # then none of them is known, and it was said why
        return None
    return Message("Not defined for these predictions and so left out: {names}.", names=", ".join(lost))
