"""Which view suits a column of the data."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.data.schema import Column
from gui.panels.predict.picture_view import PictureView
from gui.panels.predict.row_view import RowView
from gui.panels.predict.sample_view import Ranges, SampleView
from gui.panels.predict.series_view import SeriesView


def view_of(column: Column, ranges: Ranges | None, parent: QWidget) -> SampleView:
    """The view that suits a column."""
    if column.picture:
        return PictureView(column, parent)
    if len(column.shape) == 2 and column.dtype == "float":
        return SeriesView(column, parent)
    return RowView(column, ranges, parent)
