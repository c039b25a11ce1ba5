"""Samples of sound, as wave and spectrogram with a button that plays them, and of video, as strips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from PySide6.QtCore import QCoreApplication, QDir, QRectF, Qt, QTemporaryDir, QUrl
from PySide6.QtGui import QDesktopServices, QFontMetrics, QPainter
from PySide6.QtWidgets import QWidget

from engine.data.dataset import Columns
from engine.data.prepare import Prepared
from engine.data.schema import Column
from gui.controls import IconButton
from gui.controls.drawing import frame
from gui.style import theme
from gui.style.ramps import picture

SHOWN = 4
"""How many sounds or videos are shown."""
WAVE, SPECTRUM, NAME, GAP, BUTTON = 28, 48, 18, 10, 20


@frozen(eq=False)
class Sound:
    """A sound to be shown: what there is of it."""

    wave: np.ndarray | None = None
    """Samples, from −1 to 1, the mean of its channels."""
    spectrum: np.ndarray | None = None
    """Bands × frames from low to high, 0 to 1."""
    rate: int = 0
    """Samples of the wave a second; 0 where that is not known, and nothing can be played."""

    @property
    def height(self) -> int:
        """In the design's pixels, without its name."""
        return (WAVE if self.wave is not None else 0) + (SPECTRUM if self.spectrum is not None else 0)


def first_sounds(prepared: Prepared) -> tuple[Sound, ...]:
    """The first sounds of the training part, from whatever columns hold them: waves (channels × samples) and
    spectrograms (channels × bands × frames).
    """
    heard = [prepared.schema.columns[name] for name in prepared.schema.inputs]
    heard = [column for column in heard if column.kind == "audio"]
    first = prepared.train.batch(slice(0, SHOWN))
    wave = next((column for column in heard if len(column.shape) == 2), None)
    spectrum = next((column for column in heard if len(column.shape) == 3), None)
    waves = _decoded(prepared, wave, first)
    spectra = _decoded(prepared, spectrum, first)
    if spectra is not None:
        lo, hi = float(spectra.min()), float(spectra.max())
        spectra = (spectra - lo) / ((hi - lo) or 1.0)
    return tuple(
        Sound(
            None if waves is None else waves[place],
            None if spectra is None else spectra[place],
            0 if wave is None else wave.rate,
        )
        for place in range(len(next(iter(first.values()))))
    )


def _decoded(prepared: Prepared, column: Column | None, batch: Columns) -> np.ndarray | None:
    """A column of a batch in its own units, the mean of its channels."""
    if column is None:
        return None
    return prepared.decode(column.name, batch[column.name]).mean(axis=1)


def first_videos(column: Column, values: np.ndarray) -> tuple[np.ndarray, ...]:
    """Videos N × frames × channels × height × width, ready to be drawn: channels last, from 0 to 1."""
    lo = column.lo if column.lo is not None else float(values.min())
    hi = column.hi if column.hi is not None else float(values.max())
    scaled = np.clip((values[:SHOWN] - lo) / ((hi - lo) or 1.0), 0, 1)
    if scaled.shape[2] not in {1, 3}:
        scaled = scaled.mean(axis=2, keepdims=True)
    return tuple(np.moveaxis(scaled, 2, -1))


# --------------------------------------------------------------------------- sounds


def sounds_height(sounds: Sequence[Sound]) -> int:
    """What they take below each other."""
    return sum(theme.px(sound.height + NAME + GAP) for sound in sounds)


def paint_sounds(painter: QPainter, width: int, sounds: Sequence[Sound], names: Sequence[str]) -> None:
    """Each with its name, its wave below that, and below it its spectrogram, low tones at the bottom."""
    worn = theme.current()
    top = 0.0
    for sound, name in zip(sounds, names, strict=True):
        left = theme.px(BUTTON + 4) if sound.rate else 0
        _paint_name(painter, QRectF(left, top, width - left, theme.px(NAME)), name)
        below = top + theme.px(NAME)
        if sound.wave is not None:
            box = QRectF(0, below, width, theme.px(WAVE))
            painter.fillRect(QRectF(0, box.center().y(), width, 1), worn.line)
            painter.setPen(worn.series[0])
            peak = float(np.abs(sound.wave).max()) or 1.0
            for place, (least, most) in enumerate(_extremes(sound.wave / peak, width)):
                half = box.height() / 2 - 1
                middle = box.center().y()
                painter.drawLine(place, round(middle - most * half), place, round(middle - least * half))
            below = box.bottom()
        if sound.spectrum is not None:
            box = QRectF(0, below, width, theme.px(SPECTRUM))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(box, picture(sound.spectrum[::-1, :, None], worn.amounts))
            frame(painter, box, 2, None, worn.line)
        top += theme.px(sound.height + NAME + GAP)


def _extremes(wave: np.ndarray, places: int) -> list[tuple[float, float]]:
    """The least and the largest value of a wave at each of so many places beside each other."""
    edges = np.linspace(0, len(wave), max(1, places) + 1).astype(int)
    starts = np.minimum(edges[:-1], len(wave) - 1)
    least, most = np.minimum.reduceat(wave, starts), np.maximum.reduceat(wave, starts)
    return list(zip(least.tolist(), most.tolist(), strict=True))


def _paint_name(painter: QPainter, box: QRectF, name: str) -> None:
    painter.setPen(theme.current().text2)
    words = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)


class Player:
    """The buttons beside the names of sounds. Qt's small edition plays nothing itself, so a sound is written
    as a WAV file and handed to the program with which the person hears such files.
    """

    def __init__(self, view: QWidget) -> None:
        self._view = view
        self._buttons: list[IconButton] = []
        self._folder: QTemporaryDir | None = None

    def offer(self, sounds: Sequence[Sound], names: Sequence[str]) -> None:
        """A button for each sound that can be played."""
        for button in self._buttons:
            button.deleteLater()
        self._buttons = []
        top = 0
        for place, sound in enumerate(sounds):
            if sound.rate and sound.wave is not None:
                title = QCoreApplication.translate("recordings", "Play {name}").format(name=names[place])
                button = IconButton("play", title, side=BUTTON, parent=self._view)
                button.move(0, top)
                button.clicked.connect(lambda _=False, sound=sound: self.play(sound))
                button.show()
                self._buttons.append(button)
            top += theme.px(sound.height + NAME + GAP)

    def play(self, sound: Sound) -> None:
        """Let it be heard."""
        import soundfile

        if self._folder is None:
            self._folder = QTemporaryDir()  # goes when the window does
        path = QDir(self._folder.path()).filePath("sound.wav")
        soundfile.write(path, sound.wave, sound.rate, subtype="PCM_16")
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


# --------------------------------------------------------------------------- videos


def videos_height(videos: Sequence[np.ndarray], width: int) -> int:
    """What the strips take below each other."""
    return sum(round(_frame_height(video, width)) + theme.px(NAME + GAP) for video in videos)


def _frame_height(video: np.ndarray, width: int) -> float:
    frames, height, across, _ = video.shape
    return min((width - 2 * (frames - 1)) / frames * height / across, theme.px(96))


def paint_videos(painter: QPainter, width: int, videos: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Each with its name, and its frames from left to right below that."""
    worn = theme.current()
    top = 0.0
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for video, name in zip(videos, names, strict=True):
        _paint_name(painter, QRectF(0, top, width, theme.px(NAME)), name)
        high = _frame_height(video, width)
        wide = high * video.shape[2] / video.shape[1]
        for place, one in enumerate(video):
            box = QRectF(place * (wide + 2), top + theme.px(NAME), wide, high)
            painter.drawImage(box, picture(one, worn.amounts))
        top += round(high) + theme.px(NAME + GAP)
