"""The verb that fetches a well-known data set: from a network with its progress, or from a folder."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from pathlib import Path

from engine.cli.output import say
from engine.data.sets import known
from engine.data.sets.known import Known
from engine.message import Message, Trouble


def named(name: str) -> type[Known]:
    """The well-known set of that name. Raises `Trouble` that lists the names."""
    sets = known.known_sets()
    if name not in sets:
        near = get_close_matches(name.lower(), sets, 1)
        raise Trouble(
            "there is no set {name} to fetch{meant}; the sets are {names}",
            name=name,
            meant=Message(" (perhaps {name} is meant)", name=near[0]) if near else "",
            names=", ".join(sets),
        )
    return sets[name]


def get(wanted: type[Known], folder: Path | None, as_json: bool) -> int:
    """Have a set on this machine. Raises `Trouble` where it cannot be fetched."""
    if folder is not None:
        known.take(wanted, folder)
    else:
        known.get(wanted, _Shown(wanted.size()))
    if as_json:
        say(json.dumps({"set": wanted.id, "folder": str(wanted.folder())}, indent=2))
    else:
        say(Message("{title} is in {folder}.", title=wanted.title, folder=str(wanted.folder())))
    return 0


class _Shown:
    """Tells of the progress on the terminal, on one line that is written anew."""

    def __init__(self, size: int) -> None:
        self._size, self._last = size, -1

    def __call__(self, done: int) -> None:
        percent = 100 * done // max(1, self._size)
        if percent != self._last and sys.stderr.isatty():
            end = "\n" if done >= self._size else ""
            print(f"\r{percent:3} % of {self._size / 1e6:,.1f} MB", end=end, file=sys.stderr, flush=True)
        self._last = percent
