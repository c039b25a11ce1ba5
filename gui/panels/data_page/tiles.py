"""Samples as tiles: each drawn as one looks at it, read in threads while it comes into sight, and kept for a
while.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from weakref import WeakMethod, finalize

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from engine.data.overview import ColumnOverview
from engine.data.sample_looks import SampleLook, from_file, medium_of_column, sample_look
from engine.data.signs import Signs
from engine.message import Trouble
from gui.background import post
from gui.style import icons, theme
from gui.style.ramps import picture

KEPT = 2000
"""Samples whose looks stay in memory."""
THREADS = 2
SIZES = {"image": (84, 84), "video": (240, 48), "audio": (200, 72), "text": (260, 64), "series": (200, 72)}
"""How large a tile of each kind is, in px at 100 %."""


def tile_size(medium: str) -> QSize:
    """How large a tile of samples of that kind is."""
    wide, high = SIZES.get(medium, SIZES["series"])
    return QSize(theme.px(wide), theme.px(high))


class _Queue:
    """What is to be read, the newest wish first. Shared with the threads, which hold nothing else."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.wishes: list[Callable[[], tuple[int, int, SampleLook | Trouble]]] = []
        self.closed = False

    def close(self) -> None:
        with self.changed:
            self.closed = True
            self.changed.notify_all()


def _read(queue: _Queue, send: Callable[[object], object]) -> None:
    """What a thread does."""
    while True:
        with queue.changed:
            while not queue.wishes and not queue.closed:
                queue.changed.wait()
            if queue.closed:
                return
            wish = queue.wishes.pop(0)
        send(wish())


class TileStore(QObject):
    """Gives the looks of samples by their rows. One that has to be read comes later."""

    arrived = Signal()
    """The look of a sample that was asked for is there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._column: ColumnOverview | None = None
        self._signs: Signs | None = None
        self._looks: OrderedDict[int, SampleLook | Trouble] = OrderedDict()
        self._turn = 0
        self._queue: _Queue | None = None

    def show(self, column: ColumnOverview, signs: Signs | None) -> None:
        """Give the samples of this column from now on."""
        if column is not self._column:
            self._column, self._signs = column, signs
            self._looks.clear()
            self._turn += 1
            if self._queue is not None:
                with self._queue.changed:
                    self._queue.wishes.clear()

    def look(self, row: int) -> SampleLook | Trouble | None:
        """The look of a sample, why there is none, or None as long as it is not read."""
        found = self._looks.get(row)
        if found is not None:
            self._looks.move_to_end(row)
            return found
        column = self._column
        if column is not None and not from_file(column):
            found = self._looks[row] = sample_look(column, row, _pixels(), self._signs)
            self._forget()
        return found

    def want(self, rows: Sequence[int]) -> None:
        """Read these soon, in this order, and forget all former wishes: they are out of sight."""
        column, turn, side = self._column, self._turn, _pixels()
        if column is None or not from_file(column):
            return
        queue = self._threads()

        def wish(row: int) -> Callable[[], tuple[int, int, SampleLook | Trouble]]:
            return lambda: (turn, row, _looked(column, row, side))

        with queue.changed:
            queue.wishes = [wish(row) for row in rows if row not in self._looks]
            queue.changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many samples are still to be read."""
        return len(self._queue.wishes) if self._queue is not None else 0

    def _threads(self) -> _Queue:
        if self._queue is None:
            queue = self._queue = _Queue()
            finalize(self, queue.close)
            letters, taken = post(), WeakMethod(self._take)
            for _ in range(THREADS):
                arguments = (queue, lambda found: letters.send(taken, found))
                threading.Thread(target=_read, args=arguments, daemon=True, name="tiles").start()
        return self._queue

    def _take(self, found: tuple[int, int, SampleLook | Trouble]) -> None:
        turn, row, look = found
        if turn == self._turn:
            self._looks[row] = look
            self._forget()
            self.arrived.emit()

    def _forget(self) -> None:
        while len(self._looks) > KEPT:
            self._looks.popitem(last=False)


def _pixels() -> int:
    return 2 * theme.px(SIZES["image"][0])


def _looked(column: ColumnOverview, row: int, side: int) -> SampleLook | Trouble:
    try:
        return sample_look(column, row, side)
    except Trouble as trouble:
        return trouble
    except Exception as error:  # a broken file must not end the thread that reads the others
        return Trouble("The sample cannot be read: {reason}", reason=str(error))


# ---------------------------------------------------------------------- paint


def paint_tile(painter: QPainter, box: QRectF, look: SampleLook | Trouble | None) -> None:
    """A sample in its tile; a sign where it cannot be read, nothing yet where it is not."""
    worn = theme.current()
    painter.save()
    painter.setClipRect(box)
    if isinstance(look, Trouble):
        side = theme.px(20)
        place = QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
        icons.paint(painter, "warning", worn.warning, place)
    elif look is not None and look.frames:
        _paint_frames(painter, box, look.frames)
    elif look is not None and look.text is not None:
        painter.setPen(worn.text1)
        painter.setFont(theme.font("body"))
        inner = box.adjusted(theme.px(8), theme.px(5), -theme.px(8), -theme.px(5))
        painter.drawText(inner, int(Qt.TextFlag.TextWordWrap), look.text)
    elif look is not None and (look.wave is not None or look.spectrum is not None):
        _paint_sound(painter, box, look)
    elif look is not None and look.curve is not None:
        _paint_curve(painter, box.adjusted(6, 6, -6, -6), look.curve)
    painter.restore()


def grey_or_colour(values: np.ndarray) -> QImage:
    """A picture height×width×(1 or 3), 0 to 1, in its own colours or in grey."""
    return picture(values if values.shape[2] == 3 else np.repeat(values, 3, 2), ())


def _paint_frames(painter: QPainter, box: QRectF, frames: Sequence[np.ndarray]) -> None:
    side = box.width() / len(frames) if len(frames) > 1 else box.width()
    for place, frame in enumerate(frames):
        image = grey_or_colour(frame)
        part = QRectF(box.left() + place * side, box.top(), side - (len(frames) > 1), box.height())
        scale = min(part.width() / image.width(), part.height() / image.height())
        wide, high = image.width() * scale, image.height() * scale
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth, scale < 1)
        inner = QRectF(part.center().x() - wide / 2, part.center().y() - high / 2, wide, high)
        painter.drawImage(inner, image)


def _paint_sound(painter: QPainter, box: QRectF, look: SampleLook) -> None:
    worn = theme.current()
    share = 0.42 if look.wave is not None and look.spectrum is not None else 1.0
    upper = QRectF(box.left(), box.top(), box.width(), box.height() * share)
    if look.spectrum is not None:
        lower = box if look.wave is None else box.adjusted(0, upper.height(), 0, 0)
        painter.drawImage(lower, picture(look.spectrum[::-1, :, None], worn.amounts))
    if look.wave is not None and len(look.wave):
        places = max(1, int(upper.width()))
        pieces = np.array_split(look.wave, places) if len(look.wave) >= places else [look.wave]
        painter.setPen(worn.series[0])
        middle, reach = upper.center().y(), upper.height() / 2 - 2
        most = float(np.abs(look.wave).max()) or 1.0
        for place, piece in enumerate(pieces):
            x = upper.left() + place + 0.5
            high, low = float(piece.max()) / most, float(piece.min()) / most
            painter.drawLine(QPointF(x, middle - high * reach), QPointF(x, middle - low * reach + 0.5))


def _paint_curve(painter: QPainter, box: QRectF, curve: np.ndarray) -> None:
    """One line for each feature of a series, all on one scale."""
    worn = theme.current()
    lo, hi = float(np.nanmin(curve)), float(np.nanmax(curve))
    across = np.linspace(box.left(), box.right(), len(curve))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for feature in range(min(curve.shape[1], 12)):
        down = box.bottom() - (curve[:, feature] - lo) / ((hi - lo) or 1.0) * box.height()
        painter.setPen(QPen(worn.series[feature % len(worn.series)], 1.2))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(across, down, strict=True)]))


def spoken_look(column: ColumnOverview, look: SampleLook | Trouble | None) -> str:
    """What is seen on a tile, for those who cannot see it."""
    if isinstance(look, Trouble):
        return str(look)
    return look.text or "" if look is not None else medium_of_column(column)
