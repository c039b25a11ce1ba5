"""From the type of a setting to the control that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from engine import kinds
from engine.kinds import Param, types
from gui.controls import (
    ChoiceField,
    IntegersField,
    IntField,
    NumberField,
    OptionalField,
    SizeField,
    Switch,
    TextField,
)
from gui.forms.given_numbers import GivenNumbers
from gui.forms.several import SeveralField
from gui.text.kind_help import tip

if TYPE_CHECKING:
    from engine.data.schema import Schema


@frozen
class Context:
    """What a form knows of its surroundings: the data's columns, words in fields (`{"groups": "of 32"}`), and
    the measures of the network by their names, with what people call them.
    """

    schema: Schema | None = None
    measures: tuple[tuple[str, str], ...] = ()
    notes: Mapping[str, str] = field(factory=dict, hash=False)


_SPELT = {
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
    "mps": "GPU (Apple)",
    "tf32": "TF32",
    **{name: name for name in ("float32", "bfloat16", "float16")},
}


def option_text(option: str) -> str:
    """How a word of a choice is written: `kaiming_uniform` is "Kaiming uniform"."""
    words = _SPELT.get(option) or option.replace("_", " ")
    shown = words if option in _SPELT or not words.islower() else words[:1].upper() + words[1:]
    return QCoreApplication.translate("forms", shown)


def label_text(param: Param) -> str:
    """The name of a setting in the person's language."""
    return QCoreApplication.translate("forms", param.label)


def help_text(param: Param) -> str:
    """What a setting means, in the person's language."""
    doc = QCoreApplication.translate("forms", param.doc)
    return doc if not doc or doc[-1] in ".?" else f"{doc}."


def unit_text(param: Param) -> str:
    """The unit of a setting in the person's language, or nothing."""
    return QCoreApplication.translate("forms", param.unit) if param.unit else ""


def make_field(param: Param, context: Context, parent: QWidget | None = None) -> QWidget:
    """A control for a setting: it shows the unit and refuses in words what its type does not accept."""
    declared, name = param.type, label_text(param)
    if getattr(declared, "optional", False):
        inner = _plain_field(param, context, parent)
        return OptionalField(inner, None, name=name, parent=parent)
    return _plain_field(param, context, parent)


def _plain_field(param: Param, context: Context, parent: QWidget | None) -> QWidget:
    declared, name = param.type, label_text(param)
    unit = context.notes.get(param.name) or unit_text(param)
    match declared:
        case types.Integer():
            start = param.default if param.default is not None else _start(declared.lo)
            return IntField(
                start, declared.lo, declared.hi, unit=unit, accept=declared.accept, name=name, parent=parent
            )
        case types.Number():
            start = param.default if param.default is not None else float(_start(declared.lo))
            lo = None if declared.above else declared.lo
            return NumberField(
                start, lo, declared.hi, unit=unit, accept=declared.accept, name=name, parent=parent
            )
        case types.Boolean():
            return Switch(name=name, parent=parent)
        case types.Choice():
            options = [(option, option_text(option)) for option in declared.options]
            return ChoiceField(options, param.default, name, parent=parent)
        case types.Size():
            start = param.default if param.default is not None else max(declared.lo, 1)
            return _size_field(declared, start, name, unit, parent)
        case types.Axis():
            return IntField(param.default, unit=unit, accept=declared.accept, name=name, parent=parent)
        case types.Integers() | types.AxisList() | types.Extent():
            return IntegersField(param.default, accept=declared.accept, name=name, parent=parent)
        case types.Numbers():
            return GivenNumbers(param.default, accept=declared.accept, name=name, parent=parent)
        case types.ColumnName():
            return ChoiceField(column_options(declared, context.schema), param.default, name, parent=parent)
        case types.MeasureName():
            return ChoiceField(context.measures, param.default, name, parent=parent)
        case types.Several():
            several = SeveralField((), (), name, parent)
            list_words(several, declared)
            several.set_value(param.default)
            return several
        case types.Text():
            return TextField(param.default, accept=declared.accept, name=name, parent=parent)
    raise TypeError(f"no field for {type(declared).__name__}")


def list_words(field: SeveralField, declared: types.Several) -> None:
    """Let a field offer the words that its type accepts now, with what is said of them."""
    field.set_options([(option, option_text(option)) for option in declared.options])
    if declared.base is not None:
        field.set_tips({kind.label(): tip(kind) for kind in kinds.registry(declared.base).values()})


def _start(lo: float | None) -> int:
    return max(1, int(lo)) if lo is not None else 1


def _size_field(declared: types.Size, start: Any, name: str, unit: str, parent: QWidget | None) -> QWidget:
    if declared.axes == 1 and not declared.words:
        return IntField(start, declared.lo, unit=unit, accept=declared.accept, name=name, parent=parent)
    return SizeField(
        declared.axes,
        start,
        declared.lo,
        words=declared.words,
        accept=declared.accept,
        name=name,
        parent=parent,
    )


def column_options(declared: types.ColumnName, schema: Schema | None) -> list[tuple[str, str]]:
    """The columns of the data, those of the declared role first; the empty choice says which one it means."""
    translate = QCoreApplication.translate
    if schema is None:
        return [("", translate("forms", "usual"))]
    targets = schema.targets
    first, rest = (schema.inputs, targets) if declared.role == "input" else (targets, schema.inputs)
    usual = (
        translate("forms", "usual ({column})").format(column=first[0])
        if first
        else translate("forms", "usual")
    )
    return [("", usual), *((name, name) for name in dict.fromkeys((*first, *rest, *schema.columns)))]
