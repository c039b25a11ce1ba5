"""Columns of whole arrays: as a file holds them, or as a set that comes with the program gives them."""

from __future__ import annotations

import numpy as np

from engine.data.columns.column_type import ColumnType, Fitted, Values
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.kinds.types import Extent, Texts
from engine.message import Trouble


@declare(title="array", family="columns", hint="planes of numbers", search="tensor matrix vector")
class ArrayColumn(ColumnType):
    """An array of numbers of one size: a row of features, a matrix, a series.

    For what another program has computed, such as features or embeddings.
    """

    shape: tuple[int, ...] = param((1,), type=Extent(), doc="The sizes of one sample")
    whole: bool = param(False, doc="Whole numbers, such as classes or words, that are not scaled")
    names: tuple[str, ...] = param(
        (), type=Texts(), doc="What the classes are called, where they are classes", advanced=True
    )

    def column(self, name: str, target: bool) -> Column:
        """An array of that size."""
        if not self.whole:
            return Column(name, self.shape)
        shape = () if target and self.shape == (1,) else self.shape
        return Column(name, shape, "int", self.names)

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """The same numbers. Raises `Trouble` where they have another size."""
        shape = self.column("x", target).shape
        if values.dtype.kind not in "fiub" or values.size != len(values) * int(np.prod(shape)):
            raise Trouble(
                "Expected arrays of {expected}, received {received}. Read the data anew.",
                expected="×".join(map(str, shape)) or "one number",
                received="×".join(map(str, values.shape[1:])) or str(values.dtype),
            )
        values = values.reshape(len(values), *shape)
        return values.astype(np.int64) if self.whole else values


@declare(title="as it comes", family="columns", hint="as the set gives it", search="built-in unchanged")
class GivenColumn(ColumnType):
    """A column of a set that comes with the program, as the set gives it.

    For what the set itself describes best; role and transforms can be chosen all the same.
    """

    def column(self, name: str, target: bool) -> Column:
        """Unknown here: the set itself says it."""
        raise NotImplementedError("the source says what its columns are")
