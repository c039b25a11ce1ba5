"""The first samples of a data set, as they are: pictures, sounds, videos, texts, points, rows, a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.prepare import Prepared
from engine.data.schema import Column
from gui.controls.drawing import brush, frame
from gui.panels.data import recordings
from gui.panels.data.recordings import Player, Sound, first_sounds, first_videos
from gui.plots import scatter
from gui.plots.scatter import Scatter, scatter_of
from gui.style import theme
from gui.style.ramps import picture
from gui.text.words import figure, filled, plain

PICTURES = 12
"""How many pictures are shown."""
COLUMNS = 3
"""How many samples of a table are shown beside each other."""
SIDE, GAP, NAME = 44, 8, 18
TEXT, ROW, WIDEST, NAMED = 38, 20, 320, 76
"""Height of a text with what it is, of a line of names, the widest plane, the room of one name."""


@frozen(eq=False)
class Samples:
    """A few samples in their own units, ready to be drawn. Exactly one sort of them is there."""

    pictures: tuple[np.ndarray, ...] = ()
    """Each height × width × (1 or 3), from 0 to 1."""
    names: tuple[str, ...] = ()
    """What each picture shows, or each shown row's target."""
    table: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Features: a name and a value for each shown sample."""
    target: str = ""
    series: tuple[np.ndarray, ...] = ()
    """The values of the parts that train, validate and test, one after the other."""
    parts: tuple[str, ...] = field(default=())
    texts: tuple[str, ...] = ()
    sounds: tuple[Sound, ...] = ()
    videos: tuple[np.ndarray, ...] = ()
    """Each frames × height × width × (1 or 3), from 0 to 1."""
    scatter: Scatter | None = None
    """Points of the training part; `names` are those of all classes then."""


def first_samples(prepared: Prepared) -> Samples:
    """The samples to show. May run in a thread: it touches no widget."""
    schema = prepared.schema
    name, target = schema.inputs[0], schema.columns[schema.target]
    column = schema.columns[name]
    if schema.series:
        series = tuple(
            prepared.decode(target.name, part.batch(slice(None), {target.name})[target.name]).reshape(
                len(part), -1
            )[:, 0]
            for part in (prepared.train, prepared.validation, prepared.test)
        )
        return Samples(series=series, target=target.name)
    first = prepared.train.batch(slice(0, PICTURES))
    labels = prepared.decode(target.name, first[target.name])
    targets = tuple(_label(target, value) for value in labels)
    if column.kind == "audio":
        return Samples(sounds=first_sounds(prepared), names=targets[: recordings.SHOWN])
    values = prepared.decode(name, first[name])
    if column.kind == "video":
        return Samples(videos=first_videos(column, values), names=targets[: recordings.SHOWN])
    if column.picture and column.shape[0] in {1, 3}:
        lo = column.lo if column.lo is not None else float(values.min())
        hi = column.hi if column.hi is not None else float(values.max())
        scaled = np.clip((values - lo) / ((hi - lo) or 1.0), 0, 1)
        return Samples(pictures=tuple(np.moveaxis(picture, 0, -1) for picture in scaled), names=targets)
    signs = prepared.signs(name)
    if signs is not None:
        return Samples(texts=tuple(signs.decode(row) for row in values.tolist()), names=targets)
    if (points := scatter_of(prepared, name)) is not None:
        return Samples(scatter=points, names=target.classes)
    rows = values[:COLUMNS].reshape(min(COLUMNS, len(values)), -1)
    names = column.names or tuple(f"{column.name} {i + 1}" for i in range(rows.shape[1]))
    units = column.units or ("",) * len(names)
    table = tuple(
        (f"{one}, {unit}" if unit else one, tuple(float(value) for value in rows[:, i]))
        for i, (one, unit) in enumerate(zip(names, units, strict=True))
    )
    return Samples(table=table, names=targets[:COLUMNS], target=target.name)


def _label(target: Column, value: np.ndarray) -> str:
    """What a target says: the name of its class, or its number."""
    number = np.asarray(value).reshape(-1)[0]
    return target.classes[int(number)] if target.classes else plain(round(float(number), 6))


class SamplesView(QWidget):
    """Draws them. Only a sound can be played."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples = Samples()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._images: dict[tuple[bool, int], QImage] = {}
        self._player = Player(self)

    def set_samples(self, samples: Samples) -> None:
        """Show these."""
        self.samples = samples
        self._images.clear()
        self._player.offer(samples.sounds, samples.names)
        if samples.pictures:
            text = self.tr("Pictures of {names}").format(names=", ".join(samples.names))
        elif samples.series:
            text = filled(
                self.tr("{number} value{number:|s} of a series"), number=sum(map(len, samples.series))
            )
        elif samples.sounds:
            text = self.tr("Sounds of {names}").format(names=", ".join(samples.names))
        elif samples.videos:
            text = self.tr("Videos of {names}").format(names=", ".join(samples.names))
        elif samples.texts:
            text = "; ".join(
                f"{text}: {name}" for text, name in zip(samples.texts, samples.names, strict=True)
            )
        elif samples.scatter is not None:
            text = filled(
                self.tr("{number} point{number:|s} in the plane"), number=len(samples.scatter.points)
            )
        else:
            text = "; ".join(f"{name}: {', '.join(map(plain, values))}" for name, values in samples.table)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def _per_line(self, width: int) -> int:
        return max(1, (width + GAP) // (theme.px(SIDE) + GAP))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self.samples.pictures:
            lines = -(-len(self.samples.pictures) // self._per_line(width))
            return lines * theme.px(SIDE + NAME + 4)
        if self.samples.series:
            return theme.px(132)
        if self.samples.sounds:
            return recordings.sounds_height(self.samples.sounds)
        if self.samples.videos:
            return recordings.videos_height(self.samples.videos, width)
        if self.samples.texts:
            return theme.px(TEXT) * len(self.samples.texts)
        if self.samples.scatter is not None:
            return min(width, theme.px(WIDEST)) + theme.px(ROW) * self._legend_lines(width)
        return theme.px(20) * (len(self.samples.table) + 1) if self.samples.table else 0

    def sizeHint(self) -> QSize:
        width = max(self.width(), theme.px(180))
        return QSize(theme.px(180), self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = brush(self)
        painter.setFont(theme.font("hint"))
        if self.samples.pictures:
            self._paint_pictures(painter)
        elif self.samples.series:
            self._paint_series(painter)
        elif self.samples.sounds:
            recordings.paint_sounds(painter, self.width(), self.samples.sounds, self.samples.names)
        elif self.samples.videos:
            recordings.paint_videos(painter, self.width(), self.samples.videos, self.samples.names)
        elif self.samples.texts:
            self._paint_texts(painter)
        elif self.samples.scatter is not None:
            self._paint_scatter(painter, self.samples.scatter)
        else:
            self._paint_table(painter)

    # ------------------------------------------------------------------ pictures

    def _paint_pictures(self, painter: QPainter) -> None:
        worn = theme.current()
        side, per_line = theme.px(SIDE), self._per_line(self.width())
        for place, name in enumerate(self.samples.names):
            line, column = divmod(place, per_line)
            box = QRectF(column * (side + GAP), line * theme.px(SIDE + NAME + 4), side, side)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(box.adjusted(1, 1, -1, -1), self._image(place))
            frame(painter, box, 2, None, worn.line)
            painter.setPen(worn.text2)
            below = QRectF(box.left() - GAP / 2, box.bottom() + 1, side + GAP, theme.px(NAME))
            words = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, side + GAP)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, words)

    def _image(self, place: int) -> QImage:
        """A picture in the ramp of amounts, or in its own colours. Kept for as long as the theme stays."""
        worn = theme.current()
        key = (worn.dark, place)
        if key not in self._images:
            self._images[key] = picture(self.samples.pictures[place], worn.amounts)
        return self._images[key]

    # ------------------------------------------------------------------ texts and points

    def _paint_texts(self, painter: QPainter) -> None:
        """Each text on a line, what it is below it."""
        worn = theme.current()
        for place, (text, name) in enumerate(zip(self.samples.texts, self.samples.names, strict=True)):
            top = place * theme.px(TEXT)
            for role, ink, words, down in (("body", worn.text1, text, 0), ("hint", worn.text3, name, 18)):
                painter.setFont(theme.font(role))
                painter.setPen(ink)
                metrics = QFontMetrics(painter.font())
                box = QRectF(0, top + theme.px(down), self.width(), theme.px(18))
                shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, self.width())
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)

    def _legend_lines(self, width: int) -> int:
        return -(-len(self.samples.names) // max(1, width // theme.px(NAMED)))

    def _paint_scatter(self, painter: QPainter, points: Scatter) -> None:
        """The plane, and the names of the classes in their colours below it."""
        worn = theme.current()
        legend = theme.px(ROW) * self._legend_lines(self.width())
        side = max(1, min(self.width(), theme.px(WIDEST), self.height() - legend) - 2)
        area = QRectF(0.5, 0.5, side, side)
        frame(painter, area, theme.CORNER, worn.field, worn.line)
        scatter.paint(painter, area, points)
        per_line = max(1, self.width() // theme.px(NAMED))
        for place, name in enumerate(self.samples.names):
            line, column = divmod(place, per_line)
            left, top = column * theme.px(NAMED), area.bottom() + 1 + line * theme.px(ROW)
            middle = QPointF(left + theme.px(5), top + theme.px(ROW) / 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(worn.series[place % len(worn.series)])
            painter.drawEllipse(middle, 3, 3)
            painter.setPen(worn.text2)
            box = QRectF(left + theme.px(13), top, theme.px(NAMED - 15), theme.px(ROW))
            words = QFontMetrics(painter.font()).elidedText(
                name, Qt.TextElideMode.ElideRight, int(box.width())
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    # ------------------------------------------------------------------ table

    def _paint_table(self, painter: QPainter) -> None:
        worn = theme.current()
        row, wide = theme.px(20), theme.px(48)
        room = int(self.width() - theme.px(96)) // wide  # the names of features come first
        shown = max(1, min(len(self.samples.names), room))
        flags = Qt.AlignmentFlag.AlignVCenter
        metrics = QFontMetrics(painter.font())
        left = self.width() - wide * shown
        for place, name in enumerate(self.samples.names[:shown]):
            painter.setPen(worn.text1)
            box = QRectF(left + place * wide, 0, wide - theme.px(2), row)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, flags | Qt.AlignmentFlag.AlignRight, text)
        painter.setPen(worn.text2)
        painter.drawText(QRectF(0, 0, left - 6, row), flags, self.samples.target)
        painter.fillRect(QRectF(0, row - 1, self.width(), 1), worn.line)
        for number, (name, values) in enumerate(self.samples.table, 1):
            top = number * row
            painter.setPen(worn.text2)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - 6)
            painter.drawText(QRectF(0, top, left - 6, row), flags, text)
            painter.setPen(worn.text1)
            for place, value in enumerate(values[:shown]):
                box = QRectF(left + place * wide, top, wide - theme.px(2), row)
                painter.drawText(box, flags | Qt.AlignmentFlag.AlignRight, figure(value))

    # ------------------------------------------------------------------ series

    def _paint_series(self, painter: QPainter) -> None:
        """One line, its parts in the colours of the curves; each part is named where it begins."""
        worn = theme.current()
        total = sum(map(len, self.samples.series))
        values = np.concatenate(self.samples.series)
        lo, hi = float(values.min()), float(values.max())
        area = QRectF(0, theme.px(22), self.width() - 1, self.height() - theme.px(30))
        across = np.linspace(area.left(), area.right(), total)
        down = area.bottom() - (values - lo) / ((hi - lo) or 1.0) * area.height()
        names = (self.tr("train"), self.tr("validation"), self.tr("test"))
        start, free = 0, 0.0
        metrics = QFontMetrics(painter.font())
        for place, part in enumerate(self.samples.series):
            end = min(total, start + len(part) + 1)
            painter.setPen(worn.series[place])
            painter.drawPolyline(
                QPolygonF([QPointF(x, y) for x, y in zip(across[start:end], down[start:end], strict=True)])
            )
            width = metrics.horizontalAdvance(names[place])
            left = min(
                max(across[min(start, total - 1)], free), area.right() - self._rest(metrics, names, place)
            )
            painter.fillRect(QRectF(left, theme.px(9), theme.px(8), 2), worn.series[place])
            painter.setPen(worn.text2)
            words = QRectF(left + theme.px(12), 0, width + 2, theme.px(20))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, names[place])
            free = left + width + theme.px(22)
            start += len(part)

    @staticmethod
    def _rest(metrics: QFontMetrics, names: Sequence[str], place: int) -> float:
        """The room that this name and those after it need."""
        return sum(metrics.horizontalAdvance(name) + theme.px(22) for name in names[place:])
