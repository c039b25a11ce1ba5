"""How a loss is declared: what it judges, what it takes for a prediction, and the module that computes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from engine.data.schema import Column
from engine.kinds.code import NAMESPACES, Call
from engine.kinds.declaring import Kind, role
from engine.kinds.objections import Objection
from engine.kinds.ports import Incoming, Port, declared_in

if TYPE_CHECKING:
    from torch import Tensor

NAMESPACES["criteria"] = "engine.losses.modules"  # what PyTorch does not have, or not in that form
TASKS = ("classes", "binary", "numbers", "sequence", "wire")
"""What a loss can judge, and a metric."""


@role
class Loss(Kind):
    """What training makes small.

    `task` says what it judges: "classes" (one score for each class, the target is a class number, kept as
    int64), "binary" (a score for yes, the target 0 or 1) or "numbers". For these two the target is turned
    into the prediction's type and shape before the loss sees it; `object` has made sure that it has as many
    numbers, and so nothing is broadcast. A "sequence" has scores for every step, and its target is kept as it
    is; a "wire" has no target and is not `judged`. `natural` are the metrics shown where a person chose none.

    `of` says what the numbers of a target must be: any "numbers", scaled as the column is, or "counts" from 0
    up or "shares" of a whole, which are left in their own units. With the `link` "log" a prediction is the
    logarithm of what is judged.

    `takes` says what a prediction is to it: "scores", which may be any numbers and are turned into shares by
    the loss itself, "log shares", as LogSoftmax gives them, or "numbers" of any sort.

    Ports declared in the class are inputs that its Output has besides the prediction: `also`.
    """

    task: ClassVar[str] = "numbers"
    takes: ClassVar[str] = "numbers"
    natural: ClassVar[tuple[str, ...]] = ()
    judged: ClassVar[bool] = True
    of: ClassVar[Literal["numbers", "counts", "shares"]] = "numbers"
    link: ClassVar[Literal["", "log"]] = ""
    also: ClassVar[tuple[Port, ...]] = ()

    @classmethod
    def complete(cls) -> None:
        """Collect its ports."""
        cls.also = declared_in(cls)

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        """The loss as a module, called with what arrives at the Output and the target last, averaging over
        the batch. `counts` says how often each class comes up in training, where that matters.
        """
        raise NotImplementedError(type(self).__name__)  # every loss says how it is written

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        """What is wrong with judging this prediction by that column of the data."""
        yield from ()

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        """What is wrong with these wires together, whatever the target."""
        yield from ()

    def answer(self, *predictions: Tensor) -> Tensor:
        """What the network says, N×… for metrics to look at, out of all that arrives, N×… at each input."""
        return predictions[0]
