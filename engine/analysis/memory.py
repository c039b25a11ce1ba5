"""What a training needs of memory, told before it begins: on a CPU, asking for too much ends the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from attrs import evolve, frozen

from engine.analysis.block_results import BlockModule, BlockResult
from engine.analysis.problems import MEMORY, MEMORY_OF_DATA, MEMORY_OF_OUTPUTS
from engine.analysis.results import Analysis, Level, NodeResult, Problem
from engine.data.loading import column_bytes, late_columns, on_device, resident_bytes, streams, workers
from engine.data.prepare import prepared_already
from engine.data.schema import Schema
from engine.data.settings import DataSettings
from engine.data.split import sizes
from engine.hardware import memory
from engine.kinds import BlockEnd
from engine.kinds.shapes import Shape
from engine.message import Trouble
from engine.project.graph import Graph

STREAMED = 64_000_000  # bytes of samples that are read ahead and put in order
READER = 150_000_000  # bytes of a process that reads
SMALL = 500_000_000  # bytes: what needs less is not looked at after every edit


@frozen
class Footprint:
    """What a training holds, in bytes: all copies of its weights during a step, and those while a checkpoint
    is taken; what is kept of one sample until its gradient comes back; the data as it stands in memory, and
    what reading it takes before all else.

    `output` is kept of one sample, `batch` samples are in a step.
    """

    weights: int
    checkpoint: int
    output: int
    batch: int
    data: int
    reading: int

    @property
    def outputs(self) -> int:
        """What a step keeps of the layers' outputs."""
        return self.output * self.batch

    @property
    def whole(self) -> int:
        """The most of it that there is at once."""
        return max(self.reading, self.data + max(self.weights + self.outputs, self.checkpoint))

    @property
    def largest(self) -> str:
        """What takes the most: "weights", "outputs" or "data"."""
        if self.whole == self.reading:
            return "data"
        sizes = {"weights": self.weights, "outputs": self.outputs, "data": self.data}
        if self.checkpoint > self.weights + self.outputs:
            sizes = {"weights": self.checkpoint, "data": self.data}
        return max(sizes, key=lambda name: sizes[name])

    def batch_within(self, size: int) -> int:
        """The largest power of two that is a smaller batch and needs at most that many bytes; 0 if there is
        none.
        """
        if max(self.reading, self.data + self.checkpoint) > size:
            return 0  # however small the batch is
        left = size - self.weights - self.data
        fits = min(self.batch - 1, left // self.output if self.output else 0)
        return 1 << fits.bit_length() - 1 if fits > 0 else 0


def footprint(analysis: Analysis) -> Footprint:
    """What training the network of an analysis needs, on its data and by its recipe."""
    held, passing = _held(analysis.project.graph, analysis.results, {})
    return _with_output(analysis, held + passing)


def _with_output(analysis: Analysis, output: int) -> Footprint:
    """The same where so much is kept of one sample."""
    project, schema = analysis.project, analysis.schema
    states = project.recipe.optimiser.kept()
    # the weights, the gradient, what the optimiser keeps, the best weights, a checkpoint; for a moment two;
    # an average, here and in the checkpoint
    copies = 1 + 1 + states + 1 + (1 + states) + 2 * project.recipe.averaging.averages
    weights = 4 * analysis.parameters
    samples = _samples(schema, project.data) if schema is not None else 0
    data, reading = _data(schema, project.data) if schema is not None else (0, 0)
    return Footprint(
        weights=weights * copies,
        checkpoint=weights * (copies + 1 + states),
        output=output,
        batch=min(project.recipe.batch(samples), max(samples, 1)),
        data=data,
        reading=reading,
    )


def _held(
    graph: Graph, results: Mapping[str, NodeResult], known: dict[BlockResult, tuple[int, int]]
) -> tuple[int, int]:
    """What is kept of one sample until its gradient comes back, and the most that is there besides while it
    does, in bytes. An output is kept where its own layer needs it for that, or one that takes it.

    The gradient of an output makes that of an input: twice the largest output, or what arrives and leaves at
    a layer of many operations, and what passes inside.

    `known` remembers the blocks inside: a tower of blocks costs its height, not all layers it stands for.
    """
    held = passing = largest = 0
    nodes = graph.nodes
    taken = {
        (wire.source, wire.output)
        for wire in graph.wires
        if nodes[wire.target].kind.backward_needs == "input"
    }
    sizes: dict[int, int] = {}  # by the shape itself, which most layers hand on as it is
    for node, result in results.items():
        facts = result.facts
        if facts.unused or not facts.known:
            continue
        make = facts.code.make if facts.code is not None else None
        if isinstance(make, BlockModule):
            for one in make.repetitions:
                if one not in known:
                    known[one] = _held(one.use.graph, one.results, known)
                inside, most = known[one]
                held += inside
                passing = max(passing, most)
            continue
        if isinstance(result.node.kind, BlockEnd):
            continue  # what comes in is kept outside, if anywhere
        own = result.node.kind.backward_needs == "output"
        for name, shape in facts.outputs.items():
            size = sizes.get(id(shape))
            if size is None:
                size = sizes[id(shape)] = _bytes(shape)
            largest = max(largest, size)
            if own or (node, name) in taken:
                held += size
        if facts.inside is not None:
            held += 4 * facts.inside.kept
            ends = [*(one for several in facts.inputs.values() for one in several), *facts.outputs.values()]
            whole = sum(_bytes(shape) for shape in ends if shape.dtype == "float")
            passing = max(passing, whole + 4 * facts.inside.passing)
    return held, max(passing, 2 * largest)


def _samples(schema: Schema, data: DataSettings) -> int:
    """How many samples the training part has, where there are enough for all parts."""
    try:
        return sizes(schema, data).train
    except Trouble:
        return 0


def _data(schema: Schema, data: DataSettings) -> tuple[int, int]:
    """What the data takes while the network is trained, and while it is read, in bytes: nothing then where it
    has been read already.
    """
    sample = sum(map(column_bytes, schema.columns.values()))
    known = prepared_already(data)
    if known is not None and known.train.resident:
        return on_device(sample, schema, data), 0
    if not streams(data, schema) and known is None:
        return resident_bytes(schema, data)
    late = {one.name for one in late_columns(data)}
    there = sum(column_bytes(column) for name, column in schema.columns.items() if name not in late)
    return there * schema.samples + STREAMED + READER * workers(data), 0


def _bytes(shape: Shape) -> int:
    """What one sample of that shape takes."""
    return (8 if shape.dtype == "int" else 4) * prod(shape.sample)


def require(analysis: Analysis, on_processor: bool = True) -> None:
    """Refuse a training that does not fit into what is free, before its data is read. Raises `Trouble` with
    the numbers. Of one on another device the data alone counts: the rest it says itself, and in time.
    """
    needed, free = footprint(analysis), memory.available()
    if not on_processor:
        needed = evolve(needed, weights=0, checkpoint=0, output=0)
    if free is not None and needed.whole > free:
        problem = _problem(analysis, needed, free, "error")
        raise Trouble("{what}. {why}", what=problem.message, why=problem.why)


def shortage(analysis: Analysis) -> Iterator[Problem]:
    """An error where the whole memory of the machine is not enough, a warning where what is free now is not.

    A GPU says so itself, and in time.
    """
    # no less, and quicker to know after every edit
    most = 4 * analysis.activation_bytes + sum(
        4 * (facts.inside.kept + facts.inside.passing)
        for facts in analysis.trained
        if facts.inside is not None
    )
    if analysis.schema is not None:
        most += 3 * sum(map(column_bytes, analysis.schema.columns.values()))
    if _with_output(analysis, most).whole < SMALL or not _on_the_processor(analysis.project.recipe.device):
        return
    needed = footprint(analysis)
    there, free = memory.installed(), memory.available()
    if there is None or free is None or needed.whole <= free:
        return
    yield _problem(analysis, needed, free, "error" if needed.whole > there else "warning")


def _on_the_processor(wanted: str) -> bool:
    from engine.hardware.device import choose_device

    try:
        return choose_device(wanted).type == "cpu"
    except Trouble:  # it is told when training begins
        return False


def _problem(analysis: Analysis, needed: Footprint, free: int, level: Level) -> Problem:
    """What is said of a training that needs more than is free: what takes the most of it is to be made
    smaller.
    """
    largest = needed.largest
    declared = MEMORY_OF_DATA if largest == "data" else MEMORY_OF_OUTPUTS if largest == "outputs" else MEMORY
    nodes = [one for one in analysis.results.values() if not one.facts.unused]
    widest = max(nodes, key=lambda one: one.facts.parameters, default=None)
    return declared(
        level=level,
        layer=widest.node.name if widest is not None else "the largest layer",
        needed=memory.words(needed.whole),
        free=memory.words(free),
        outputs=memory.words(needed.outputs),
        weights=memory.words(max(needed.weights, needed.checkpoint)),
        data=memory.words(max(needed.data, needed.reading)),
    )
