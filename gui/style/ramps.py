"""Numbers as colours along the ramps of the theme."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtGui import QColor


def along_ramp(colours: Sequence[QColor], shares: np.ndarray) -> np.ndarray:
    """The colour of each share of one along a ramp: any shape in, the same with red, green and blue behind it
    out, as bytes.
    """
    stops = np.linspace(0, 1, len(colours))
    channels = np.array([[colour.red(), colour.green(), colour.blue()] for colour in colours], np.float64)
    mixed = np.stack([np.interp(shares, stops, channels[:, channel]) for channel in range(3)], -1)
    return np.round(mixed).astype(np.uint8)
