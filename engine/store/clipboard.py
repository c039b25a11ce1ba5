"""Copied layers as text: what the clipboard holds and what is dragged from window to window. It has the form
of a small project file without data and recipe, so a whole project can be pasted as well.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.project.graph import Graph
from engine.store.graph_json import graph_from_json, graph_to_json
from engine.store.json_text import FORMAT, parse, pretty


def to_text(graph: Graph, ids: Iterable[str]) -> str:
    """Some layers and the wires among them as text, to be pasted here, in another window or in a message."""
    return pretty({"format": FORMAT, **graph_to_json(graph.subgraph(ids))})


def from_text(text: str) -> Graph:
    """The layers in a text: copied ones, or a whole project. Raises `Trouble`."""
    return graph_from_json(parse(text, "the clipboard"))
