"""What a person decides about the data: where it comes from, what its columns are, how it is split and
scaled.
"""

from __future__ import annotations

from engine.data.columns.arrays import GivenColumn
from engine.data.columns.column_type import ROLES, ColumnType
from engine.data.sampling import EachRow, Sampling
from engine.data.sets.pictures import Digits
from engine.data.source import Source
from engine.data.transforms.transform import Transform
from engine.kinds import Kind, param, settings
from engine.kinds.nested import Nested, NestedSeveral
from engine.kinds.types import Text

ROW = "features"
"""The row in which the numbers of input columns stand, unless they are given another."""
LOADING = ("auto", "memory", "stream")


@settings
class ColumnSettings(Kind):
    """One column of the data: what it holds and what it is for."""

    name: str = param("", type=Text(1000), doc="What the column is called in the data")
    type: ColumnType = param(GivenColumn(), type=Nested(ColumnType), doc="What it holds")
    role: str = param(
        "input",
        options=ROLES,
        doc="What it is for: the network sees an input and is judged by a target; weight says how much a "
        "sample counts, group what must stay together in one part, time by what a series is ordered",
    )
    row: str = param(
        ROW, doc="The row in which its numbers stand with those of other columns, for an Input to take"
    )
    known_ahead: bool = param(
        False, doc="Whether it is known in advance at the steps that a series foretells, as holidays are"
    )
    transforms: tuple[Transform, ...] = param(
        (),
        type=NestedSeveral(Transform),
        doc="The steps that its values go on their way to the network, in order",
        hidden=True,
        later=True,
    )

    @property
    def always(self) -> tuple[Transform, ...]:
        """The steps that every sample goes, whatever it is for."""
        return tuple(step for step in self.transforms if not step.training_only)

    @property
    def in_training(self) -> tuple[Transform, ...]:
        """The steps that only what is learnt from goes."""
        return tuple(step for step in self.transforms if step.training_only)


@settings
class DataSettings(Kind):
    """The data a network learns from, what its columns are, and how it is split and scaled."""

    source: Source = param(  # type: ignore[assignment,misc]  # elsewhere the paper a kind follows
        Digits(), type=Nested(Source), doc="Where the data comes from"
    )
    columns: tuple[ColumnSettings, ...] = param(
        (),
        type=NestedSeveral(ColumnSettings),
        doc="What each column holds and is for; none leaves it to a set that comes with the program",
        hidden=True,
        later=True,
    )
    sampling: Sampling = param(
        EachRow(),
        type=Nested(Sampling),
        doc="What a sample is: a row, or a window of rows",
        hidden=True,
        later=True,
    )
    validation: float = param(
        0.15,
        lo=0.01,
        hi=0.5,
        doc="Share of the data that is held back to watch the training",
        unit="of the data",
    )
    test: float = param(
        0.15,
        lo=0.01,
        hi=0.5,
        doc="Share of the data that is held back to judge the result, at least 30 samples of a set of 150 or "
        "more. A set that brings a test part of its own uses that",
        unit="of the data",
    )
    seed: int = param(
        0, lo=0, hi=2**32 - 1, doc="Which samples go where; a series is split by time instead", advanced=True
    )
    split: str = param(
        "auto",
        options=("auto", "random", "time", "group"),
        doc="How the parts are drawn: at random, by the time column, or so that no group is in two of them; "
        "auto goes by the columns' roles",
        advanced=True,
        later=True,
    )
    scale: str = param(
        "auto",
        options=("auto", "standardise", "range", "none"),
        doc="How values are scaled: to mean 0 and standard deviation 1, or to 0 … 1; "
        "auto takes 0 … 1 for pictures and videos, leaves waves of sound alone, and standardises the rest",
        advanced=True,
    )
    unreadable: str = param(
        "stop",
        options=("stop", "skip"),
        doc="What happens where a sample's file cannot be read: nothing is trained, or it is left out "
        "and counted",
        advanced=True,
        later=True,
    )
    loading: str = param(
        "auto",
        options=LOADING,
        doc="Whether a person's own files stand in memory while a network learns from them, or are read when "
        "they are wanted; auto takes the memory where they fit",
        advanced=True,
        later=True,
    )
    workers: int = param(
        0,
        lo=0,
        hi=64,
        doc="How many processes read files while the network learns; 0 takes as many as there are cores",
        advanced=True,
        later=True,
    )

    @property
    def undisturbed(self) -> DataSettings:
        """The same without the steps of training alone, which change nothing of what is read and prepared."""
        if not any(column.in_training for column in self.columns):
            return self
        without = (one.with_setting("transforms", one.always) for one in self.columns)
        return self.with_setting("columns", tuple(one for one in without if not self.goes_without(one)))

    def given(self, name: str) -> ColumnSettings:
        """What holds of a column of a set that comes with the program where nothing is said of it."""
        known = self.source.schema()
        role = "target" if name in known.targets else "input" if name in known.inputs else "ignore"
        return ColumnSettings(name=name, role=role)

    def goes_without(self, one: ColumnSettings) -> bool:
        """Whether what is said of a column is what holds anyway."""
        return isinstance(one.type, GivenColumn) and not one.transforms and one == self.given(one.name)

    def steps(self, column: str) -> tuple[Transform, ...]:
        """All steps of the column of that name, in order."""
        return next((one.transforms for one in self.columns if one.name == column), ())

    def of_role(self, role: str) -> tuple[ColumnSettings, ...]:
        """The columns that are for that."""
        return tuple(column for column in self.columns if column.role == role)
