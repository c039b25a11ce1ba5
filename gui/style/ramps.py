"""Numbers as colours along the ramps of the theme, and as pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor, QImage


def along_ramp(colours: Sequence[QColor], shares: np.ndarray) -> np.ndarray:
    """The colour of each share of one along a ramp: any shape in, the same with red, green and blue behind it
    out, as bytes.
    """
    stops = np.linspace(0, 1, len(colours))
    channels = np.array([[colour.red(), colour.green(), colour.blue()] for colour in colours], np.float64)
    mixed = np.stack([np.interp(shares, stops, channels[:, channel]) for channel in range(3)], -1)
    return np.round(mixed).astype(np.uint8)


def picture(values: np.ndarray, ramp: Sequence[QColor]) -> QImage:
    """A picture from values between 0 and 1, height × width × (1 or 3), grey ones along a ramp of colours."""
    height, width, channels = values.shape
    coloured = channels == 3
    rgb = (values * 255).round().astype(np.uint8) if coloured else along_ramp(ramp, values[..., 0])
    rgb = np.ascontiguousarray(rgb)
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # the numbers belong to numpy
