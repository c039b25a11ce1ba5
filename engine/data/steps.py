"""Which steps which column goes, and whether it can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from engine.data.columns.categories import CategoryColumn, LabelsColumn
from engine.data.encoding import column_of, grouped
from engine.data.own.file_source import FileSource
from engine.data.schema import Column, Schema
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.transforms.geometry import Flip
from engine.data.transforms.sizes import LARGEST, NormalisePicture
from engine.data.transforms.transform import Mixing, Transform, column_after
from engine.kinds.declaring import registry
from engine.message import Message, Trouble


@frozen
class PlacedStep:
    """A step of training, and what it works on: a column that a network takes, or some features of a row."""

    step: Transform
    column: str
    features: slice | None = None


def given_columns(settings: DataSettings) -> Mapping[str, Column]:
    """The columns that go steps, by their names, as they are before the first of them. Reads nothing."""
    going = [one for one in settings.columns if one.transforms]
    if not isinstance(settings.source, FileSource):
        known = settings.source.schema().columns if going else {}
        return {one.name: known[one.name] for one in going if one.name in known}
    return {
        one.name: one.type.column(one.name, one.role == "target")
        for one in going
        if one.role in {"input", "target"}
    }


def require_steps(settings: DataSettings, given: Mapping[str, Column]) -> None:
    """Raise `Trouble` where a column cannot go a step that it is to go."""
    for one in settings.columns:
        column = given.get(one.name)
        if column is None:
            continue
        for step in one.transforms:
            reason = _objection(one, step, column)
            if reason is not None:
                raise Trouble(
                    "{column} cannot go the step {step}: {reason}. Change the step, or take it out.",
                    column=one.name,
                    step=Message(step.label()),
                    reason=reason,
                )
            column = step.column(column)


def _objection(one: ColumnSettings, step: Transform, column: Column) -> Message | None:
    found = step.objection(column)
    if found is not None:
        return found
    if step.training_only and one.role == "target":
        return Message("it is for what a network sees, and this is what it shall say")
    if isinstance(one.type, CategoryColumn | LabelsColumn) and one.type.joins:
        return Message("it is for numbers, and these are categories")
    if (
        isinstance(step, NormalisePicture)
        and sum(isinstance(s, NormalisePicture) for s in one.transforms) > 1
    ):
        return Message("it is there twice")
    return None


def column_so_far(settings: DataSettings, name: str) -> Column | None:
    """A column after the steps that it goes, None where it can go none."""
    one = of_column(settings, name)
    alone = DataSettings(source=settings.source, columns=(one.with_setting("transforms", (Flip(),)),))
    column = given_columns(alone).get(name)
    return None if column is None else column_after(column, one.transforms)


def offered(settings: DataSettings, name: str) -> list[Transform]:
    """The steps that a column can go after those that it goes already, as they usually begin."""
    one, column = of_column(settings, name), column_so_far(settings, name)
    if column is None:
        return []
    steps = (usual(kind, column) for kind in registry(Transform).values())
    return [step for step in steps if _objection(one, step, column) is None]


def usual(kind: type[Transform], column: Column) -> Transform:
    """A step with the settings that are usual for a column: a size stays as it is to begin with."""
    step = kind()
    for setting, axis in (("height", -2), ("width", -1)):
        if hasattr(step, setting) and column.kind in step.of:
            step = step.with_setting(setting, min(column.shape[axis], LARGEST))
    return step


def of_column(settings: DataSettings, name: str) -> ColumnSettings:
    """The settings of a column, which those of a set that comes with the program begin without."""
    known = next((one for one in settings.columns if one.name == name), None)
    if known is not None:
        return known
    return ColumnSettings(name=name) if isinstance(settings.source, FileSource) else settings.given(name)


def with_steps(settings: DataSettings, name: str, steps: tuple[Transform, ...]) -> DataSettings:
    """The data whose column of that name goes these steps. Raises `Trouble` where there is no such column, or
    where it cannot go one of them.
    """
    changed = _with(settings, of_column(settings, name), steps)
    known = (
        [one.name for one in settings.columns]
        if isinstance(settings.source, FileSource)
        else list(settings.source.schema().columns)
    )
    if name not in known:
        raise Trouble(
            "There is no column {column}: expected one of {names}.",
            column=name,
            names=", ".join(known[:12]),
        )
    require_steps(changed, given_columns(changed))
    return changed


def _with(settings: DataSettings, one: ColumnSettings, steps: tuple[Transform, ...]) -> DataSettings:
    there = any(other.name == one.name for other in settings.columns)
    changed = one.with_setting("transforms", steps)
    if not there:
        return settings.with_setting("columns", (*settings.columns, changed))
    columns = (changed if other.name == one.name else other for other in settings.columns)
    return settings.with_setting("columns", tuple(one for one in columns if not settings.goes_without(one)))


def steps_of_training(settings: DataSettings, schema: Schema) -> tuple[PlacedStep, ...]:
    """The steps that only what is learnt from goes, in order, each with what it works on. What mixes samples
    comes last: what is mixed has gone its own steps before.
    """
    found = list(_placed(settings, schema))
    return tuple(sorted(found, key=lambda one: isinstance(one.step, Mixing)))


def _placed(settings: DataSettings, schema: Schema) -> Iterator[PlacedStep]:
    if not any(one.in_training for one in settings.columns):
        return
    if not isinstance(settings.source, FileSource):
        for one in settings.columns:
            if one.name in schema.inputs:
                yield from (PlacedStep(step, one.name) for step in one.in_training)
        return
    for name, members in grouped(settings)[0].items():
        first = 0
        for one in members:
            wide = column_of(one, target=False).shape[0] if one.type.joins else 0
            features = slice(first, first + wide) if one.type.joins else None
            first += wide
            if name in schema.inputs and one.role == "input":
                yield from (PlacedStep(step, name, features) for step in one.in_training)
