"""Which view suits a column of the data."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.panels.predict.picture_view import PictureView
from gui.panels.predict.point_view import PointView
from gui.panels.predict.row_view import RowView
from gui.panels.predict.sample_view import SampleView
from gui.panels.predict.series_view import SeriesView
from gui.panels.predict.text_view import TextView
from gui.panels.predict.trained_network import TrainedNetwork
from gui.panels.predict.writing_view import WritingView


def view_of(network: TrainedNetwork, name: str, parent: QWidget) -> SampleView:
    """The view that suits a column of the network's data."""
    column = network.column(name)
    if column.picture:
        return PictureView(column, parent)
    if len(column.shape) == 2 and column.dtype == "float":
        return SeriesView(column, parent)
    if name in network.signs:
        if network.writes == name:
            return WritingView(network, name, parent)
        return TextView(column, network.signs[name], parent)
    plane = network.plane(name)
    if plane is not None:
        return PointView(column, plane, parent)
    return RowView(column, network.ranges(name), parent)
