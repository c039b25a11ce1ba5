"""What kind of table a file is: by its first bytes, which know better than its name."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from attrs import evolve

from engine.data.reading.tabular import KINDS, TableFormat
from engine.data.reading.text_blocks import head_of
from engine.message import Message, Trouble

_MAGIC = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "arrow",
    b"SQLite format 3\0": "sqlite",
    b"PK\x03\x04": "excel",
}
_ENDINGS = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".data"), "csv"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
    **dict.fromkeys((".arrow", ".feather", ".ipc"), "arrow"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".ods", ".xls"), "excel"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".sqlite", ".sqlite3", ".db"), "sqlite"),
}
_NO_TABLES = {
    b"\xd0\xcf\x11\xe0": Message("an old Excel file, or one with a password; save it as .xlsx without one"),
    b"%PDF": Message("a PDF; export the table in it as CSV"),
    b"\x28\xb5\x2f\xfd": Message("packed by Zstandard; unpack it first"),
    b"BZh": Message("packed by bzip2; unpack it first"),
    b"\xfd7zXZ": Message("packed by xz; unpack it first"),
    b"7z\xbc\xaf": Message("a 7-Zip archive; unpack it first"),
    b"\x89PNG": Message("a picture; choose a table"),
    b"\xff\xd8\xff": Message("a picture; choose a table"),
    b"\x89HDF": Message("an HDF5 file; read it as arrays"),
    b"version https://git-lfs": Message("a pointer of Git LFS; fetch the file itself with git lfs pull"),
    b"<!DOCTYPE": Message("a web page; download the table itself"),
    b"<html": Message("a web page; download the table itself"),
    b"\x93NUMPY": Message("a NumPy array; read it as arrays"),
}


def kind_of(path: Path, wanted: TableFormat) -> TableFormat:
    """The format with its kind filled. Raises `Trouble` where the file cannot be read or is no table at
    all.
    """
    _refuse_what_cannot_be(wanted)
    head, _ = head_of(path, 65536)
    for magic, what in _NO_TABLES.items():
        if head.startswith(magic):
            raise Trouble("{path} was expected to be a table, but it is {what}.", path=str(path), what=what)
    if re.match(rb"\s*\[\s*[\[{]", head):
        raise Trouble(
            "{path} was expected to be a table, but it is one list of JSON. Write each of its objects in a "
            "line of its own, without commas between them.",
            path=str(path),
        )
    found = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if not found:
        found = "jsonl" if _is_json(head, path) else "csv"
    if wanted.kind in {"csv", "jsonl"} and found in {"csv", "jsonl"}:
        found = wanted.kind
    if wanted.kind and wanted.kind != found:
        raise Trouble(
            "{path} was expected to be a table of kind {wanted}, but it is one of kind {found}. Choose that.",
            path=str(path),
            wanted=wanted.kind,
            found=found,
        )
    return evolve(wanted, kind=found)


def _refuse_what_cannot_be(wanted: TableFormat) -> None:
    """A format may come from a file that somebody wrote by hand."""
    try:
        known = isinstance(codecs.getincrementaldecoder(wanted.encoding or "utf-8")().decode(b"", True), str)
    except (LookupError, TypeError, ValueError):
        known = False
    for name, value, legal, expected in (
        ("kind", wanted.kind, wanted.kind in ("", *KINDS), ", ".join(KINDS)),
        ("decimal sign", wanted.decimal, wanted.decimal in ("", ".", ","), Message("a point or a comma")),
        ("encoding", wanted.encoding, known, Message("one such as utf-8 or gb18030")),
        (
            "separator",
            wanted.separator,
            len(wanted.separator.encode()) <= 1 and wanted.separator not in ('"', "\n", "\r", "\0"),
            Message("one sign such as , or ;"),
        ),
    ):
        if not legal:
            raise Trouble(
                "The {name} of a table was expected to be {expected}, but it is “{value}”. Choose another.",
                name=name,
                expected=expected,
                value=value,
            )


def _is_json(head: bytes, path: Path) -> bool:
    names = [one.lower() for one in path.suffixes]
    if any(_ENDINGS.get(one) == "jsonl" for one in names):
        return True
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b'{"', b"{ ", b"{}", b"{\n"))
