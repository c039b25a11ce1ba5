"""How a step is declared that a column's values go on their way to the network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from engine.data.schema import Column, ColumnKind
from engine.kinds.declaring import Kind, role
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws

KINDS: dict[ColumnKind, Message] = {
    "image": Message("pictures"),
    "audio": Message("sound"),
    "text": Message("text"),
    "video": Message("videos"),
    "table": Message("numbers"),
    "series": Message("series"),
}
"""What columns are called where a step is not for all of them."""


@role
class Transform(Kind):
    """A step that a column's values go on their way to the network: always, or in training only."""

    title: ClassVar[str] = ""
    training_only: ClassVar[bool] = False
    """Whether it is drawn anew for each batch that is learnt from; nothing else is then changed by it."""
    of: ClassVar[tuple[ColumnKind, ...]] = ()
    """For which columns it is."""
    bounded: ClassVar[bool] = False
    """Whether it has to know between which limits the values lie."""

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__

    def objection(self, column: Column) -> Message | None:
        """Why that column cannot go this step, None where it can."""
        if column.kind not in self.of:
            return Message(
                "it is for {kinds}, and this is {kind}",
                kinds=reduce(
                    lambda some, more: Message("{some}, {more}", some=some, more=more),
                    [KINDS[kind] for kind in self.of],
                ),
                kind=KINDS[column.kind],
            )
        if self.bounded and (column.lo is None or column.hi is None):
            return Message("it has to know between which limits the values lie, which nobody says")
        return None

    def column(self, column: Column) -> Column:
        """What it makes of a column."""
        return column

    def in_words(self) -> Message | str:
        """What is chosen, in a few words: "±2 px, ±12°"."""
        return ""


class Once(Transform):
    """A step that every sample goes once, whatever it is for: when it is encoded."""

    def once(self, values: np.ndarray, column: Column) -> np.ndarray:
        """N values of that column, N× its shape in its own units, with this step behind them."""
        return values


class TrainingOnly(Transform):
    """A step that is drawn anew for each batch of training, on the device where it lies."""

    training_only = True


class Altering(TrainingOnly):
    """Alters the values of one column and nothing else."""

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        """N× the column's shape: pictures from 0 to 1 where their limits are known, sounds in their own
        units, all else as the network sees it.
        """
        raise NotImplementedError(type(self).__name__)  # every kind alters something


class Moving(TrainingOnly):
    """Moves what is on a picture. What belongs to the picture, such as a mask, goes along."""

    of = ("image",)

    def draw(self, count: int, size: tuple[int, int], draws: Draws) -> Any:
        """What is drawn for so many pictures of height and width."""
        raise NotImplementedError(type(self).__name__)  # every kind draws its own

    def moved(self, pictures: Tensor, drawn: Any, smooth: bool) -> Tensor:
        """Pictures N×C×H×W, float32, from 0 (ground) to 1; where they are not `smooth` they are numbers of
        classes, between which there is nothing.
        """
        raise NotImplementedError(type(self).__name__)  # every kind moves something


class Mixing(TrainingOnly):
    """Mixes each sample of a batch with another one, and what is said of them in the same proportion."""

    def draw(self, size: tuple[int, int], draws: Draws) -> Any:
        """What is drawn for a batch."""
        raise NotImplementedError(type(self).__name__)  # every kind draws its own

    def mixed(self, values: Tensor, others: Tensor, drawn: Any) -> Tensor:
        """Values N×… mixed with those of their partners, of the same shape."""
        raise NotImplementedError(type(self).__name__)  # every kind mixes something

    def share(self, drawn: Any) -> float:
        """Which share of a sample is still itself, from 0 to 1."""
        raise NotImplementedError(type(self).__name__)  # every kind knows it

    pastes: ClassVar[bool] = False
    """Whether parts are pasted, in a mask as well, rather than values mixed."""


def brought(values: np.ndarray, column: Column, steps: Sequence[Transform]) -> np.ndarray:
    """N values of a column, N× its shape in its own units, after the steps that all of them go."""
    for step in steps:
        if isinstance(step, Once):
            values = step.once(values, column)
            column = step.column(column)
    return values


def column_after(column: Column, steps: Sequence[Transform]) -> Column:
    """What steps make of a column. Raises nothing: what a step cannot work on it leaves as it is."""
    for step in steps:
        if step.objection(column) is None:
            column = step.column(column)
    return column
