"""The names of a network's nodes: whose each is, and which are still to be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.kinds import BlockEnd, Layer


class NodeNames:
    """Which node has which name. A name belongs to one node, since the code and the saved weights use it.

    Those of a graph are never changed: who gives names takes a copy.
    """

    def __init__(self, owners: Mapping[str, str]) -> None:
        self._owners = dict(owners)
        self._full: dict[
            str, int
        ] = {}  # stem -> all numbers up to this one are taken; what is not here is unknown

    def __contains__(self, name: str) -> bool:
        return name in self._owners

    def owner(self, name: str) -> str | None:
        """The id of the node that is called so, or None."""
        return self._owners.get(name)

    def free(self, kind: Layer) -> str:
        """A name after the kind's stem that no node has: `conv1`, `conv2` …"""
        stem = kind.stem
        if isinstance(kind, BlockEnd) and stem not in self._owners:
            return stem  # the only input of a block needs no number
        number = self._full.get(stem, 0) + 1
        while f"{stem}{number}" in self._owners:
            number += 1
        self._full[stem] = number - 1  # so that the thousandth of a kind is not counted from one again
        return f"{stem}{number}"

    def give(self, name: str, id: str) -> None:
        """Let a node be called so."""
        self._owners[name] = id

    def take_away(self, names: Iterable[str]) -> None:
        """Let nobody be called so any longer."""
        for name in names:
            self._owners.pop(name, None)
            self._full.clear()  # a number lower than those may be free now

    def copy(self) -> NodeNames:
        """The same names, to be changed."""
        copy = NodeNames(self._owners)
        copy._full = dict(self._full)
        return copy
