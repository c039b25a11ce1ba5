"""What a training needs of memory, told before it begins: on a CPU, asking for too much ends the process."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from attrs import frozen

from engine.analysis.problems import MEMORY, MEMORY_OF_OUTPUTS
from engine.analysis.results import Analysis, Level, Problem
from engine.data.schema import Schema
from engine.data.settings import DataSettings
from engine.hardware import memory
from engine.message import Trouble

SMALL = 500_000_000  # bytes: what needs less is not looked at after every edit


@frozen
class Footprint:
    """The least that a training holds at once, in bytes: all copies of its weights, what the layers put out
    for one sample, how many samples a step has, and the data.

    Every second output at least is kept for the way back: a ReLU needs its own, not that of the layer above.
    """

    weights: int
    output: int
    batch: int
    data: int

    @property
    def outputs(self) -> int:
        """What is kept of the layers' outputs in a step."""
        return self.output * self.batch // 2

    @property
    def whole(self) -> int:
        """All of it together."""
        return self.weights + self.outputs + self.data

    def batch_within(self, size: int) -> int:
        """The largest power of two that is a smaller batch and needs at most that many bytes; 0 if there is
        none.
        """
        left = size - self.weights - self.data
        fits = min(self.batch - 1, 2 * left // self.output if self.output else 0)
        return 1 << fits.bit_length() - 1 if fits > 0 else 0


def footprint(analysis: Analysis) -> Footprint:
    """What training the network of an analysis needs, on its data and by its recipe."""
    project, schema = analysis.project, analysis.schema
    samples = _samples(schema, project.data) if schema is not None else 0
    sample = sum(_bytes(column.dtype, column.shape) for column in schema.columns.values()) if schema else 0
    states = project.recipe.optimiser.states
    # the weights, the gradient, what the optimiser keeps, a checkpoint of both, the best weights
    copies = 1 + 1 + states + (1 + states) + 1
    return Footprint(
        weights=4 * analysis.parameters * copies,
        output=analysis.activation_bytes,
        batch=min(project.recipe.batch_size, max(samples, 1)),
        data=sample * samples,
    )


def _samples(schema: Schema, data: DataSettings) -> int:
    """About how many samples the training part has."""
    held_back = data.validation + (0.0 if schema.own_test else data.test)
    return int((schema.samples - schema.own_test) * (1 - held_back))


def _bytes(dtype: str, shape: tuple[int, ...]) -> int:
    return (8 if dtype == "int" else 4) * prod(shape)


def require(analysis: Analysis) -> None:
    """Refuse a training on the processor that does not fit into what is free. Raises `Trouble` with the
    numbers.
    """
    needed, free = footprint(analysis), memory.available()
    if free is not None and needed.whole > free:
        problem = _problem(needed, free, "error")
        raise Trouble("{what}. {why}", what=problem.message, why=problem.why)


def shortage(analysis: Analysis) -> Iterator[Problem]:
    """An error where the whole memory of the machine is not enough, a warning where what is free now is not.

    A GPU says so itself, and in time.
    """
    needed = footprint(analysis)
    if needed.whole < SMALL or not _on_the_processor(analysis.project.recipe.device):
        return
    there, free = memory.installed(), memory.available()
    if there is None or free is None or needed.whole <= free:
        return
    yield _problem(needed, free, "error" if needed.whole > there else "warning")


def _on_the_processor(wanted: str) -> bool:
    from engine.hardware.device import choose_device

    try:
        return choose_device(wanted).type == "cpu"
    except Trouble:  # it is told when training begins
        return False


def _problem(needed: Footprint, free: int, level: Level) -> Problem:
    """What is said of a training that needs more than is free: what takes the most of it is to be made
    smaller.
    """
    declared = MEMORY_OF_OUTPUTS if needed.outputs > needed.weights else MEMORY
    return declared(
        level=level,
        needed=memory.words(needed.whole),
        free=memory.words(free),
        outputs=memory.words(needed.outputs),
        weights=memory.words(needed.weights),
    )
