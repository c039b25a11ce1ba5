"""What the command line says of plug-ins: which there are, what is wrong, how a file does on trial."""

from __future__ import annotations

import json
from pathlib import Path

from engine.cli.output import complain, say, stream
from engine.message import Message
from engine.plugins import loading, trial


def load() -> None:
    """List the kinds of a person's own with ours. What is wrong with their files stops nothing."""
    for fault in loading.load(tried=trial.tried).faults:
        complain(Message("plug-in {fault}", fault=fault))


def listed(as_json: bool) -> int:
    """Print the plug-ins and what is wrong with them. Gives the exit code: 1 where anything is."""
    loaded = loading.load(tried=trial.tried)
    if as_json:
        say(json.dumps(loading.to_json(loaded), indent=2))
        return 1 if loaded.faults else 0
    if not loaded.files and not loaded.faults:
        say(Message("No plug-ins yet. They are Python files in {folder}.", folder=loaded.folder))
    for file in loaded.files:
        say(f"{file.name}: {', '.join(kind.__name__ for kind in loaded.of(file)) or '–'}")
    stream().flush()
    for fault in loaded.faults:
        complain(fault)
    return 1 if loaded.faults else 0


def check(path: Path, as_json: bool) -> int:
    """Try every kind of a file and print what is wrong. Gives the exit code: 1 where anything is."""
    from engine.cli import check_plugin

    trial = check_plugin.check_file(path)
    if as_json:
        say(json.dumps(check_plugin.to_json(trial), indent=2))
    else:
        for line in check_plugin.lines(trial):
            say(line)
    return 1 if trial.faults else 0
