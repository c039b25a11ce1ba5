"""One sample in a person's hands: a picture to look at or draw, a row of numbers to type, a series to bend.

Each view shows values in the column's own units and emits `edited` with a whole new array where a person
changed it.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.data.schema import Column

Ranges = tuple[np.ndarray, np.ndarray]
"""Least and greatest value of each feature in the training part."""


class SampleView(QWidget):
    """What all of them do."""

    edited = Signal(object)
    """The new values, in the column's own units."""

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = column
        self.values = np.zeros(column.shape, np.float32)

    def show_values(self, values: np.ndarray) -> None:
        """Show a sample of the data."""
        self.values = np.array(values)

    def show_points(self, points: list[tuple[float, str]]) -> None:
        """Show what is said of the sample where the view has a place for it: a value and a token each."""

    def _edit(self, values: np.ndarray) -> None:
        self.values = values
        self.edited.emit(values)
