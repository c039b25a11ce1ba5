"""What a training tells while it runs: small frozen values, the same in a thread, in a process and as JSON
lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from engine.message import Message


@frozen
class Started:
    """A training begins. `steps` is what the recipe asks for; stopping early makes fewer."""

    number: int
    steps_per_epoch: int
    steps: int
    epochs: int
    device: str
    threads: int
    engine: str
    versions: Mapping[str, str]
    metrics: tuple[str, ...]
    """The names of the metrics that every `Progress` carries."""
    warnings: tuple[str, ...] = ()
    """What of the settings cannot work together, in sentences."""
    exact: bool = True
    """Whether the same training on the same machine gives the same bits again."""

    def json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return {
            "report": "started",
            "run": self.number,
            "epochs": self.epochs,
            "steps": self.steps,
            "steps_per_epoch": self.steps_per_epoch,
            "device": self.device,
            "threads": self.threads,
            "engine": self.engine,
            "versions": dict(self.versions),
            **({"warnings": list(self.warnings)} if self.warnings else {}),
            **({} if self.exact else {"exact": False}),
        }


@frozen
class Progress:
    """The steps since the report before. `epoch` counts those gone through, so 1.5 stands in the second one.

    `losses` and each of `metrics` hold one value a step, on the samples of that step, in training mode.
    `gradient_norm` is the length of the gradient over all weights, before any clipping, at the last step
    where it was measured: not every step's is. `penalty` is what large weights added to the loss at the last
    step, where layers ask for it; `losses` leave it out.
    """

    step: int
    epoch: float
    losses: tuple[float, ...]
    metrics: Mapping[str, tuple[float, ...]]
    rate: float
    gradient_norm: float | None
    steps_per_second: float
    seconds: float
    penalty: float | None = None

    def json(self) -> dict[str, Any]:
        """The report as plain JSON, with the mean over its steps in the place of every step."""
        return _finite(
            {
                "report": "progress",
                "step": self.step,
                "epoch": round(self.epoch, 4),
                "loss": _mean(self.losses),
                "penalty": self.penalty,
                **{name: _mean(values) for name, values in self.metrics.items()},
                "rate": self.rate,
                "gradient_norm": self.gradient_norm,
                "steps_per_second": round(self.steps_per_second, 1),
                "seconds": round(self.seconds, 3),
            }
        )


@frozen
class Evaluated:
    """The end of an epoch. `train` is the mean over its steps in training mode, `validation` on held-back
    data; there stand also the loss of each Output where there are several, and the penalty on large weights.

    `best` says that no epoch before was better by what the recipe watches. `epoch` is a fraction where a
    person stopped.
    """

    epoch: float
    step: int
    train: Mapping[str, float]
    validation: Mapping[str, float]
    best: bool
    seconds: float

    def json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return {
            "report": "evaluated",
            "epoch": round(self.epoch, 4),
            "step": self.step,
            "train": _finite(self.train),
            "validation": _finite(self.validation),
            "best": self.best,
            "seconds": round(self.seconds, 3),
        }


@frozen
class Changed:
    """A person changed how the training goes on: each setting by its name, with what it was and is now."""

    step: int
    epoch: float
    settings: Mapping[str, tuple[Any, Any]]

    def json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return {
            "report": "changed",
            "step": self.step,
            "epoch": round(self.epoch, 4),
            "settings": {name: list(values) for name, values in self.settings.items()},
        }


@frozen
class Finished:
    """The training is over and its weights are kept: those of `kept_epoch`. `run` is the run's folder.

    `reason` is "done" (all epochs), "early" (what is watched got no better), "goal" (it was reached), "time"
    (the time was over) or "stopped" (by a person). `warning` is what a person should know all the same.
    """

    reason: str
    kept_epoch: float
    step: int
    metrics: Mapping[str, Mapping[str, float]]
    seconds: float
    run: str = ""
    number: int = 0
    warning: Message | None = None

    def json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return {
            "report": "finished",
            "run": self.run,
            "number": self.number,
            "reason": self.reason,
            "epoch": round(self.kept_epoch, 4),
            "step": self.step,
            "metrics": {part: _finite(values) for part, values in self.metrics.items()},
            "seconds": round(self.seconds, 3),
            **({"warning": str(self.warning)} if self.warning is not None else {}),
        }


@frozen
class Failed:
    """The training cannot go on. `node` is the layer where it went wrong, if one is known.

    `run` is the folder where the last good weights are kept, if there are any, and the trace for whoever
    asks.
    """

    message: Message
    node: str | None = None
    step: int | None = None
    run: str = ""
    number: int = 0
    trace: str = field(default="", repr=False)

    def json(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return {
            "report": "failed",
            "message": str(self.message),
            "node": self.node,
            "step": self.step,
            "run": self.run,
            "number": self.number,
        }


Report = Started | Progress | Evaluated | Changed | Finished | Failed


def _mean(values: tuple[float, ...]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _finite(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no infinity: what is not finite, or not known, is left out."""
    return {
        key: value
        for key, value in data.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }
