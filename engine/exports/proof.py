"""What shows that an exported file computes what the network computes: both are run on real samples and
compared.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from engine.message import Message, Trouble

LIMIT = 1e-4  # the largest difference that an export may show, in the units of the network's output
BATCH_SIZES = (1, 7)  # one sample alone is what tracing gets wrong first, and seven divides nothing by chance
ROWS = 28  # samples compared, whole batches of seven
TIMED = 0.05  # seconds spent on timing each side

REAL = "samples of the validation part"
RANDOM = "random inputs within the range it was trained on, as its data is gone"

Batch = tuple[np.ndarray, ...]
"""N samples: N×… for each Input, or for each output."""
Run = Callable[[Batch], Batch]
Progress = Callable[[float, Message], None]


@frozen
class Reopened:
    """An exported file opened in a runtime of its own: what it answers to batches, one array for each output.

    `timed` says that a second call costs what a call costs, so that it can be compared for speed.
    """

    runtime: str
    answers: Callable[[Sequence[Batch]], list[Batch]]
    timed: bool = False


@frozen
class Proof:
    """How far an exported file and its network are apart on real samples.

    `largest` is the largest absolute difference of any output and `allowed` what it may be. `rows` are the
    samples compared, at each of `batch_sizes`. `speed` says how many times as fast as PyTorch the file ran at
    batches of seven, where that was measured. `seconds` is how long the export took. `caution` says what is
    wrong with the run itself, if anything is.
    """

    file: str
    runtime: str
    largest: float
    allowed: float
    rows: int
    batch_sizes: tuple[int, ...]
    seconds: float = 0.0
    speed: float | None = None
    caution: str = ""
    made_up: bool = False
    """Whether it was compared on random inputs, since the data is gone."""

    def json(self) -> dict[str, Any]:
        """The proof as plain JSON."""
        return {
            "file": self.file,
            "runtime": self.runtime,
            "largest": self.largest,
            "allowed": self.allowed,
            "rows": self.rows,
            "batch_sizes": list(self.batch_sizes),
            "seconds": self.seconds,
            "speed": self.speed,
            "caution": self.caution,
            **({"made_up": True} if self.made_up else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proof:
        """The proof that `json` wrote."""
        return cls(**{**data, "batch_sizes": tuple(data["batch_sizes"])})

    def text(self) -> str:
        """What stands beside the file. What was timed is left out, so that the same export gives the same
        text.
        """
        facts = {
            "file": self.file,
            "compared_with": f"the network in PyTorch, on {RANDOM if self.made_up else REAL}",
            "opened_in": self.runtime,
            "largest_difference": self.largest,
            "allowed_difference": self.allowed,
            "samples": self.rows,
            "batch_sizes": list(self.batch_sizes),
            **({"caution": self.caution} if self.caution else {}),
        }
        return json.dumps(facts, indent=2) + "\n"


def compare(file: str, samples: Batch, live: Run, reopened: Reopened, say: Callable[[float], None]) -> Proof:
    """Run both on the same samples, alone and in batches of seven. `say` is told the fraction that is done.

    Raises `Trouble` where the network itself gives numbers that are not finite, where shapes differ, or where
    the numbers are further apart than allowed.
    """
    rows = len(samples[0])
    batches = [
        tuple(column[i : i + size] for column in samples)
        for size in BATCH_SIZES
        for i in range(0, rows, size)
    ]
    expected = [live(batch) for batch in batches]
    say(0.5)
    largest = 0.0
    for ours, theirs in zip(expected, reopened.answers(batches), strict=True):
        largest = max(largest, _apart(file, ours, theirs))
    say(1.0)
    if not largest <= LIMIT:  # NaN is no agreement either
        # a layer that draws at random while it answers cannot agree with anything, not even with itself
        if not _steady(live, batches, expected):
            raise Trouble(
                "The network answers the same sample differently each time, so an export cannot be compared "
                "with it. Replace the layer that chooses at random, such as fractional pooling."
            )
        raise Trouble(
            "{file} gives other numbers than the network: expected a difference of at most {allowed}, "
            "received {largest}. The file was not kept; choose another format.",
            file=file,
            allowed=f"{LIMIT:.0e}",
            largest=f"{largest:.1e}",
        )
    return Proof(file, reopened.runtime, largest, LIMIT, rows, BATCH_SIZES)


def _steady(live: Run, batches: Sequence[Batch], before: Sequence[Batch]) -> bool:
    """Whether the network, asked again, gives the answers that it gave before."""
    return all(
        np.array_equal(one, other)
        for batch, answer in zip(batches, before, strict=True)
        for one, other in zip(answer, live(batch), strict=True)
    )


def _apart(file: str, ours: Batch, theirs: Batch) -> float:
    """The largest difference of any number between two answers to the same batch, infinite where the file
    gives no number.
    """
    if [one.shape for one in ours] != [one.shape for one in theirs]:
        raise Trouble(
            "{file} gives outputs of another form than the network: expected {expected}, "
            "received {received}. The file was not kept; choose another format.",
            file=file,
            expected=_shapes(ours),
            received=_shapes(theirs),
        )
    largest = 0.0
    for one, other in zip(ours, theirs, strict=True):
        if not np.isfinite(one).all():
            raise Trouble(
                "The network gives numbers that are not finite, so an export cannot be compared with it. "
                "Train it again, with a smaller learning rate."
            )
        difference = float(np.abs(one.astype(np.float64) - other).max(initial=0.0))
        largest = max(largest, math.inf if math.isnan(difference) else difference)
    return largest


def _shapes(batch: Batch) -> str:
    return " and ".join("×".join(map(str, one.shape)) for one in batch)


def speed(samples: Batch, live: Run, reopened: Reopened) -> float | None:
    """How many times as fast the file answers a batch of seven as PyTorch does, on as many threads."""
    if not reopened.timed:
        return None
    batch = tuple(column[:7] for column in samples)
    ours = _seconds(lambda: live(batch))
    return ours / _seconds(lambda: reopened.answers([batch]))


def _seconds(call: Callable[[], object]) -> float:
    """The median time of a call."""
    times: list[float] = []
    end = time.perf_counter() + TIMED
    while len(times) < 3 or time.perf_counter() < end:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
