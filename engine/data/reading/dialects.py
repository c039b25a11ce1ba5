"""How a table of text is written: what separates its fields, whether quotation marks enclose them, what
stands before decimals, and whether its first row holds names.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import Counter
from typing import Any

from attrs import evolve, frozen

from engine.data.reading.tabular import MISSING, TableFormat

SEPARATORS = (",", ";", "\t", "|")
_ROWS = 1000
_DECLARED = re.compile(r"sep=(.)\r?\n?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_DECIMAL_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?")
_VALUE = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?%?|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([T ][\d:.]+Z?)?")

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a field may be a whole text; blocks are bounded already


@frozen
class Dialect:
    """A format whose fields are all known, the names in the first row as they stand there, how many columns
    there are, and how many lines stand before the first record: one where a spreadsheet declares its
    separator.
    """

    format: TableFormat
    names: tuple[str, ...]
    columns: int
    before: int


def dialect_of(text: str, wanted: TableFormat, whole: bool = True) -> Dialect:
    """How a table of text is written, by its beginning."""
    declared = _DECLARED.match(text)
    before = 1 if (declared and "\n" in text) or (declared and len(text) == declared.end()) else 0
    body = text[declared.end() :] if declared and before else text
    if not whole:
        body = body[: body.rfind("\n") + 1] or body
    separator = wanted.separator or (declared[1] if declared and before else "")
    quoted, rows, separator = _best(body, separator, wanted.quoted)
    decimal = wanted.decimal or _decimal(rows, separator)
    header = has_header(rows) if wanted.header is None else wanted.header
    columns = _width(rows, header)
    names = _padded(rows[0], columns) if header and rows else ()
    known = evolve(wanted, separator=separator, decimal=decimal, header=header, quoted=quoted)
    return Dialect(known, tuple(names), columns, before)


def _best(body: str, separator: str, quoted: bool | None) -> tuple[bool, list[list[str]], str]:
    """The separator, and whether fields are quoted, with which the rows are most alike."""
    found: list[tuple[float, int, bool, list[list[str]], str]] = []
    for one in (separator,) if separator else SEPARATORS:
        marks = _quoted(body, one) if quoted is None else quoted
        rows = rows_of(body, one, marks)
        widths = Counter(map(len, rows))
        width, times = widths.most_common(1)[0] if widths else (0, 0)
        share = times / len(rows) if rows else 0.0
        found.append((share if width > 1 else 0.0, width, marks, rows, one))
    best = max(found, key=lambda one: (round(one[0], 1), one[1]))
    return best[2], best[3], best[4]


def _quoted(body: str, separator: str) -> bool:
    """Whether quotation marks enclose fields: some stands where a field begins. Where there is none yet,
    later ones are expected to.
    """
    return '"' not in body or bool(re.search(rf'(^|[\n{re.escape(separator)}])"', body))


def rows_of(body: str, separator: str, quoted: bool, most: int = _ROWS) -> list[list[str]]:
    """The first rows of a table as lists of fields, empty lines left out."""
    found: list[list[str]] = []
    for row in csv_rows(io.StringIO(body, newline=""), separator, quoted):
        if row:
            found.append(row)
        if len(found) >= most:
            break
    return found


def csv_rows(text: io.TextIOBase, separator: str, quoted: bool) -> Any:
    """The rows of a text one by one; `line_num` tells how many lines were taken."""
    if quoted:
        return csv.reader(text, delimiter=separator)
    return csv.reader(text, delimiter=separator, quoting=csv.QUOTE_NONE)


def _width(rows: list[list[str]], header: bool) -> int:
    """How many columns there are: as many as most rows have, and no fewer than there are names."""
    body = rows[1:] if header else rows
    most = Counter(map(len, body)).most_common(1)
    width = most[0][0] if most else 0
    return max(width, len(_trimmed(rows[0]))) if header and rows else width


def _trimmed(names: list[str]) -> list[str]:
    """Without empty names at the end: spreadsheets write separators behind the last column."""
    end = len(names)
    while end and not names[end - 1].strip():
        end -= 1
    return names[:end]


def _padded(names: list[str], columns: int) -> list[str]:
    """One name a column. A table of R names its columns but not the first, which holds the names of rows."""
    if len(names) == columns - 1:
        return ["", *names]
    return [*names, *[""] * (columns - len(names))][:columns]


def _decimal(rows: list[list[str]], separator: str) -> str:
    """The comma where numbers have decimals behind one, in a table whose fields it does not separate."""
    if separator == ",":
        fields = [field for row in rows for field in row if "," in field]
        certain = [
            one
            for one in fields
            if _DECIMAL_COMMA.fullmatch(one.strip()) and not _GROUPED.fullmatch(one.strip())
        ]
        pointed = any(_DECIMAL_POINT.fullmatch(field.strip()) for row in rows for field in row)
        return "," if certain and not pointed else "."
    commas = points = grouped = 0
    for row in rows:
        for field in row:
            word = field.strip()
            if "," in word and _DECIMAL_COMMA.fullmatch(word):
                commas += 1
                grouped += _GROUPED.fullmatch(word) is not None
            elif "." in word and _DECIMAL_POINT.fullmatch(word):
                points += 1
    if not commas or points > commas:
        return "."
    return "." if grouped == commas and separator != ";" else ","


def has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns: it holds words where the others hold values, or words only."""
    if not rows:
        return False
    first, others = rows[0], rows[1:]
    if not any(_is_value(field) for field in first):
        return any(field.strip() for field in first)
    for place, field in enumerate(first):
        below = [row[place].strip() for row in others if place < len(row)]
        below = [word for word in below if word not in MISSING]
        if below and field.strip() and not _is_value(field) and all(map(_is_value, below)):
            return True
    return False


def _is_value(field: str) -> bool:
    word = field.strip()
    return bool(word) and _VALUE.fullmatch(word) is not None
