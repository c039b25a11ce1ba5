"""The form of a kind, made from its declaration: every setting a row, seldom used ones behind "More"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import attrs
from PySide6.QtCore import QCoreApplication, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from engine import kinds
from engine.files.checked_json import boolean
from engine.kinds import Kind, Param, types
from engine.kinds.nested import Nested
from engine.message import Illegal
from gui import settings
from gui.controls import ChoiceField, Form, FormRow, IconButton
from gui.forms.disclosure import Disclosure
from gui.forms.fields import (
    Context,
    column_options,
    help_text,
    label_text,
    list_words,
    make_field,
    unit_text,
)
from gui.forms.several import SeveralField
from gui.text.kind_help import tip, tips

SettingPath = tuple[str, ...]
"""Which setting: `("out_channels",)`, or `("loss", "label_smoothing")` within a nested kind."""


class KindForm(QWidget):
    """The settings of one value: a layer, an optimiser, the whole recipe. `show_kind` brings another value.

    Only a value that its declaration allows is announced; the form shows it once the owner hands it back.
    """

    changed = Signal(object, object)
    """The path of a setting and its new value; for a path of two, the value within the nested kind."""
    finished = Signal()
    """The person left a field."""
    pinned = Signal(object, object)
    """The name of a setting that is to be offered to the uses of a block, and whether it is."""

    def __init__(
        self, cls: type | Kind, only: frozenset[str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        # never squeezed, not even until the page around it has grown: a field would move under the hand
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.cls = cls
        self._context = Context()
        self.kind: Any = None
        plain, more = Form(self), Form(self)
        self.disclosure = Disclosure(
            self.tr("More"), more, bool(settings.remembered("form/more", boolean())), self
        )
        self.disclosure.toggled.connect(self._remember)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(plain)
        column.addWidget(self.disclosure)
        self._part = _KindRows(self, cls, plain, more, (), only)
        self.disclosure.setVisible(self._part.has_more())

    def show_kind(
        self, kind: Any, context: Context | None = None, varying: frozenset[str] = frozenset()
    ) -> None:
        """Show a value of the form's class. `varying` names settings that differ among those edited."""
        if context is not None and context != self._context:
            self._context = context
            self._part.tell(context)
        self.kind = kind
        self._part.show(kind)
        self._part.mark(varying)
        self.disclosure.setVisible(self._part.has_more())
        open = bool(settings.remembered("form/more", boolean()))
        self.disclosure.set_open(open)

    def context(self) -> Context:
        return self._context

    def fields(self) -> dict[SettingPath, QWidget]:
        """Every field by the path of its setting."""
        return self._part.fields()

    def show_pins(self, offered: Mapping[str, str] | None) -> None:
        """Beside each setting a pin, pressed for those that are `offered` to the uses of a block, with what
        they are called there. Without one, where no block is open, there are none.
        """
        self._part.pin(offered)

    def pins(self) -> Mapping[str, QAbstractButton]:
        """The pins by the names of their settings."""
        return self._part.pins

    def error(self, path: SettingPath, text: str) -> None:
        """Show at a field why its value was refused."""
        field = self.fields().get(path)
        if field is not None and hasattr(field, "error"):
            field.error(text)

    def show_waiting(self, trained: Any, others: Sequence[tuple[Kind, Any]] = ()) -> None:
        """Say at each setting that is another than in what is being trained that it counts from the next run
        on; None where nothing is. `others` are the kinds that the form stands for too, each with what is
        trained of it.
        """
        self._part.wait([(self.kind, trained), *others])

    def holds_focus(self) -> bool:
        """Whether the person is in one of the fields."""
        focus = self.focusWidget()
        return focus is not None and focus.hasFocus()

    def _remember(self, open: bool) -> None:
        settings.remember("form/more", open)


class _KindRows(QObject):
    """The rows of one kind, in the two columns of a form; a nested kind has a part of its own."""

    def __init__(
        self,
        form: KindForm,
        cls: type | Kind,
        plain: Form,
        more: Form,
        path: SettingPath,
        only: frozenset[str] | None = None,
    ) -> None:
        super().__init__(form)
        self._form, self.cls, self._path = form, cls, path
        self._rows: dict[str, FormRow] = {}
        self._fields: dict[str, QWidget] = {}
        self._params: dict[str, Param] = {}
        self._nested: dict[str, _NestedKind] = {}
        self.pins: dict[str, IconButton] = {}
        self._more = 0
        for param in kinds.params(cls):
            if param.hidden or (only is not None and param.name not in only):
                continue
            self._add(param, more if param.advanced else plain, more)

    def _add(self, param: Param, column: Form, more: Form) -> None:
        name = param.name
        self._params[name] = param
        self._more += param.advanced
        if isinstance(param.type, Nested):
            nest = _NestedKind(self._form, param, column, more, self._path)
            self._nested[name] = nest
            self._rows[name] = nest.row
            return
        field = make_field(param, self._form.context(), self._form)
        field.setProperty("setting", name)
        self._fields[name] = field
        self._rows[name] = column.add(label_text(param), field, help_text(param))
        if isinstance(field, SeveralField):  # several lines: the label stands at the first
            self._rows[name].label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._rows[name].label.setContentsMargins(0, 4, 0, 0)
            self._rows[name].layout().setContentsMargins(0, 3, 0, 3)
        field.value_changed.connect(self._changed)
        field.editing_finished.connect(self._form.finished)

    def _changed(self, value: Any) -> None:
        name = self.sender().property("setting")
        self._form.changed.emit((*self._path, name), value)

    def show(self, kind: Any) -> None:
        for name, field in self._fields.items():
            value, declared = getattr(kind, name), self._params[name].type
            if isinstance(field, SeveralField) and isinstance(declared, types.Several):
                if declared.base:
                    list_words(field, declared)
                field.set_usual(kind.words_unchosen(name))
            if field.value() != value or type(field.value()) is not type(value):
                field.set_value(value)
        for name, nest in self._nested.items():
            nest.show(getattr(kind, name))

    def tell(self, context: Context) -> None:
        """The surroundings changed: other columns, other words in the fields."""
        for name, field in self._fields.items():
            declared = self._params[name].type
            if isinstance(declared, types.ColumnName) and isinstance(field, ChoiceField):
                blocked = QSignalBlocker(field)
                field.set_options(column_options(declared, context.schema))
                del blocked
            if isinstance(declared, types.MeasureName) and isinstance(field, ChoiceField):
                blocked = QSignalBlocker(field)
                field.set_options(context.measures)
                del blocked
            if hasattr(field, "set_unit"):
                field.set_unit(context.notes.get(name) or unit_text(self._params[name]))

    def mark(self, varying: frozenset[str]) -> None:
        for name, row in self._rows.items():
            param = self._params[name]
            differs = name in varying
            shown = f"≠ {label_text(param)}" if differs else label_text(param)
            if row.label.text() != shown:
                row.label.setText(shown)
                text = self._form.tr("The layers differ here; a change sets all of them.")
                row.setToolTip(text if differs else help_text(param))

    def wait(self, trained: Sequence[tuple[Any, Any]]) -> None:
        for name, row in self._rows.items():
            nest = self._nested.get(name)
            part = nest.part if nest is not None else None
            both = [
                (getattr(now, name), getattr(then, name))
                for now, then in trained
                if then is not None and name in {param.name for param in kinds.params(then)}
            ]
            if part is not None:
                part.wait([(now, then) for now, then in both if type(now) is type(then)])
                waits = any(type(now) is not type(then) for now, then in both)
            else:
                waits = any(now != then for now, then in both)
            row.set_note(self._form.tr("from the next run") if waits else "")

    def pin(self, offered: Mapping[str, str] | None) -> None:
        for name, row in self._rows.items():
            if offered is not None and name not in self.pins:
                pin = self.pins[name] = IconButton("pin", "", checkable=True, ink="text3", side=22)
                pin.setProperty("setting", name)
                pin.clicked.connect(self._pin_clicked)
                row.add_after(pin)
            if name not in self.pins:
                continue
            pin, known = self.pins[name], (offered or {}).get(name)
            pin.setVisible(offered is not None)
            pin.setChecked(known is not None)
            label = label_text(self._params[name])
            text = self._form.tr("Let each use of the block choose: {setting}").format(setting=label)
            if known is not None:
                text = self._form.tr("Each use of the block chooses this as {name}; click to keep it inside")
                text = text.format(name=known)
            pin.setToolTip(text)
            pin.setAccessibleName(text)

    def _pin_clicked(self, on: bool) -> None:
        self._form.pinned.emit(self.sender().property("setting"), on)

    def fields(self) -> dict[SettingPath, QWidget]:
        fields: dict[SettingPath, QWidget] = {(*self._path, name): one for name, one in self._fields.items()}
        for name, nest in self._nested.items():
            fields[(*self._path, name)] = nest.choice
            fields |= nest.part.fields() if nest.part else {}
        return fields

    def has_more(self) -> bool:
        return self._more > 0 or any(nest.part and nest.part.has_more() for nest in self._nested.values())


class _NestedKind(QObject):
    """A choice among kinds, with the settings of the chosen one below it."""

    def __init__(self, form: KindForm, param: Param, column: Form, more: Form, path: SettingPath) -> None:
        super().__init__(form)
        self._form, self.param, self._path = form, param, (*path, param.name)
        assert isinstance(param.type, Nested)
        self._base = param.type.base
        self._known: Mapping[str, type[Kind]] = {}
        self._past: dict[str, Any] = {}
        self._kind: Any = None
        self.choice = ChoiceField((), None, label_text(param), parent=form)
        self._list()
        self.choice.value_changed.connect(self._chosen)
        self.row = column.add(label_text(param), self.choice, help_text(param))
        self._plain, self._more = Form(form), Form(form)
        column.add_row(self._plain)
        more.add_row(self._more)
        self.part: _KindRows | None = None

    def _list(self) -> None:
        """Offer the kinds that there are now."""
        known = kinds.registry(self._base)
        if known is not self._known:
            self._known, self._past = known, {}
            translate = QCoreApplication.translate
            self.choice.set_options([(name, translate("engine", cls.label())) for name, cls in known.items()])
            self.choice.set_tips(tips(self._base))

    def show(self, kind: Kind) -> None:
        self._list()
        name = kind.kind_name
        self._kind = kind
        if self.choice.value() != name:
            self.choice.set_value(name)
        self.choice.setToolTip(f"{escape(help_text(self.param))}<br><br>{tip(kind)}")
        if self.part is None or self.part.cls is not type(kind):
            self._plain.clear()
            self._more.clear()
            if self.part is not None:
                self.part.deleteLater()
            self.part = _KindRows(self._form, type(kind), self._plain, self._more, self._path)
            for column in (self._plain, self._more):
                column.setVisible(bool(column.rows))
        self.part.show(kind)

    def _chosen(self, name: str) -> None:
        """Another kind: as it was when it was chosen last, else with what both share and was changed."""
        self._past[self._kind.kind_name] = self._kind
        value = self._past.get(name) or carried(self._kind, self._known[name])
        self._form.changed.emit(self._path, value)
        self._form.finished.emit()


def carried(old: Any, cls: type) -> Any:
    """A value of another kind that keeps those settings of the old one that both have and were changed."""
    value = cls()
    mine = {param.name for param in kinds.params(cls)}
    for param in kinds.params(old):
        setting = getattr(old, param.name)
        if param.name in mine and setting != param.default:
            try:
                value = attrs.evolve(value, **{param.name: setting})
            except Illegal:
                continue
    return value


def with_setting(kind: Any, path: SettingPath, value: Any) -> Any:
    """The kind with one setting changed, also within a nested kind. Raises `Illegal`."""
    if len(path) == 1:
        return kinds.changed(kind, path[0], value)
    inner = with_setting(getattr(kind, path[0]), path[1:], value)
    return kinds.changed(kind, path[0], inner)
