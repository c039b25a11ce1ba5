"""In which encoding a text stands, found from its bytes: a mark at its beginning, else what fits it."""

from __future__ import annotations

import codecs
from pathlib import Path

from engine.message import Trouble

ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5"),
    *("shift_jis", "euc-jp", "euc-kr", "cp1251", "cp1250", "cp1252", "latin-1"),
)
"""What a person may choose. GB18030 holds GBK whole, and cp1252 what is called Latin-1 on Windows."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EAST_ASIAN = ("gb18030", "big5", "shift_jis", "euc-jp", "euc-kr")
_SAMPLE = 64 * 1024
"""Bytes that are looked at closely: enough to know a language by, few enough to be quick."""

_MANY_LETTERS = 12


def encoding_of(head: bytes, whole: bool = True) -> str:
    """The encoding of a text by its beginning, which may break off within a character unless it is the
    `whole` text. One that is pure ASCII is UTF-8.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := _without_mark(head):
        return wide
    if decodes(head, "utf-8", whole):
        return "utf-8"
    return _of_one_country(head)


def decodes(data: bytes, encoding: str, whole: bool = True) -> bool:
    """Whether the bytes are a text of that encoding."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, whole)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(head: bytes) -> str:
    """UTF-16 that does not say so: in a table digits, separators and the ends of lines are ASCII, so that
    every second byte of many is zero.
    """
    sample = head[: _SAMPLE & ~1]
    half = len(sample) // 2
    if half < 2:
        return ""
    low, high = sample[1::2].count(0) / half, sample[0::2].count(0) / half
    if low > 0.2 and high < 0.02:
        return "utf-16-le"
    if high > 0.2 and low < 0.02:
        return "utf-16-be"
    return ""


def _of_one_country(head: bytes) -> str:
    """An encoding of one language or family, by what its bytes would say there."""
    sample = _around_what_is_foreign(head)
    fitting = [name for name in _EAST_ASIAN if decodes(sample, name, whole=False)]
    scores = {name: _likeness(sample, name) for name in fitting}
    best = max(scores, key=lambda name: scores[name], default="")
    if scores.get("euc-kr") == 1 and len(sample.decode("euc-kr", "ignore")) >= _MANY_LETTERS:
        return (
            "euc-kr"  # Hangul alone; Chinese text would be common characters here as well, but never so many
        )
    if best and scores[best] > 0.5:
        return best
    return _by_letters(sample)


def _around_what_is_foreign(head: bytes) -> bytes:
    """Whole lines of the text that are not pure ASCII: in most tables these are few."""
    lines = [line for line in head[: 16 * _SAMPLE].split(b"\n")[:-1] or [head] if not line.isascii()]
    return b"\n".join(lines)[:_SAMPLE]


def _likeness(sample: bytes, encoding: str) -> float:
    """How much of what is not ASCII would be ordinary characters in that encoding, from 0 to 1."""
    text = sample.decode(encoding, "ignore")
    foreign = [letter for letter in text if ord(letter) > 127]
    if not foreign:
        return 0.0
    return sum(_commonness(letter, encoding) for letter in foreign) / len(foreign)


def _commonness(letter: str, encoding: str) -> float:
    code = ord(letter)
    if 0x3040 <= code <= 0x30FF:  # kana
        return 1.0 if encoding in {"shift_jis", "euc-jp"} else 0.2
    if 0xAC00 <= code <= 0xD7A3:  # Hangul
        return 1.0 if encoding == "euc-kr" else 0.0
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF60:  # punctuation and full-width letters
        return 0.8
    if 0x4E00 <= code <= 0x9FFF:
        return _commonness_of_han(letter, encoding)
    return 0.0


def _commonness_of_han(letter: str, encoding: str) -> float:
    """Both GBK and Big5 order their characters: those in use stand first, the rare ones behind. What was
    written in the one is read in the other as characters from everywhere.
    """
    if encoding in {"shift_jis", "euc-jp", "euc-kr"}:
        return 0.7
    try:
        first, *rest = letter.encode(encoding)
    except UnicodeEncodeError:
        return 0.0
    if encoding == "big5":
        return 1.0 if 0xA4 <= first <= 0xC6 else 0.1
    return 1.0 if 0xB0 <= first <= 0xD7 and rest and rest[0] >= 0xA1 else 0.1


def _by_letters(sample: bytes) -> str:
    """Which alphabet of single bytes: Cyrillic where words consist of such letters, else the Western one,
    where they stand among ASCII ones.
    """
    foreign = sum(byte >= 0xC0 for byte in sample)
    ascii_letters = sum(chr(byte).isalpha() for byte in sample if byte < 128)
    if foreign > 8 and foreign > ascii_letters and decodes(sample, "cp1251"):
        return "cp1251"
    return "cp1252" if decodes(sample, "cp1252") else "latin-1"


class Utf8Decoder:
    """Turns a text that comes in pieces into UTF-8 without a mark."""

    def __init__(self, encoding: str) -> None:
        self._plain = encoding in {"utf-8", "utf-8-sig"}
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if self._plain else encoding)()
        self._begun = False

    def decode(self, piece: bytes, last: bool = False) -> bytes:
        """The next piece, as far as it is whole characters. Raises `UnicodeDecodeError`."""
        if self._plain and self._begun and piece.isascii() and not self._decoder.getstate()[0]:
            return piece  # by far the most: nothing is to be done
        text = self._decoder.decode(piece, last)
        self._begun = self._begun or bool(text)
        return text.encode("utf-8", "replace")


def not_of(path: Path, encoding: str, line: int, error: UnicodeDecodeError) -> Trouble:
    """Bytes that have no meaning in that encoding: what they are, and where in a text that was read until
    that line.
    """
    before = bytes(error.object[: error.start]).decode(encoding, "ignore")
    return Trouble(
        "{path}, line {line}: text in {encoding} was expected, but the bytes {found} mean nothing there. "
        "Choose another encoding, or save the file as UTF-8.",
        path=str(path),
        line=line + before.count("\n"),
        encoding=encoding.upper(),
        found=bytes(error.object[error.start : error.start + 4]).hex(" "),
    )
