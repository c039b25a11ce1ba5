"""The shelf of runs: a numbered folder for each, whole or plainly unfinished, enough to make the run
again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.files import locks
from engine.files.atomic import move_folder, said, write_text
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.store import project_file

if TYPE_CHECKING:
    from torch import Tensor, nn

    from engine.training.checkpoint import Checkpoint

FORMAT = 1
UNDER_WAY = ".part"
COMPLETE = frozenset({"done", "early", "stopped"})


def data_folder() -> Path:
    """Where the user's data is kept: LAYERLOOM_DATA if it is set, else what the system provides for it."""
    chosen = os.environ.get("LAYERLOOM_DATA")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Layerloom"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Layerloom"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "layerloom"


def default_folder() -> Path:
    """Where runs are kept unless somebody says otherwise."""
    return data_folder() / "runs"


class Shelf:
    """The runs in a folder."""

    def __init__(self, folder: Path | str | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()

    def runs(self) -> list[Record]:
        """All runs, newest first. One that is broken says so in its `problem`."""
        found: dict[int, Record] = {}
        for path in sorted(self._entries()):
            number = _number(path.name)
            if number is not None and path.is_dir():
                place = _elsewhere(path)
                if (place / "run.json").exists() or (path.suffix != UNDER_WAY and place.exists()):
                    found[number] = Record(place, number)
        return [found[number] for number in sorted(found, reverse=True)]

    def run(self, number: int) -> Record:
        """The run of that number. Raises `Trouble` where there is none."""
        for record in self.runs():
            if record.number == number:
                return record
        raise Trouble("There is no run {number} in {folder}.", number=number, folder=str(self.folder))

    def latest(self, path: Path | str | None = None, fingerprint: str | None = None) -> Record | None:
        """The newest whole run of a project file, or of the same network, data and recipe; None where there
        is none.
        """
        return next(self.whole(path, fingerprint), None)

    def whole(self, path: Path | str | None = None, fingerprint: str | None = None) -> Iterator[Record]:
        """The whole runs of a project file, or of the same network, data and recipe, newest first."""
        wanted = str(Path(path).resolve()) if path is not None else None
        for record in self.runs():
            if record.state in COMPLETE and (
                (wanted is not None and record.data.get("project_path") == wanted)
                or (fingerprint is not None and record.data.get("fingerprint") == fingerprint)
            ):
                yield record

    def claim(self, name: str, out: Path | str | None = None) -> Draft:
        """A number that no other process has, and a folder to write the run into.

        With `out` the run's folder will be that one, and the shelf keeps a note of it. Raises `Trouble` where
        the folder cannot be written or is not empty.
        """
        if out is None:
            number, folder = self._reserve()
            lock = _locked(folder)
            return Draft(number, folder, self.folder / f"{number:04d}-{slug(name)}", lock)
        place = Path(out).absolute()
        folder = _workplace(place)
        try:
            number, note = self._reserve()
            _write_note(note, place)
        except Trouble:  # the shelf is only a convenience here
            return Draft(1, folder, place, _locked(folder))
        return Draft(number, folder, place, _locked(folder), note, self.folder / f"{number:04d}-{slug(name)}")

    def _reserve(self) -> tuple[int, Path]:
        with said(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            while True:
                number = max((_number(path.name) or 0 for path in self._entries()), default=0) + 1
                claimed = self.folder / f"{number:04d}{UNDER_WAY}"
                try:
                    claimed.mkdir()
                except FileExistsError:
                    continue
                # one that was finished between looking and making has the number already
                if sum(_number(path.name) == number for path in self._entries()) == 1:
                    return number, claimed
                claimed.rmdir()

    def _entries(self) -> list[Path]:
        try:
            return list(self.folder.iterdir())
        except OSError:
            return []


class Draft:
    """A run's folder while the run goes on. It is locked, so that others see that the run lives."""

    def __init__(
        self,
        number: int,
        folder: Path,
        place: Path,
        lock: locks.Lock | None,
        note: Path | None = None,
        note_place: Path | None = None,
    ) -> None:
        self.number = number
        self.folder = folder
        self.place = place
        self._lock = lock
        self._note = note
        self._note_place = note_place

    def finish(self) -> Path:
        """Bring the folder to its place, now that it is whole. Raises `Trouble`."""
        self._release()
        move_folder(self.folder, self.place)
        self.folder = self.place
        if self._note is not None and self._note_place is not None:
            move_folder(self._note, self._note_place)
        return self.place

    def elsewhere(self, place: Path) -> Draft:
        """A draft of the same run for another place. Raises `Trouble` where that may not be written or is not
        empty.
        """
        place = place.absolute()
        folder = _workplace(place)
        return Draft(self.number, folder, place, _locked(folder))

    def give_way(self, place: Path) -> None:
        """Leave no more than a note of the place where the run was saved instead, if even that can be
        written.
        """
        self._release()
        note, note_place = self._note or self.folder, self._note_place or self.place
        with suppress(Trouble, OSError):
            shutil.rmtree(self.folder)
            note.mkdir(exist_ok=True)
            _write_note(note, place)
            move_folder(note, note_place)

    def discard(self) -> None:
        """Take the folder away."""
        self._release()
        for folder in (self.folder, self._note):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class Record:
    """A run on the shelf, read when asked. `problem` says what is wrong with a folder that cannot be read."""

    def __init__(self, folder: Path | str, number: int | None = None) -> None:
        self.folder = Path(folder)
        self._number = number

    @cached_property
    def _read(self) -> tuple[dict[str, Any], Message | None]:
        path = self.folder / "run.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            reason = error.strerror or str(error)
            return {}, Message("{path} cannot be read: {reason}.", path=str(path), reason=reason)
        except ValueError:
            return {}, Message("{path} is damaged: it is not JSON.", path=str(path))
        if not isinstance(data, dict) or not isinstance(data.get("format"), int) or "project" not in data:
            return {}, Message("{path} is not the record of a run.", path=str(path))
        if data["format"] > FORMAT:
            return {}, Message(
                "{path} was written by a newer Layerloom (form {number}, this one reads {known}).",
                path=str(path),
                number=data["format"],
                known=FORMAT,
            )
        missing = [name for name in ("weights.safetensors",) if not (self.folder / name).exists()]
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
        """ "done", "early", "stopped" or "failed"; "running" or "interrupted" while it has not ended; or
        "broken".
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

    @cached_property
    def project(self) -> Project:
        """The very project that was trained. Raises `Trouble` where the record is broken."""
        self._require()
        return project_file.from_json(self.data["project"])

    @property
    def source(self) -> str:
        """The code that was trained."""
        try:
            return (self.folder / "model.py").read_text(encoding="utf-8")
        except OSError as error:
            reason = error.strerror or str(error)
            raise Trouble("The run's code cannot be read: {reason}.", reason=reason) from None

    def curves(self) -> dict[str, np.ndarray]:
        """The curves by name, as `training/curves.py` has them; none where the run had not got that far."""
        path = self.folder / "curves.npz"
        if not path.exists():
            return {}
        try:
            with np.load(path, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except Exception as error:  # a damaged archive fails in many ways
            raise Trouble("{path} is damaged, so the run has no curves.", path=str(path)) from error

    @property
    def weighted(self) -> bool:
        """Whether there are weights: those that were kept, or those of the last checkpoint."""
        return any((self.folder / name).exists() for name in ("weights.safetensors", "checkpoint.pt"))

    def weights(self) -> dict[str, Tensor]:
        """The weights by name. Those of the last checkpoint where the run was interrupted. Raises
        `Trouble`.
        """
        from safetensors.torch import load

        self._require()
        path = self.folder / "weights.safetensors"
        if path.exists():
            try:
                found: dict[str, Tensor] = load(path.read_bytes())
            except Exception as error:  # a damaged file fails in many ways
                raise Trouble("{path} is damaged.", path=str(path)) from error
            return found
        checkpoint = self.checkpoint()
        best = checkpoint.best
        return best.weights if best is not None and self.project.recipe.keep_best else checkpoint.weights

    def checkpoint(self) -> Checkpoint:
        """The last moment that an interrupted run wrote down. Raises `Trouble` where there is none."""
        from engine.training import checkpoint

        path = self.folder / "checkpoint.pt"
        if not path.exists():
            raise Trouble("Run {number} was interrupted before its first checkpoint.", number=self.number)
        return checkpoint.read(path)

    def module(self) -> nn.Module:
        """The trained network, in evaluation mode, on the processor. Raises `Trouble`."""
        from engine.training.restore import module

        return module(self.project, self.weights())

    def _require(self) -> None:
        if self.problem is not None:
            raise Trouble(self.problem)


def slug(name: str) -> str:
    """A name as part of a folder's: `Digits CNN` is `digits-cnn`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "network"


def _number(name: str) -> int | None:
    found = re.match(r"(\d{4,})(?:-|\.part$)", name)
    return int(found[1]) if found else None


def _elsewhere(path: Path) -> Path:
    """The folder that an entry of the shelf stands for: itself, or the one that it points to."""
    note = path / "elsewhere.json"
    try:
        place = Path(json.loads(note.read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return path
    return place if place.exists() else place.with_name(place.name + UNDER_WAY)


def _workplace(place: Path) -> Path:
    """A new folder beside the place that a run is to have. Raises `Trouble` where there can be none."""
    with said(place):
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise Trouble("{path} is not empty. Choose a new folder for the run.", path=str(place))
        folder = place.with_name(place.name + UNDER_WAY)
        if locks.held(folder / "lock"):
            raise Trouble("Another training is writing to {path}. Choose another folder.", path=str(place))
        shutil.rmtree(folder, ignore_errors=True)  # left by a process that was killed
        folder.mkdir(parents=True)
    return folder


def _write_note(folder: Path, place: Path) -> None:
    """Let a folder of the shelf stand for a run that lies elsewhere."""
    write_text(folder / "elsewhere.json", json.dumps({"folder": str(place)}))


def _locked(folder: Path) -> locks.Lock | None:
    try:
        return locks.take(folder / "lock")
    except OSError:  # a disk without locks: others will take the run for an interrupted one, no more
        return None
