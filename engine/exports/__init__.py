"""Trained networks leave here, each file opened again in its own runtime and compared before it counts.

Nothing here imports torch until an export begins.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.exports.formats import FORMATS, Format, format_of
from engine.exports.job import Export
from engine.exports.proof import Proof
from engine.exports.staging import clear, install, resolved, staging_folder
from engine.message import Message
from engine.runs.record import Record

__all__ = ["FORMATS", "Export", "Format", "Proof", "export", "format_of", "start"]


def export(
    record: Record,
    path: Path | str,
    progress: Callable[[float, Message], None] = lambda fraction, message: None,
) -> Proof:
    """Write a run's network with its kept weights to a file; the ending says in which form.

    All files appear at once, after they were opened again and compared; beside them stands `NAME.proof.json`.
    Raises `Trouble` and writes nothing where that fails.
    """
    from engine.exports.make import make

    format = format_of(Path(path))
    path = resolved(Path(path), format)
    folder = staging_folder(record.folder, path, format)
    try:
        proof = make(record, format, folder, path, progress)
        install(folder, path, format)
    finally:
        clear(folder)
    return proof


def start(folder: Path | str, path: Path | str) -> Export:
    """The same for the run in a folder, aside in a process of its own.

    Raises `Trouble` at once where no such file can be written there; what goes wrong later comes out of
    `result()`.
    """
    return Export(Path(folder), Path(path))
