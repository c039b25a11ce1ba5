"""One export from start to end: read the run, write the files, open them again, compare."""

from __future__ import annotations

import importlib
import os
import time
from pathlib import Path
from typing import Protocol

from attrs import evolve

from engine.exports.formats import Format, proof_name
from engine.exports.model import Model, read
from engine.exports.proof import Progress, Proof, Reopened, compare, speed
from engine.exports.reasons import first_words, reason
from engine.exports.trace import Attempt, culprit
from engine.files.atomic import os_errors_in_words
from engine.message import Message, Trouble
from engine.runs.record import Record


class Page(Protocol):
    """What the page of a format offers. Those that trace a network also offer `attempt`, for one layer."""

    def write(self, model: Model, folder: Path, name: str) -> None:
        """Write the files of an export into a folder of its own."""

    def reopen(self, model: Model, folder: Path, name: str) -> Reopened:
        """Open them again in a runtime of their own."""


def make(record: Record, format: Format, folder: Path, path: Path, progress: Progress) -> Proof:
    """Fill a folder with all files of an export, under the names they are to have beside `path`.

    Raises `Trouble` where the run has no weights, where the format cannot take a layer (which is named),
    where the numbers differ, or where the disk is full. The folder is then to be thrown away.
    """
    began = time.perf_counter()
    progress(0.0, Message("Reading the run"))
    model = read(record)
    page: Page = importlib.import_module(f"engine.exports.{format.page}")
    name = path.name
    progress(0.1, Message("Writing {file}", file=name))
    with os_errors_in_words(path):
        reopened = _written(model, page, format, folder, name, progress)

        def say(share: float) -> None:
            progress(0.7 + 0.25 * share, Message("Comparing with the network"))

        proof = compare(name, model.samples, model.live, reopened, say)
        caution = " ".join(str(one) for one in (record.caution, model.caution) if one is not None)
        proof = evolve(
            proof,
            speed=speed(model.samples, model.live, reopened),
            caution=caution,
            made_up=model.prepared.gone is not None,
        )
        (folder / proof_name(name)).write_text(proof.text(), encoding="utf-8", newline="\n")
        for file in format.files(name):
            _to_disk(folder / file)
    progress(1.0, Message("Written and compared"))
    return evolve(proof, seconds=time.perf_counter() - began)


def _written(
    model: Model, page: Page, format: Format, folder: Path, name: str, progress: Progress
) -> Reopened:
    try:
        page.write(model, folder, name)
        progress(0.6, Message("Opening {file} again", file=name))
        reopened = page.reopen(model, folder, name)
        if reopened.timed:  # some files open and then do not run: the first answer belongs to opening
            reopened.answers([tuple(column[:1] for column in model.samples)])
        return reopened
    except (Trouble, OSError):
        raise
    except Exception as error:  # whatever an exporter or a runtime raises is its answer
        raise _refused(model, page, format, error) from error


def _refused(model: Model, page: Page, format: Format, error: Exception) -> Trouble:
    """Name the layer that the format cannot take, if there is one."""
    attempt: Attempt | None = getattr(page, "attempt", None)
    found = culprit(model, attempt, error) if attempt is not None else None
    if found is not None:
        node, own = found
        return Trouble(
            "The layer {name} ({kind}) cannot be written to {ending}: {reason}. "
            "Choose another format, or replace the layer.",
            name=node.name,
            kind=node.kind.label(),
            ending=format.ending,
            reason=reason(node, model.analysis.nodes[node.id], own),
        )
    return Trouble(
        "The network cannot be written to {ending}: {reason}. Choose another format.",
        ending=format.ending,
        reason=first_words(error),
    )


def _to_disk(file: Path) -> None:
    with open(file, "rb+") as opened:
        os.fsync(opened.fileno())
