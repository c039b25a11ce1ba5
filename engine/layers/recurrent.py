"""Layers that read a sequence step by step and remember."""

from __future__ import annotations

from typing import Any

from engine.calls import Code, module
from engine.kinds import declare, param, settings
from engine.message import Message
from engine.ports import port
from engine.shapes import N, Shape
from engine.weighted import Weighted

LAST, SEQUENCE = "last state", "sequence"


@settings
class Recurrent(Weighted):
    """What recurrent layers share. Shapes come by formula: on meta tensors torch would walk through every
    step.
    """

    family = "recurrent"
    holds = "many"
    gates = 1
    hidden_size: int = param(64, lo=1, hi=1_000_000, doc="How many numbers it remembers")
    give: str = param(
        LAST,
        options=(LAST, SEQUENCE),
        doc="What comes out: the state after the last step, or one for every step",
    )
    num_layers: int = param(1, lo=1, hi=64, doc="Layers on top of each other")
    bidirectional: bool = param(False, doc="Read the sequence backwards as well, and give both side by side")
    dropout: float = param(
        0.0, lo=0, hi=1, doc="Probability that a value is dropped between two of its layers", advanced=True
    )
    bias: bool = param(True, doc="Add learned numbers in every gate", advanced=True)
    x = port("N T F", doc="a sequence of rows")

    @property
    def directions(self) -> int:
        """How often the sequence is read: 2 where it is also read backwards."""
        return 2 if self.bidirectional else 1

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

    def torch(self, x: Any) -> Code:
        states = "({state}, _)" if isinstance(self, LSTM) else "{state}"
        if self.give == SEQUENCE:
            lines: tuple[str, ...] = ("{out}, _ = {m}({x})",)
        elif self.bidirectional:
            lines = ("_, " + states + " = {m}({x})", "{out} = torch.cat([{state}[-2], {state}[-1]], 1)")
        else:
            lines = ("_, " + states + " = {m}({x})", "{out} = {state}[-1]")
        return module(
            f"nn.{type(self).__name__}",
            x.F,
            self.hidden_size,
            line=lines,
            num_layers=self.num_layers,
            **self.extras(),
            bias=self.bias,
            batch_first=True,
            dropout=self.dropout if self.num_layers > 1 else 0.0,  # torch warns: there is no place for it
            bidirectional=self.bidirectional,
        )

    def shapes(self, x: Any) -> tuple[Shape, ...]:
        width = self.hidden_size * self.directions
        return (Shape((N, x.T, width) if self.give == SEQUENCE else (N, width)),)

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        (x,) = inputs
        hidden, ways = self.hidden_size, self.directions
        widths = [x.F] + [hidden * ways] * (self.num_layers - 1)
        return int(x.T * sum(ways * self.gates * hidden * (width + hidden) for width in widths))

    def explain(self, x: Any) -> Message:
        return Message(
            "Reads {steps} steps of {features} numbers from both ends, with a memory of {hidden} for each."
            if self.bidirectional
            else "Reads {steps} steps of {features} numbers and keeps a memory of {hidden}.",
            steps=f"{x.T:,}",
            features=f"{x.F:,}",
            hidden=f"{self.hidden_size:,}",
        )

    def count(self, x: Any) -> str:
        bias = " + 2" if self.bias else ""
        gates = f"{self.gates} × " if self.gates > 1 else ""
        ways = f"{self.directions} × " if self.bidirectional else ""
        hidden = self.hidden_size
        first = f"{ways}{gates}{hidden} × ({x.F} + {hidden}{bias})"
        if self.num_layers == 1:
            return first
        rest = f"{ways}{gates}{hidden} × ({hidden * self.directions} + {hidden}{bias})"
        return first + " + " + (f"{self.num_layers - 1} × {rest}" if self.num_layers > 2 else rest)


@declare(
    hint="sequences", search="recurrent long short term memory sequence remember forget time text series"
)
class LSTM(Recurrent):
    """Reads a sequence step by step; gates decide what its memory forgets, takes in and shows.

    For series and text of tens to hundreds of steps.

    Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; c = f·c + i·g, h = o·tanh(c).
    """

    gates = 4

    def formula(self, x: Any) -> str:
        return "c ← f·c + i·g, h = o·tanh(c)"


@declare(hint="sequences", search="recurrent gated unit sequence remember memory time text series")
class GRU(Recurrent):
    """Reads a sequence step by step; two gates decide how much of its state is replaced.

    Like LSTM with a quarter less weights, and often as good.

    Source: Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder"; h = (1 − z)·n + z·h.
    """

    gates = 3

    def formula(self, x: Any) -> str:
        return "h ← (1 − z)·n + z·h"


@declare(hint="short memory", search="recurrent rnn elman sequence remember memory time text")
class RNN(Recurrent):
    """Reads a sequence step by step; its state is a mix of the new step and the state before.

    The simplest memory, for short sequences. Longer ones fade: take LSTM or GRU.

    Source: Elman 1990, "Finding structure in time"; h = tanh(W·x + U·h + b).
    """

    nonlinearity: str = param(
        "tanh", options=("tanh", "relu"), doc="Function applied to the state", advanced=True
    )

    def extras(self) -> dict[str, Any]:
        return {"nonlinearity": self.nonlinearity}

    def formula(self, x: Any) -> str:
        return f"h ← {self.nonlinearity}(W·x + U·h + b)"
