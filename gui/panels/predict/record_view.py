"""A row of a person's own table in its own terms: numbers with units, names to choose from, dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from engine.data.columns.categories import CategoryColumn
from engine.data.columns.column_type import Encoder
from engine.data.columns.numbers import NumberColumn
from engine.data.raw_rows import Row
from gui.controls import ChoiceField, ElidedLabel, NumberField, TextField
from gui.style import theme


class RecordView(QWidget):
    """A field for each column, in the order of the table, scrolling downwards."""

    edited = Signal(object)
    """The whole row with what a person has changed."""

    def __init__(self, encoders: Sequence[Encoder], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: Row = {}
        self._fills = {one.name: float(one.fitted.get("fill", 0.0)) for one in encoders}
        self.fields: dict[str, NumberField | ChoiceField | TextField] = {}
        columns = 1 if len(encoders) <= 6 else 2
        rows = -(-len(encoders) // columns)
        inside = QWidget()
        inside.setProperty("ground", "panel")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(12), 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for index, one in enumerate(encoders):
            field = self._field(one)
            theme.set_width(field, 140)
            field.setProperty("column", one.name)
            field.value_changed.connect(self._typed)
            label = ElidedLabel(one.name, "body", "text2")
            label.setBuddy(field)
            grid.addWidget(label, index % rows, 2 * (index // rows))
            grid.addWidget(field, index % rows, 2 * (index // rows) + 1)
            grid.setColumnStretch(2 * (index // rows), 1)
            self.fields[one.name] = field
        grid.setRowStretch(rows, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        area.setMinimumWidth(theme.px(260 * columns))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _field(self, encoder: Encoder) -> NumberField | ChoiceField | TextField:
        kind, name = encoder.type, encoder.name
        if isinstance(kind, NumberColumn):
            number = NumberField(0.0, unit=kind.unit, name=name)
            number.setToolTip(
                self.tr("Where it is not known, {fill} stands for it").format(fill=_fill(encoder))
            )
            return number
        if isinstance(kind, CategoryColumn):
            options = [*((one, one) for one in kind.names), ("", self.tr("not known"))]
            return ChoiceField(options, "", name)
        return TextField("", placeholder=self.tr("not known"), name=name)

    def show_row(self, row: Row) -> None:
        """Show what stands in a row of the table. A number that is not known is shown as what fills it."""
        self.row = dict(row)
        for name, field in self.fields.items():
            value = row.get(name)
            if isinstance(field, NumberField):
                field.set_value(float(f"{self._fills[name] if value is None else float(value):.9g}"))
            else:
                field.set_value("" if value is None else _as_word(value))

    def _typed(self, value: Any) -> None:
        name = self.sender().property("column")
        self.row = {**self.row, name: None if value == "" else value}
        self.edited.emit(self.row)


def _fill(encoder: Encoder) -> str:
    return f"{float(encoder.fitted['fill']):.4g}"


def _as_word(value: Any) -> str:
    """A value as its name is written."""
    return value if isinstance(value, str) else f"{value:g}"
