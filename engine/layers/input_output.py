"""Where data enters a network, and where it is judged."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.schema import Schema
from engine.kinds import Layer, declare, param, registry, types
from engine.kinds.nested import Nested
from engine.kinds.ports import Port, port
from engine.losses.classification import CrossEntropy
from engine.losses.loss import Loss
from engine.message import Message
from engine.metrics.metric import Metric


@declare(family="io", hint="data in", stem="input", search="data start source column begin feature picture")
class Input(Layer):
    """One column of the data enters here, a batch of samples at a time.

    Every network needs one. A second Input takes a second column, for networks that look at two things at
    once.

    Formula: y[n] = column of sample n
    """

    backward_needs = "output"  # the batch is there as long as the step
    column: str = param(
        "",
        type=types.ColumnName(role="input"),
        doc="The column of the data; empty takes the first input column",
    )

    def summary(self) -> str:
        return self.column


@declare(
    family="io", hint="loss, metrics", stem="output", search="target loss goal metric end label prediction"
)
class Output(Layer):
    """What arrives is compared with a column of the data; training makes the difference, the loss, small.

    Every network needs one. With several, training makes the weighted sum of their losses small. No softmax
    or sigmoid is needed before it where the loss has its own, as cross-entropy has.

    Formula: total loss = Σ weight·loss, over all Outputs
    """

    target: str = param(
        "",
        type=types.ColumnName(role="target"),
        doc="The column to be predicted; empty takes the data's target",
    )
    loss: Loss = param(CrossEntropy(), type=Nested(Loss), doc="How a wrong prediction is punished")
    weight: float = param(1.0, lo=0, doc="Share of this output in the total loss", advanced=True)
    metrics: tuple[str, ...] = param(
        (),
        type=types.Several(base=Metric),
        doc="What is measured besides the loss; none takes those that fit the loss",
    )
    outputs = ()
    x = port("N *", doc="the prediction")

    def ports(self) -> tuple[Port, ...]:
        """The prediction, and what else its loss compares."""
        return (*self.input_ports, *self.loss.also)

    def words_unchosen(self, name: str) -> tuple[str, ...]:
        """The metrics that fit the loss."""
        return self.loss.natural if name == "metrics" else ()

    def unmeasured(self, schema: Schema | None) -> Iterator[tuple[str, Message]]:
        """The metrics that it asks for and that cannot be measured here, each with the reason."""
        known = {metric.name: metric for metric in registry(Metric).values()}
        column = schema.columns.get(self.target or schema.target) if schema is not None else None
        for name in self.metrics:
            metric = known.get(name)
            if metric is None:
                yield name, Message("there is no such metric")
            elif self.loss.task not in metric.tasks:
                loss = self.loss.label().lower()
                yield name, Message("{loss} judges other predictions than {name}", loss=loss, name=name)
            elif not metric.at_zero and column is not None and column.lo is not None and column.lo <= 0:
                yield name, Message("{column} can be 0, and nothing is a share of 0", column=column.name)

    def summary(self) -> str:
        if not self.loss.judged:
            return self.loss.label().lower()
        words = [self.loss.label().lower(), *(self.metrics or self.loss.natural[:1])]
        return ", ".join([self.target, *words] if self.target else words)
