"""How far a run was trained and what it reached, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from engine.message import Message, Trouble
from engine.runs.record import COMPLETE, Record


def epochs(record: Record) -> float | None:
    """How many epochs were gone through, not after which one the weights were kept. Of a run that was
    interrupted, which could not write that down, so many as its curves tell of.
    """
    steps, of_epoch = record.data.get("steps"), record.data.get("steps_per_epoch")
    if steps is None and of_epoch and record.state == "interrupted":
        with suppress(Trouble):
            curves = record.curves()
            if record.changes and len(curves.get("epoch", ())):  # steps may have had different sizes
                return float(curves["epoch"][-1])
            steps = len(curves.get("loss", ())) or None  # it has a value for every step
    if record.data.get("epochs") is not None:  # steps took more samples at one time than at another
        return float(record.data["epochs"])
    trained = steps / of_epoch if steps is not None and of_epoch else record.data.get("kept_epoch")
    return None if trained is None else float(trained)


def measure(record: Record) -> tuple[str, float] | None:
    """Its main metric on the test part: the first one, else the loss. None where nothing was measured."""
    test = record.metrics.get("test") or {}
    known = {name: value for name, value in test.items() if value is not None}
    metrics = [name for name in known if name.rpartition(".")[2] not in {"loss", "penalty"}]
    name = next(iter([*metrics, *known]), None)
    return None if name is None else (name, float(known[name]))


def hardly_trained(record: Record) -> bool:
    """Whether a person stopped it within its first epoch."""
    trained = epochs(record)
    return record.state == "stopped" and trained is not None and trained < 1


def better(record: Record, others: Iterable[Record]) -> Record | None:
    """Of the whole runs of the same network on the same data the one with the smallest validation loss, where
    that is smaller than the run's own.
    """
    own = _validation(record)
    if own is None:
        return None
    found = [
        (loss, other)
        for other in others
        if other.state in COMPLETE and (loss := _validation(other)) is not None and loss < own
    ]
    project = record.project
    for _, other in sorted(found, key=lambda one: one[0]):
        theirs = other.project
        if theirs.network == project.network and theirs.data == project.data:
            return other
    return None


def facts(record: Record) -> dict[str, Any]:
    """How far it was trained and what it reached, as plain JSON."""
    return {
        "number": record.number,
        "folder": str(record.folder),
        "state": record.state,
        "epochs": epochs(record),
        "epochs_asked": record.project.recipe.epochs,
        "kept_epoch": record.data.get("kept_epoch"),
        "test": dict([reached]) if (reached := measure(record)) is not None else None,
    }


def sentence(record: Record) -> Message:
    """The same in words: "run 14, stopped after 0.1 of 30 epochs, accuracy 0.10"."""
    trained, reached = epochs(record), measure(record)
    known = {
        "done": Message("trained for {far}"),
        "early": Message("stopped early after {far}"),
        "goal": Message("reached its goal after {far}"),
        "time": Message("trained for its time, {far}"),
        "stopped": Message("stopped after {far}"),
        "failed": Message("failed after {far}"),
    }
    ended = known.get(record.state, Message("interrupted within {far}"))
    asked = record.project.recipe.epochs
    far = Message("{asked} epoch{asked:|s}", asked=asked)
    if trained is not None:
        far = Message("{trained} of {asked} epoch{asked:|s}", trained=_tenths(trained), asked=asked)
    far = Message(ended.template, far=far)
    if reached is None:
        return Message("run {number}, {far}", number=record.number, far=far)
    return Message(
        "run {number}, {far}, {metric} {value} on the test part",
        number=record.number,
        far=far,
        metric=reached[0].replace("_", " "),
        value=f"{reached[1]:.3g}",
    )


def _tenths(number: float) -> str:
    """Rounded down, so that what was not gone through to its end never reads as if it had been."""
    return f"{int(number * 10) / 10:.1f}".removesuffix(".0") if number >= 0.1 else f"{number:.1g}"


def _validation(record: Record) -> float | None:
    loss = (record.metrics.get("validation") or {}).get("loss")
    return None if loss is None else float(loss)
