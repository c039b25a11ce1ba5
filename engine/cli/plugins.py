"""What the command line says of plug-ins: which there are, what is wrong, how a file does on trial."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.message import Message
from engine.plugins import loading


def load() -> None:
    """List the kinds of a person's own with ours. What is wrong with their files stops nothing."""
    for fault in loading.load().faults:
        print(Message("plug-in {fault}", fault=fault), file=sys.stderr)


def listed(as_json: bool) -> int:
    """Print the plug-ins and what is wrong with them. Gives the exit code: 1 where anything is."""
    found = loading.load()
    if as_json:
        print(json.dumps(loading.to_json(found), indent=2))
        return 1 if found.faults else 0
    if not found.files and not found.faults:
        print(Message("No plug-ins yet. They are Python files in {folder}.", folder=found.folder))
    for file in found.files:
        print(f"{file.name}: {', '.join(kind.__name__ for kind in found.of(file)) or '–'}")
    sys.stdout.flush()
    for fault in found.faults:
        print(fault, file=sys.stderr)
    return 1 if found.faults else 0


def check(path: Path, as_json: bool) -> int:
    """Try every kind of a file and print what is wrong. Gives the exit code: 1 where anything is."""
    from engine.cli import check_plugin

    found = check_plugin.checked(path)
    if as_json:
        print(json.dumps(check_plugin.to_json(found), indent=2))
    else:
        for line in check_plugin.lines(found):
            print(line)
    return 1 if found.faults else 0
