"""What a template is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import frozen

from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch

FACTS = files("assets") / "templates" / "facts.json"


@frozen
class Template:
    """A network to begin with: its name on the command line, title, one line about it, and its data.

    `reached` says how it did on the test part of its data, the median of three seeds, where there is
    something to learn. A famous one has the `year` in which it was published. The large ones have data of
    fitting shape that is made up.
    """

    id: str
    title: str
    line: str
    data_label: str
    draw: Callable[[Sketch], None]
    source: Source
    recipe: Recipe
    reached: str = ""
    year: int = 0

    def project(self) -> Project:
        """The project, laid out, equal every time."""
        sketch = Sketch(self.title, DataSettings(source=self.source), self.recipe)
        self.draw(sketch)
        return sketch.project()

    @property
    def facts(self) -> Mapping[str, int]:
        """Layers, those within blocks each time they are used, parameters and multiply-adds."""
        return _facts()[self.id]


@cache
def _facts() -> dict[str, dict[str, int]]:
    facts: dict[str, dict[str, Any]] = json.loads(FACTS.read_text(encoding="utf-8"))
    return facts
