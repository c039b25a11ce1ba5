"""A run that was written down: its project, curves, weights and how it ended, read when asked."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data.kept import remembered
from engine.data.prepare import Prepared, prepare
from engine.files import checked_json, locks
from engine.files.checked_json import (
    anything,
    boolean,
    file_path,
    items,
    maybe,
    members,
    moment,
    named,
    number,
    one_of,
    row,
    text,
    whole,
)
from engine.files.reading import read_bytes
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.runs.draft import misread_note
from engine.store import project_file
from engine.training.curves import misshapen

if TYPE_CHECKING:
    from torch import Tensor, nn

    from engine.training.checkpoint import Checkpoint
    from engine.training.predict import Predictor


FORMAT = 1
PREPROCESSING = "preprocessing.json"
"""The file of a run that says how raw values become numbers."""
COMPLETE = frozenset({"done", "early", "goal", "time", "stopped"})

_FAR = 10**15
"""No count of steps or seconds comes near it."""
_MEASURES = named(named(maybe(number()), 1000), 100)
_HEAD = members(("format", "project"), format=whole(1, _FAR), project=members())
_FACTS = members(
    number=whole(0, _FAR),
    title=text(),
    started=moment(),
    ended=maybe(moment()),
    reason=maybe(one_of(*sorted(COMPLETE), "failed")),
    project_path=maybe(file_path()),
    fingerprint=maybe(text()),
    seed=whole(0, _FAR),
    resumed=maybe(whole(0, _FAR)),
    device=text(),
    threads=whole(0, _FAR),
    engine=text(),
    exact=boolean(),
    epochs=maybe(number(0, _FAR)),
    changes=items(
        members(
            ("step", "epoch", "settings"),
            step=whole(0, _FAR),
            epoch=number(0, _FAR),
            settings=named(row(anything(), anything()), 100),
        )
    ),
    versions=named(text(), 1000),
    steps_per_epoch=whole(0, _FAR),
    kept_epoch=number(0, _FAR),
    steps=whole(0, _FAR),
    metrics=_MEASURES,
    message=text(),
    node=maybe(text()),
    failed_step=maybe(whole(0, _FAR)),
    seconds=number(0, _FAR),
    warning=text(),
)
"""What run.json says of a run, where it says it: all but the head came over the versions, or at its end."""


class Record:
    """A run on the shelf, read when asked. `problem` says what is wrong with a folder that cannot be read."""

    def __init__(self, folder: Path | str, number: int | None = None) -> None:
        self.folder = Path(folder)
        self._number = number

    @cached_property
    def _read(self) -> tuple[dict[str, Any], Message | None]:
        path = self.folder / "run.json"
        try:
            data = checked_json.read(path, _HEAD)
            if data["format"] > FORMAT:
                return {}, Message(
                    "{path} was written by a newer Layerloom (form {number}, this one reads {known}).",
                    path=str(path),
                    number=data["format"],
                    known=FORMAT,
                )
            checked_json.must_be(data, _FACTS, path)
        except Trouble as trouble:
            if not os.path.exists(path) and (note := misread_note(self.folder)) is not None:
                return {}, note
            return {}, trouble.message
        # a run that ended well has weights; one that failed or goes on may have none yet
        missing = [name for name in ("weights.safetensors",) if not os.path.exists(self.folder / name)]
        if data.get("reason") in COMPLETE and missing:
            return data, Message(
                "{path} is not whole: {missing} is missing.", path=str(self.folder), missing=missing[0]
            )
        return data, None

    @property
    def data(self) -> Mapping[str, Any]:
        """What run.json says; empty where it cannot be read."""
        return self._read[0]

    @property
    def problem(self) -> Message | None:
        """What is wrong with the folder, if anything is."""
        return self._read[1]

    @property
    def number(self) -> int:
        """The run's number."""
        return self._number if self._number is not None else int(self.data.get("number", 0))

    @property
    def title(self) -> str:
        """The network's name."""
        return str(self.data.get("title") or self.folder.name)

    @property
    def state(self) -> str:
        """ "done", "early", "goal", "time", "stopped" or "failed"; "running" or "interrupted" while it has
        not ended; or "broken".
        """
        if self.problem is not None:
            return "broken"
        reason = self.data.get("reason")
        if reason:
            return str(reason)
        return "running" if locks.held(self.folder / "lock") else "interrupted"

    @property
    def caution(self) -> Message | None:
        """What one must know before the weights are used: how the run ended, unless it ended well."""
        if self.state == "failed":
            return Message(
                "This run failed, and its weights are those of its last good moment: {reason}",
                reason=str(self.data.get("message") or "?"),
            )
        if self.state == "interrupted":
            return Message("This run was interrupted, and its weights are those of its last checkpoint.")
        return Message("{warning}", warning=self.data["warning"]) if self.data.get("warning") else None

    @property
    def metrics(self) -> Mapping[str, Mapping[str, float]]:
        """Loss and metrics of the kept weights on the train, validation and test part."""
        return self.data.get("metrics") or {}

    @property
    def changes(self) -> tuple[Mapping[str, Any], ...]:
        """What a person changed while it was trained, in order: step, epoch, and each setting by its name
        with what it was and became.
        """
        return tuple(self.data.get("changes") or ())

    @cached_property
    def project(self) -> Project:
        """The very project that was trained. Raises `Trouble` where the record is broken."""
        self._require()
        return project_file.from_json(self.data["project"])

    @property
    def source(self) -> str:
        """The code that was trained. Raises `Trouble`."""
        path = self.folder / "model.py"
        try:
            return read_bytes(path, checked_json.LARGEST).decode()
        except UnicodeDecodeError:
            raise Trouble("{path} is damaged: it is not text.", path=str(path)) from None

    def curves(self) -> dict[str, np.ndarray]:
        """The curves by name, each a vector, as `Curves.arrays` gives them; none where the run had not got
        that far.
        """
        path = self.folder / "curves.npz"
        if not os.path.exists(path):
            return {}
        try:
            with np.load(io.BytesIO(read_bytes(path, checked_json.LARGEST)), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
        except Trouble:
            raise
        except Exception as error:  # a damaged archive fails in many ways
            raise Trouble("{path} is damaged, so the run has no curves.", path=str(path)) from error
        if wrong := misshapen(arrays):
            raise Trouble(
                "{path} is damaged, so the run has no curves: {name} is not as long as what belongs to it.",
                path=str(path),
                name=wrong,
            )
        return arrays

    @property
    def weighted(self) -> bool:
        """Whether there are weights: those that were kept, or those of the last checkpoint."""
        return any(os.path.exists(self.folder / name) for name in ("weights.safetensors", "checkpoint.pt"))

    def weights(self) -> dict[str, Tensor]:
        """The weights by name, as the module's `state_dict` shapes them. Those of the last checkpoint where
        the run was interrupted. Raises `Trouble`.
        """
        from safetensors.torch import load  # here and below: with torch, which no list of runs needs

        self._require()
        path = self.folder / "weights.safetensors"
        if os.path.exists(path):
            try:
                weights: dict[str, Tensor] = load(read_bytes(path))
            except Trouble:
                raise
            except Exception as error:  # a damaged file fails in many ways
                raise Trouble("{path} is damaged.", path=str(path)) from error
            return weights
        checkpoint = self.checkpoint()
        best = checkpoint.best
        if best is not None and self.project.recipe.keep_best:
            return best.weights
        return {**checkpoint.weights, **checkpoint.average}

    def checkpoint(self) -> Checkpoint:
        """The last moment that the run wrote down. Raises `Trouble` where there is none."""
        from engine.training import checkpoint

        path = self.folder / "checkpoint.pt"
        if not os.path.exists(path):
            raise Trouble("Run {number} was interrupted before its first checkpoint.", number=self.number)
        return checkpoint.read(path)

    def module(self) -> nn.Module:
        """The trained network, in evaluation mode, on the processor. Raises `Trouble`."""
        from engine.training.restore import module

        return module(self.project, self.weights())

    def predictor(self) -> Predictor:
        """The trained network, to be asked about single samples. Raises `Trouble` where the run has no
        weights.
        """
        from engine.training.predict import Predictor

        return Predictor(self.project, self.module(), self.prepared)

    @cached_property
    def prepared(self) -> Prepared:
        """The data as the run knows it: with the encoders and scalers that it learnt, whatever has become of
        the files since. Raises `Trouble` where they are gone and a former version has kept none.
        """
        path = self.folder / PREPROCESSING
        if not os.path.exists(path):  # of a version that kept none: the same data teaches the same
            return prepare(self.project.data)
        return remembered(self.project.data, checked_json.read(path, checked_json.members()))

    def _require(self) -> None:
        if self.problem is not None:
            raise Trouble(self.problem)
