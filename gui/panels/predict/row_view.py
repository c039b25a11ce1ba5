"""A row of a table: a field for each feature, named, with its unit and the range it was trained on."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from engine.data.schema import Column
from gui.controls import ElidedLabel, NumberField
from gui.panels.predict.sample_view import Ranges, SampleView
from gui.style import theme
from gui.text.words import figure

_COLUMN = 236


class RowView(SampleView):
    """Up to three columns of fields, scrolling downwards."""

    def __init__(self, column: Column, ranges: Ranges | None, parent: QWidget | None = None) -> None:
        super().__init__(column, parent)
        self._ranges = ranges
        self.fields: list[NumberField] = []
        size = int(np.prod(column.shape))
        columns = 1 if size <= 5 else 2 if size <= 14 else 3
        rows = -(-size // columns)
        inside = QWidget()
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside.setProperty("ground", "panel")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, theme.px(12), 0)
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(4))
        for index in range(size):
            label, field = self._field(index)
            place = 3 * (index // rows)
            grid.addWidget(label, index % rows, place)
            grid.addWidget(field, index % rows, place + 1)
            grid.setColumnStretch(place, 1)
            grid.setColumnMinimumWidth(place + 2, theme.px(8))  # between two columns of fields
            self.fields.append(field)
        grid.setRowStretch(rows, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setMinimumWidth(theme.px(_COLUMN * columns))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _field(self, index: int) -> tuple[ElidedLabel, NumberField]:
        column = self.column
        name = column.names[index] if index < len(column.names) else f"{column.name} {index + 1}"
        unit = column.units[index] if index < len(column.units) else column.unit
        field = NumberField(0.0, unit=unit, name=name)
        theme.set_width(field, 112)
        field.setToolTip(self._tip(index, unit))
        field.setProperty("place", index)
        field.value_changed.connect(self._typed)
        label = ElidedLabel(name, "body", "text2")
        label.setBuddy(field)
        return label, field

    def _tip(self, index: int, unit: str) -> str:
        if self._ranges is None:
            return ""
        low, high = (figure(float(bound.reshape(-1)[index]), 4) for bound in self._ranges)
        return self.tr("Trained on {low} to {high} {unit}").format(low=low, high=high, unit=unit).strip()

    def show_values(self, values: np.ndarray) -> None:
        super().show_values(values)
        for field, value in zip(self.fields, self.values.reshape(-1).tolist(), strict=True):
            field.set_value(float(f"{value:.6g}"))

    def _typed(self, value: float) -> None:
        values = self.values.copy()
        values.reshape(-1)[self.sender().property("place")] = value
        self._edit(values)
