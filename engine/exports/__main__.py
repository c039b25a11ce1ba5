"""The child process of an export: `python -m engine.exports RUN FOLDER PATH`.

It fills FOLDER with the files that are to stand at PATH and tells what it does as JSON lines. When its input
ends, whoever asked for the export is gone: then it clears up and ends too.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from engine.exports.formats import format_of
from engine.exports.job import message_json
from engine.exports.reasons import first_words
from engine.exports.staging import clear
from engine.hardware.device import usable_cores
from engine.message import Message, Trouble
from engine.plugins import loading, trial
from engine.runs.record import Record


def main(arguments: list[str]) -> int:
    """Make one export; the exit status is 0 where it went well."""
    run, folder, path = map(Path, arguments)
    threading.Thread(target=_wait_for_the_end, args=(folder,), daemon=True).start()
    lines = _own_output()

    def report(**values: Any) -> None:
        lines.write(json.dumps(values).encode() + b"\n")
        lines.flush()

    def progress(fraction: float, message: Message) -> None:
        report(fraction=fraction, message=message_json(message))

    try:
        progress(0.0, Message("Reading the run"))
        loading.load(tried=trial.tried)
        record = Record(run)
        record.project  # noqa: B018  (a record that cannot be read is refused before torch is imported)
        import torch

        from engine.exports.make import make

        torch.set_num_threads(max(1, usable_cores() // 2))  # the window, or a training in it, has the rest
        proof = make(
            record,
            format_of(path),
            folder,
            path,
            progress,
        )
    except Exception as error:  # the child's last word must be a sentence, whatever happened
        report(trouble=message_json(_sentence(error)))
        return 1
    report(proof=proof.json())
    return 0


def _sentence(error: Exception) -> Message:
    if isinstance(error, Trouble):
        return error.message
    return Message(
        "The export failed ({kind}: {reason}). Nothing was written. Choose another format.",
        kind=type(error).__name__,
        reason=first_words(error),
    )


def _own_output() -> BinaryIO:
    """The standard output for this page alone; whatever libraries print goes nowhere."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return own


def _wait_for_the_end(folder: Path) -> None:
    while os.read(0, 4096):  # not through sys.stdin, whose lock would be held when Python ends
        pass
    clear(folder)
    if sys.platform != "win32":
        os.killpg(os.getpgid(0), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
