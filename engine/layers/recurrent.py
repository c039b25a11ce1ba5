"""Layers that read a sequence step by step and remember."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from engine.kinds import declare, param, settings, types
from engine.kinds.code import Call, Code
from engine.kinds.layer import BackwardNeeds, HeldInside
from engine.kinds.objections import STATE_SIZE, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import N, Shape
from engine.layers.padded import MODULES
from engine.layers.weighted import Weighted
from engine.message import Message

FIRST_STATE_SIZE = STATE_SIZE.worded(
    expected="a first state of N×{size}",
    why="It has {layers} layers and directions with {width} number{width:|s} each; {received} arrive.",
)
PROJECTION_TOO_WIDE = ObjectionKind(
    "projection-too-wide",
    expected="a projection to fewer than {hidden} number{hidden:|s}",
    why="It brings what is remembered down to fewer.",
)

LAST, SEQUENCE, EVERYTHING = "last state", "sequence", "sequence and states"


@settings
class Recurrent(Weighted):
    """What recurrent layers share. Shapes come by formula: on meta tensors torch would walk through every
    step.

    States go in and come out with a row for each sample: the states of all layers, and of both directions,
    side by side.
    """

    family = "recurrent"
    holds = "many"
    backward_needs: ClassVar[BackwardNeeds] = "nothing"  # it keeps a copy, with the steps before the samples
    gates = 1
    squashed = 1
    """How many numbers it keeps for each that it remembers, at every step."""
    hidden_size: int = param(64, lo=1, hi=1_000_000, doc="How many numbers it remembers")
    give: str = param(
        LAST,
        options=(LAST, SEQUENCE, EVERYTHING),
        doc="What comes out: the state after the last step, one for every step, or each at its own output",
    )
    num_layers: int = param(1, lo=1, hi=64, doc="Layers on top of each other")
    bidirectional: bool = param(False, doc="Read the sequence backwards as well, and give both side by side")
    dropout: float = param(
        0.0, lo=0, hi=1, doc="Probability that a value is dropped between two of its layers", advanced=True
    )
    bias: bool = param(True, doc="Add learned numbers in every gate", advanced=True)
    padding: float | None = param(
        None,
        type=types.Number(optional=True),
        doc="The number with which shorter sequences are filled up at their end; such steps are not read",
        advanced=True,
    )
    x = port("N T F", doc="a sequence of rows")
    first_state = port("N F", doc="the state before the first step; free: zeros", optional=True)
    lengths = port(
        "N", doc="how many steps of each sample are no padding; free: all", dtype="int", optional=True
    )

    def __attrs_post_init__(self) -> None:
        # a frozen value's own attribute, in place of the one of its class
        if self.give == EVERYTHING:
            object.__setattr__(self, "outputs", ("out", "state", *self.memories()))

    def memories(self) -> tuple[str, ...]:
        """Outputs for what it remembers besides its state."""
        return ()

    @property
    def directions(self) -> int:
        """How often the sequence is read: 2 where it is also read backwards."""
        return 2 if self.bidirectional else 1

    @property
    def width(self) -> int:
        """How many numbers a state has, in one layer and direction."""
        return self.hidden_size

    @property
    def states(self) -> int:
        """How many states there are: one for each layer and direction."""
        return self.num_layers * self.directions

    def summary(self) -> str:
        words = [f"{self.hidden_size:,} wide", self.give]
        if self.num_layers > 1:
            words.insert(1, f"{self.num_layers} layers")
        if self.bidirectional:
            words.insert(1, "both ways")
        return ", ".join(words)

    def extras(self) -> dict[str, Any]:
        """Settings of one kind alone, as arguments."""
        return {}

    def object(
        self, x: Incoming, first_state: Incoming | None = None, *others: Incoming | None
    ) -> Iterator[Objection]:
        yield from self.fits(first_state, self.width)

    def fits(self, state: Incoming | None, width: int) -> Iterator[Objection]:
        """A first state that has not the size of all states side by side."""
        if state is not None and width * self.states != state.F:
            size = width * self.states
            yield FIRST_STATE_SIZE(size=size, layers=self.states, width=width, received=state.F)

    # ------------------------------------------------------------------ in code

    def torch(
        self,
        x: Incoming,
        first_state: Incoming | None = None,
        lengths: Incoming | None = None,
        *others: Incoming | None,
    ) -> Code:
        name, padded = type(self).__name__, lengths is not None or self.padding is not None
        turned = padded and (self.bidirectional or self.give == EVERYTHING)
        lines = [*self._steps(lengths is not None)] if padded else []
        first, start = self.start(first_state, *others)
        call = f"{{m}}({{x}}{', {steps}' if turned else ''}{start})"
        options = {
            "num_layers": self.num_layers,
            **self.extras(),
            "bias": self.bias,
            "batch_first": True,
            "dropout": self.dropout if self.num_layers > 1 else 0.0,  # torch warns: there is no place for it
            "bidirectional": self.bidirectional,
        }
        target = f"Padded{name}" if turned else f"nn.{name}"
        made = Call(target, (x.F, self.hidden_size), tuple(options.items()), MODULES.get(target, ""))
        return Code((*lines, *first, *self._run(call, padded and not turned)), made)

    def _steps(self, wired: bool) -> Iterator[str]:
        """How many steps are read: as many as arrive, or up to the last one that is not padding."""
        if wired:
            yield "{steps} = {lengths}.clamp(1, {x}.shape[1])"
            return
        places = "torch.arange(1, {x}.shape[1] + 1, device={x}.device)"
        yield f"{{steps}} = (({{x}} != {self.padding!r}).any(2) * {places}).amax(1).clamp(min=1)"

    def start(self, first_state: Incoming | None, *others: Incoming | None) -> tuple[list[str], str]:
        """The lines that bring the first state into torch's form, and the argument that hands it over."""
        if first_state is None:
            return [], ""
        return [f"{{h0}} = {self.layered('first_state')}"], ", {h0}"

    def layered(self, port: str) -> str:
        """A first state as torch wants it, the layers before the samples."""
        if self.states == 1:
            return f"{{{port}}}.unsqueeze(0)"
        return f"{{{port}}}.unflatten(1, ({self.states}, -1)).transpose(0, 1).contiguous()"

    def _run(self, call: str, padded: bool) -> Iterator[str]:
        """The lines that read; `padded` where the module knows nothing of the sequences' ends."""
        if padded:
            yield f"{{read}}, _ = {call}"
            if self.give == LAST:
                yield "{last} = ({steps} - 1).view(-1, 1, 1).expand(-1, -1, {read}.shape[2])"
                yield "{out} = {read}.gather(1, {last}).squeeze(1)"
            else:
                yield "{past} = torch.arange({x}.shape[1], device={x}.device) >= {steps}[:, None]"
                yield "{out} = {read}.masked_fill({past}.unsqueeze(2), 0)"
            return
        if self.give == LAST:
            yield f"_, {self.states_as('{state}', '_')} = {call}"
            both = "torch.cat([{state}[-2], {state}[-1]], 1)"
            yield "{out} = " + (both if self.bidirectional else "{state}[-1]")
            return
        yield f"{{out}}, {'_' if self.give == SEQUENCE else self.states_as('{h}', '{c}')} = {call}"
        if self.give == EVERYTHING:
            for output, name in zip(self.outputs[1:], ("h", "c"), strict=False):
                yield f"{{{output}}} = " + (
                    f"{{{name}}}.squeeze(0)" if self.states == 1 else f"{{{name}}}.transpose(0, 1).flatten(1)"
                )

    def states_as(self, state: str, cell: str) -> str:
        """What torch gives besides the sequence, under these names."""
        return state

    # ------------------------------------------------------------------ in numbers

    def shapes(self, x: Incoming, *others: Incoming | None) -> tuple[Shape, ...]:
        width = self.width * self.directions
        if self.give == LAST:
            return (Shape((N, width)),)
        sequence = Shape((N, x.T, width))
        if self.give == SEQUENCE:
            return (sequence,)
        memories = (Shape((N, self.hidden_size * self.states)),) * len(self.memories())
        return (sequence, Shape((N, self.width * self.states)), *memories)

    def macs(self, inputs: tuple[Incoming, *tuple[Incoming | None, ...]], outputs: tuple[Shape, ...]) -> int:
        x, ways = inputs[0], self.directions
        widths = [x.F] + [self.width * ways] * (self.num_layers - 1)
        each = [self.gates * self.hidden_size * (width + self.width) + self.projected() for width in widths]
        return int(x.T * ways * sum(each))

    def projected(self) -> int:
        """Multiply-adds, and weights, that bring a state to another width."""
        return 0

    def holds_inside(
        self, inputs: tuple[Incoming, *tuple[Incoming | None, ...]], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        """What every step of every layer keeps: what it read, and its gates. Measured with PyTorch 2.13.

        The first layer copies what it reads, once for each direction, one for padded sequences all do.
        Between two layers a dropout keeps its mask.
        """
        wide, copied = self.width * self.directions, self.directions
        padded = self._padded(inputs)
        read = inputs[0].F * copied + (self.num_layers - 1) * wide * (copied if padded else 1)
        states = self.states * self.kept_at_a_step()
        dropped = (self.num_layers - 1) * wide * (self.dropout > 0)
        steps = inputs[0].T
        return HeldInside(
            steps * (read + states + dropped), steps * ((self.gates - 1) * self.hidden_size + wide)
        )

    def _padded(self, inputs: Sequence[Incoming | None]) -> bool:
        """Whether sequences end before the last step."""
        return self.padding is not None or inputs[2] is not None

    def kept_at_a_step(self) -> int:
        """What one layer keeps of one step in one direction, besides what it read."""
        return self.squashed * self.hidden_size

    def explain(self, x: Incoming, *others: Incoming | None) -> Message:
        return Message(
            "Reads {steps} step{steps:|s} of {features} number{features:|s} from both ends, with a "
            "memory of {hidden} for each."
            if self.bidirectional
            else "Reads {steps} step{steps:|s} of {features} number{features:|s} and keeps a memory "
            "of {hidden}.",
            steps=f"{x.T:,}",
            features=f"{x.F:,}",
            hidden=f"{self.hidden_size:,}",
        )

    def count(self, x: Incoming, *others: Incoming | None) -> str:
        bias = " + 2" if self.bias else ""
        gates = f"{self.gates} × " if self.gates > 1 else ""
        ways = f"{self.directions} × " if self.bidirectional else ""

        def layer(features: int) -> str:
            first = f"{gates}{self.hidden_size} × ({features} + {self.width}{bias})"
            if self.projected():
                return f"{ways}({first} + {self.width} × {self.hidden_size})"
            return ways + first

        if self.num_layers == 1:
            return layer(x.F)
        rest = layer(self.width * self.directions)
        return layer(x.F) + " + " + (f"{self.num_layers - 1} × {rest}" if self.num_layers > 2 else rest)


@declare(
    hint="sequences", search="recurrent long short term memory sequence remember forget time text series"
)
class LSTM(Recurrent):
    """Reads a sequence step by step; gates decide what its memory forgets, takes in and shows.

    For series and text of tens to hundreds of steps.

    Formula: c ← f·c + i·g, h ← o·tanh(c); i, f, o = σ(W·x + U·h + b) and g = tanh(W·x + U·h + b), each with
    weights of its own

    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory".
    """

    gates = 4
    squashed = 7
    projection: int | None = param(
        None,
        type=types.Integer(lo=1, hi=1_000_000, optional=True),
        doc="Brings what is shown down to so many numbers, fewer than it remembers",
        advanced=True,
    )
    first_cell = port("N F", doc="the memory before the first step; free: zeros", optional=True)

    def memories(self) -> tuple[str, ...]:
        return ("cell",)

    @property
    def width(self) -> int:
        return self.hidden_size if self.projection is None else self.projection

    def projected(self) -> int:
        return 0 if self.projection is None else self.projection * self.hidden_size

    def extras(self) -> dict[str, Any]:
        return {"proj_size": self.projection or 0}

    def holds_inside(
        self, inputs: tuple[Incoming, *tuple[Incoming | None, ...]], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        """What every step of every layer keeps. Measured with PyTorch 2.13, which hands a layer at a time
        over to oneDNN unless there is a projection: four gates and the cell are kept, and what came out;
        backwards also what it read and gave, turned round. For the gradient oneDNN takes as much again, and
        three states and a third of the widest there is.
        """
        if self.projection is not None:
            return super().holds_inside(inputs, outputs)
        x, padded = inputs[0], self._padded(inputs)
        hidden, wide = self.hidden_size, self.hidden_size * self.directions
        inner = (self.num_layers - 1) * wide
        read = (x.F + inner) * self.directions
        given = 3 * hidden * self.num_layers if self.bidirectional else 0
        if not self.bidirectional and (padded or self.give == LAST):
            given = hidden  # else it is what leaves
        dropped = 2 * inner * (self.dropout > 0)
        kept = read + 5 * hidden * self.states + given + dropped
        widest = max(x.F, hidden, wide if self.num_layers > 1 else 0)
        passing = 5 * hidden + 10 * widest // 3 + wide * (self.give == LAST)
        return HeldInside(x.T * kept, x.T * passing)

    def kept_at_a_step(self) -> int:
        return super().kept_at_a_step() + self.width

    def object(
        self,
        x: Incoming,
        first_state: Incoming | None = None,
        *others: Incoming | None,
    ) -> Iterator[Objection]:
        _, first_cell = others or (None, None)
        if self.projection is not None and self.projection >= self.hidden_size:
            yield PROJECTION_TOO_WIDE(
                hidden=self.hidden_size, settings=(("projection", None), ("hidden_size", self.projection + 1))
            )
            return
        yield from super().object(x, first_state)
        yield from self.fits(first_cell, self.hidden_size)

    def states_as(self, state: str, cell: str) -> str:
        return f"({state}, {cell})"

    def start(self, first_state: Incoming | None, *others: Incoming | None) -> tuple[list[str], str]:
        (first_cell,) = others or (None,)
        if first_state is None and first_cell is None:
            return [], ""
        lines = []
        for name, place, arrived, width in (
            ("h0", "first_state", first_state, self.width),
            ("c0", "first_cell", first_cell, self.hidden_size),
        ):
            zeros = f"{{x}}.new_zeros({self.states}, {{x}}.shape[0], {width})"
            lines.append(f"{{{name}}} = " + (zeros if arrived is None else self.layered(place)))
        return lines, ", ({h0}, {c0})"


@declare(hint="sequences", search="recurrent gated unit sequence remember memory time text series")
class GRU(Recurrent):
    """Reads a sequence step by step; two gates decide how much of its state is replaced.

    Like LSTM with a quarter less weights, and often as good.

    Formula: h ← (1 − z)·n + z·h; z, r = σ(W·x + U·h + b) and n = tanh(W·x + b + r·(U·h + b′)), each with
    weights of its own

    Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    """

    gates = 3
    squashed = 7


@declare(hint="short memory", search="recurrent rnn elman sequence remember memory time text")
class RNN(Recurrent):
    """Reads a sequence step by step; its state is a mix of the new step and the state before.

    The simplest memory, for short sequences. Longer ones fade: take LSTM or GRU.

    Formula: h ← nonlinearity(W·x + U·h + b)

    Source: Elman 1990, "Finding structure in time".
    """

    nonlinearity: str = param(
        "tanh", options=("tanh", "relu"), doc="Function applied to the state", advanced=True
    )

    def extras(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}
