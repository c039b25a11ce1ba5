"""One step of a recurrent layer, for networks whose steps are drawn one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.kinds import declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.layer import HeldInside
from engine.kinds.objections import STATE_SIZE, Objection
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape, per_sample
from engine.layers.weighted import Weighted
from engine.message import Message


@settings
class Cell(Weighted):
    """What cells share: what arrives at one step, and the state that the step before has left."""

    family = "recurrent"
    stem = "cell"
    holds = "many"
    gates = 1
    squashed = 0
    """How many numbers it keeps for each that it remembers, besides its state."""
    hidden_size: int = param(64, lo=1, hi=1_000_000, doc="How many numbers it remembers")
    bias: bool = param(True, doc="Add learned numbers in every gate", advanced=True)
    x = port("N F", doc="a row of numbers, what arrives at this step")
    state = port("N F", doc="the state that the step before has left; free: zeros", optional=True)

    def summary(self) -> str:
        return f"{self.hidden_size:,} wide"

    def extras(self) -> dict[str, Any]:
        """Settings of one kind alone, as arguments."""
        return {}

    def object(self, x: Incoming, *states: Incoming | None) -> Iterator[Objection]:
        for state in states:
            if state is not None and self.hidden_size != state.F:
                yield STATE_SIZE(
                    size=self.hidden_size, received=state.F, settings=(("hidden_size", state.F),)
                )
                return

    def torch(self, x: Incoming, *states: Incoming | None) -> Code:
        return module(
            f"nn.{type(self).__name__}",
            x.F,
            self.hidden_size,
            line=tuple(self.lines(*states)),
            bias=self.bias,
            **self.extras(),
        )

    def lines(self, *states: Incoming | None) -> Iterator[str]:
        """How it is run with the states that arrive."""
        (state,) = states or (None,)
        yield "{out} = {m}({x}" + ("" if state is None else ", {state}") + ")"

    def shapes(self, x: Incoming, *states: Incoming | None) -> tuple[Shape, ...]:
        return (per_sample(self.hidden_size),) * len(self.outputs)

    def macs(self, inputs: tuple[Incoming, *tuple[Incoming | None, ...]], outputs: tuple[Shape, ...]) -> int:
        return int(self.gates * self.hidden_size * (inputs[0].F + self.hidden_size))

    def holds_inside(
        self, inputs: tuple[Incoming, *tuple[Incoming | None, ...]], outputs: tuple[Shape, ...]
    ) -> HeldInside:
        """Every gate after its function; zeros in place of a state that is not wired. Measured with PyTorch
        2.13, also what passes: a cell of several gates makes their gradients one by one and joins them twice.
        """
        zeros = int(None in inputs[1:])
        return HeldInside((self.squashed + zeros) * self.hidden_size, 3 * (self.gates - 1) * self.hidden_size)

    def explain(self, x: Incoming, *states: Incoming | None) -> Message:
        return Message(
            "Takes in {features} numbers and gives its memory of {hidden} on to the next step.",
            features=f"{x.F:,}",
            hidden=f"{self.hidden_size:,}",
        )

    def count(self, x: Incoming, *states: Incoming | None) -> str:
        gates = f"{self.gates} × " if self.gates > 1 else ""
        return f"{gates}{self.hidden_size} × ({x.F} + {self.hidden_size}{' + 2' if self.bias else ''})"


@declare(hint="one step", search="lstm cell one step unroll by hand recurrent decoder long short term memory")
class LSTMCell(Cell):
    """One step of an LSTM: gates decide what its memory forgets, takes in and shows.

    Where something stands between two steps, such as attention in a decoder. The steps share their weights.

    Formula: memory = f·cell + i·g, out = o·tanh(memory); i, f, o = σ(W·x + U·state + b) and g = tanh(W·x +
    U·state + b), each with weights of its own

    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory".
    """

    gates = 4
    squashed = 5  # and tanh(memory)
    outputs = ("out", "memory")
    cell = port("N F", doc="the memory that the step before has left; free: zeros", optional=True)

    def lines(self, *states: Incoming | None) -> Iterator[str]:
        state, cell = states or (None, None)
        if state is None and cell is None:
            yield "{out}, {memory} = {m}({x})"
            return
        if state is None or cell is None:
            yield f"{{zeros}} = {{x}}.new_zeros({{x}}.shape[0], {self.hidden_size})"
        first = "{zeros}" if state is None else "{state}"
        second = "{zeros}" if cell is None else "{cell}"
        yield f"{{out}}, {{memory}} = {{m}}({{x}}, ({first}, {second}))"


@declare(hint="one step", search="gru cell one step unroll by hand recurrent decoder gated unit")
class GRUCell(Cell):
    """One step of a GRU: two gates decide how much of its state is replaced.

    Where something stands between two steps, such as attention in a decoder. The steps share their weights.

    Formula: out = (1 − z)·n + z·state; z, r = σ(W·x + U·state + b) and n = tanh(W·x + b + r·(U·state + b′)),
    each with weights of its own

    Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder".
    """

    gates = 3
    squashed = 6  # both parts of each are there by themselves


@declare(hint="one step", search="rnn cell one step unroll by hand recurrent decoder elman")
class RNNCell(Cell):
    """One step of an RNN: its state is a mix of what arrives and the state before.

    To draw the steps of a recurrent network one by one, and to see that they share their weights.

    Formula: out = nonlinearity(W·x + U·state + b)

    Source: Elman 1990, "Finding structure in time".
    """

    nonlinearity: str = param(
        "tanh", options=("tanh", "relu"), doc="Function applied to the state", advanced=True
    )

    def extras(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}
