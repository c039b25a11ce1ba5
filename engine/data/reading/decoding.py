"""Opens pictures that somebody else made with Pillow, and refuses what would be read wrongly.

Only formats that are decoded within this process are opened: others would start programs.
"""

from __future__ import annotations

import sys
import warnings
from functools import cache
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.files.reading import read_bytes
from engine.message import Message, Trouble

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
MOST_PIXELS = 2**27  # of a picture: 11,585 × 11,585. A file of a few bytes may claim any number
LARGEST = 2**30  # bytes of a file

_SIXTEEN = ("I;16", "I;16B", "I;16L", "I;16N")
_AS_THEY_ARE = ("I", "F")  # 32 bits: whole numbers and floating-point numbers without a natural range
_LOW_BYTES = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
"""The order of bytes by which Pillow reads the low byte of each number, by that for the high byte."""


@cache
def pillow() -> ModuleType:
    """Pillow's `Image`, which is imported where it is first used, and says what it doubts to nobody."""
    from PIL import Image

    warnings.filterwarnings("ignore", module=r"PIL\.")
    return Image


def named(source: Path | bytes) -> str:
    """What a picture is called in a sentence."""
    return str(source) if isinstance(source, Path) else "The picture"


def opened(source: Path | bytes) -> ImageFile:
    """A picture whose header is read. Raises `Trouble` with its file."""
    data = read_bytes(source, LARGEST) if isinstance(source, Path) else source
    if not data:
        raise Trouble("{path} is empty, where a picture was expected. Leave it out.", path=named(source))
    try:
        image: ImageFile = pillow().open(BytesIO(data), formats=FORMATS)
    except Exception as error:  # of a damaged file Pillow raises anything
        raise _refused(source, error) from None
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Trouble(
            "{path} claims {width}×{height} pixels, but at most {most} are read. Make it smaller.",
            path=named(source),
            width=width,
            height=height,
            most=f"{MOST_PIXELS:,}",
        )
    return image


def loaded(source: Path | bytes, image: ImageFile) -> ImageFile:
    """The picture with its pixels, turned as its camera says. Raises `Trouble` where it is damaged."""
    try:
        image.load()
        if "exif" in image.info:
            from PIL import ImageOps

            ImageOps.exif_transpose(image, in_place=True)
    except Exception as error:
        raise _refused(source, error) from None
    return image


def _refused(source: Path | bytes, error: Exception) -> Trouble:
    kind = type(error).__name__
    if kind == "UnidentifiedImageError":
        return Trouble(
            "{path} is no picture that can be read: expected {formats}. Leave it out, or save it as PNG.",
            path=named(source),
            formats=", ".join(FORMATS),
        )
    if kind == "DecompressionBombError":
        return Trouble(
            "{path} claims more than the {most} pixels that a picture may have. Make it smaller.",
            path=named(source),
            most=f"{MOST_PIXELS:,}",
        )
    reason = (
        Message("it needs more memory than there is") if isinstance(error, MemoryError) else str(error)[:150]
    )
    return Trouble(
        "{path} breaks off or is damaged ({reason}). Leave it out, or fetch it anew.",
        path=named(source),
        reason=reason or kind,
    )


# --------------------------------------------------------------------------- more than eight bits


def is_deep(image: ImageFile) -> bool:
    """Whether a picture has more than eight bits a channel. `image` is not loaded yet."""
    return image.mode in _SIXTEEN or image.mode in _AS_THEY_ARE or _rawmode(image)[-4:-1] == ";16"


def depth_of(image: ImageFile) -> str:
    """The type of numbers that a picture is read as: "uint8", "uint16" or "float32"."""
    if image.mode in _AS_THEY_ARE and image.format != "PPM":
        return "float32"
    return "uint16" if is_deep(image) else "uint8"


def channels_of(image: ImageFile) -> int:
    """How many channels a picture is read with: 1 in grey, 3 in colours, 4 with opacity."""
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or (
        "transparency" in image.info and not is_deep(image)
    ):
        return 4
    return 1 if image.mode in ("L", "1", *_SIXTEEN, *_AS_THEY_ARE) else 3


def deep(source: Path | bytes, image: ImageFile) -> np.ndarray:
    """A picture of more than eight bits as H×W×C of 1, 3 or 4 channels, uint16 or float32.

    Pillow keeps only the high byte of 16-bit colours. Read a second time with the order of bytes turned
    round, it keeps the low byte.
    """
    rawmode = _rawmode(image)
    if depth_of(image) == "float32":
        return np.asarray(loaded(source, image), np.float32)[..., None]
    if image.mode in (*_SIXTEEN, "I"):  # Pillow reads a PGM of 16 bits as "I", from 0 to 65,535
        return np.asarray(loaded(source, image)).astype(np.uint16)[..., None]
    if rawmode == "LA;16B":  # of four bytes a pixel, as RGBA of 8 bits is
        image._mode = "RGBA"
        _read_as(image, "RGBA")
        grey_alpha = np.ascontiguousarray(loaded(source, image)).view(">u2").astype(np.uint16)
        return grey_alpha[..., [0, 0, 0, 1]]
    if rawmode.startswith("RGBa"):
        raise Trouble(
            "{path} has 16 bits and colours multiplied by their opacity, which cannot be read truly. "
            "Save it without opacity.",
            path=named(source),
        )
    again = opened(source)
    _read_as(again, rawmode[:-1] + _LOW_BYTES[rawmode[-1]])
    high, low = (np.asarray(loaded(source, one)).astype(np.uint16) for one in (image, again))
    values = high << 8 | low
    if image.mode != "CMYK":
        return values
    ink = values.astype(np.float32) / 65535
    return np.rint((1 - ink[..., :3]) * (1 - ink[..., 3:]) * 65535).astype(np.uint16)


def check_read_truly(source: Path | bytes, image: ImageFile) -> None:
    """Raise `Trouble` where Pillow would cut a picture that is not `is_deep` down to 8 bits."""
    deeper = False
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(258, (8,))  # BitsPerSample
        deeper = max(bits if isinstance(bits, tuple) else (bits,)) > 8
    elif image.format == "PPM" and image.tile:
        args: Any = image.tile[0].args
        deeper = isinstance(args, tuple) and args[1] > 255  # the layout and what stands for white
    if deeper:
        raise Trouble(
            "{path} has more than 8 bits in a layout that cannot be read truly. Save it as a 16-bit PNG.",
            path=named(source),
        )


def _rawmode(image: ImageFile) -> str:
    """How the pixels lie in the file, as Pillow calls it."""
    if not image.tile:
        return ""
    args = image.tile[0].args
    return str(args[0] if isinstance(args, tuple) and args else args)


def _read_as(image: ImageFile, rawmode: str) -> None:
    image.tile = [
        tile._replace(args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode)
        for tile in image.tile
    ]
