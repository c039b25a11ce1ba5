"""Pictures as files of every kind, made from arrays."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COLOURS = {1: 0, 3: 2, 2: 4, 4: 6}
"""How PNG calls so many channels."""


def speckled(height: int, width: int, channels: int, dtype: str = "uint8") -> np.ndarray:
    """H×W×C of chance, the same each time: what is turned or swapped is seen."""
    most = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, most, (height, width, channels), dtype, endpoint=True)


def written(values: np.ndarray, form: str, **settings: Any) -> bytes:
    """H×W×C as a file that Pillow writes."""
    file = BytesIO()
    image = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    image.save(file, form, **settings)
    return file.getvalue()


def png16(values: np.ndarray) -> bytes:
    """H×W×C of uint16 as a PNG of 16 bits, which Pillow does not write in colour."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, COLOURS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def tiff16(values: np.ndarray, order: str = "<", orientation: int = 1, packed: bool = False) -> bytes:
    """H×W×C of uint16 as a TIFF of one strip in that order of bytes, packed by zlib or not."""
    height, width, channels = values.shape
    data = values.astype(order + "u2").tobytes()
    data = zlib.compress(data) if packed else data
    entries = 10
    bits_at = 8 + 2 + entries * 12 + 4
    data_at = bits_at + 2 * channels
    tags = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, bits_at if channels > 2 else 16),
        (259, 3, 1, 8 if packed else 1),
        (262, 3, 1, 2 if channels > 1 else 1),
        (273, 4, 1, data_at),
        (274, 3, 1, orientation),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(data)),
    ]
    ifd = struct.pack(order + "H", entries)
    for tag, kind, count, value in tags:
        short = kind == 3 and count == 1
        ifd += struct.pack(order + ("HHIHxx" if short else "HHII"), tag, kind, count, value)
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    bits = struct.pack(order + "H" * channels, *[16] * channels)
    return head + ifd + struct.pack(order + "I", 0) + bits + data


def saved(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
