"""The data files that come with the program, and what is said where one is missing or damaged."""

from __future__ import annotations

from pathlib import Path

import assets
from engine.message import Message, Trouble

FOLDER = Path(assets.__file__).parent / "data"


def present(path: Path) -> None:
    """Raise `Trouble` where a data file of the program is missing."""
    if not path.is_file():
        raise Trouble(
            "A data file of the program is missing: expected {path}. "
            "Install the program again, or choose other data.",
            path=str(path),
        )


def broken(path: Path, expected: Message, found: Message | str) -> Trouble:
    """What is said of a data file of the program that is damaged."""
    return Trouble(
        "A data file of the program is damaged: expected {expected} in {path}, received {found}. "
        "Install the program again, or choose other data.",
        expected=expected,
        path=str(path),
        found=found,
    )


def reason(error: Exception) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
