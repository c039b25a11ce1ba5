"""The project: a network, the data it learns from and how it is trained. A value, never changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from attrs import frozen

from engine import kinds
from engine.data.settings import DataSettings
from engine.kinds.shapes import Shape
from engine.project.graph import Graph
from engine.project.recipe import Recipe


@frozen
class Project:
    """All that a person makes: the network, the data it learns from, and how it is trained."""

    graph: Graph
    data: DataSettings
    recipe: Recipe

    @property
    def network(self) -> dict[str, Any]:
        """What the network computes, as plain JSON: layers, wires and the blocks that they use."""
        blocks = {name: block.essence for name, block in self.graph.blocks.items()}
        return {**self.graph.essence, **({"blocks": blocks} if blocks else {})}

    @property
    def fingerprint(self) -> str:
        """A name for what is computed: the same for two projects that differ only in places on the canvas."""
        content = {
            **self.network,
            "data": kinds.values_to_json(self.data),
            "recipe": kinds.values_to_json(self.recipe),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


@frozen
class Inside(Project):
    """The inside of a block where it is used, as a project of its own: what arrives at its Entries is
    `given`, by their ids.
    """

    given: tuple[tuple[str, Shape | None], ...] = ()
