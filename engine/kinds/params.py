"""The settings of a kind: how one is declared, and which a class has."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
from attrs import frozen

from engine.kinds import types


@frozen
class Param:
    """One setting of a kind: its name in files and code, its default, its type, and what it means."""

    name: str
    default: Any
    type: types.SettingType
    doc: str
    unit: str
    advanced: bool
    last: bool = False
    hidden: bool = False
    """Whether no form has a row for it, since it is seen and set in another way."""
    later: bool = False
    """Whether it came after the first version: files name it only where it is not at its default, so that
    what those before wrote stays as it is.
    """

    @property
    def label(self) -> str:
        """The name in words: `out_channels` is "Out channels"."""
        return self.name.replace("_", " ").capitalize()


# as `axes` of a param: one number for every spatial axis of the kind, which `declare(spatial=…)` counts
SPATIAL = -1


def param(
    default: Any,
    *,
    doc: str,
    lo: float | None = None,
    hi: float | None = None,
    above: bool = False,
    options: tuple[str, ...] = (),
    several: bool = False,
    axes: int = 0,
    optional: bool = False,
    unit: str = "",
    advanced: bool = False,
    first: bool = False,
    last: bool = False,
    hidden: bool = False,
    later: bool = False,
    type: types.SettingType | None = None,
) -> Any:
    """Declare a setting. Its type follows from the default and the limits, unless `type` names one.

    `axes` makes it a size (one number or one for each axis), `options` a choice, `several` any number of
    them. `axes=SPATIAL` takes the number of axes from the kind, so that 1-D, 2-D and 3-D kinds share one
    declaration. One that is `first` or `last` stands before or after all others, wherever it is
    declared. One that comes `later` than the first version stands in no file while it has its default,
    which then must never change.
    """
    if type is None:
        type = _type(default, lo, hi, above, options, several, axes, optional)
    return attrs.field(
        default=default,
        converter=type.accept,
        metadata={
            "type": type,
            "doc": doc,
            "unit": unit,
            "advanced": advanced,
            "first": first,
            "last": last,
            "hidden": hidden,
            "later": later,
        },
    )


def _type(
    default: Any,
    lo: float | None,
    hi: float | None,
    above: bool,
    options: tuple[str, ...],
    several: bool,
    axes: int,
    optional: bool,
) -> types.SettingType:
    whole_lo = None if lo is None else int(lo)
    if several:
        return types.Several(options)
    if axes:
        return types.Size(axes, whole_lo or 0, options, optional)
    if options:
        return types.Choice(options)
    if isinstance(default, bool):
        return types.Boolean()
    if isinstance(default, int):
        return types.Integer(whole_lo, None if hi is None else int(hi), optional)
    if isinstance(default, float) or default is None:
        return types.Number(lo, hi, optional, above)
    if isinstance(default, str):
        return types.Text()
    return types.Integers(whole_lo)


def spatial(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Fill in the number of spatial axes where a setting, perhaps inherited, leaves it to the kind."""
    count = getattr(cls, "spatial", 0)
    filled = []
    for field in fields:
        size = field.metadata.get("type")
        if count and isinstance(size, types.Size) and size.axes == SPATIAL:
            size = attrs.evolve(size, axes=count)
            field = field.evolve(converter=size.accept, metadata={**field.metadata, "type": size})
        filled.append(field)
    return filled


@cache
def of_class(cls: Any) -> tuple[Param, ...]:
    """The settings of a class, in the order in which they were first declared."""
    if not attrs.has(cls):
        return ()
    places = _declared(cls)
    return tuple(
        Param(
            field.name,
            field.default,
            field.metadata["type"],
            field.metadata["doc"],
            field.metadata["unit"],
            field.metadata["advanced"],
            field.metadata["last"],
            field.metadata["hidden"],
            field.metadata["later"],
        )
        for field in sorted(
            (field for field in attrs.fields(cls) if "type" in field.metadata),
            key=lambda field: (
                field.metadata["last"] - field.metadata["first"],
                places[field.name],
            ),
        )
    )


@cache
def _declared(cls: type) -> dict[str, int]:
    """The place of every setting where it was first declared: declaring it anew does not move it."""
    names = [name for klass in reversed(cls.__mro__) for name in vars(klass).get("__annotations__", ())]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}
