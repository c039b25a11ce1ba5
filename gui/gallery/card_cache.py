"""What the gallery shows of each template, kept in a file: its first picture needs nothing of the engine.

A test holds the file equal to the templates; `python -m gui.gallery.card_cache` writes it anew.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gui.canvas.geometry.outline import NetworkOutline, outline

FILE = Path(__file__).parents[2] / "assets" / "templates" / "cards.json"


class TemplateCard(NamedTuple):
    """A template as its card shows it. A famous network has the `year` in which it was published."""

    id: str
    title: str
    line: str
    data_label: str
    layers: int
    parameters: int
    reached: str
    year: int
    outline: NetworkOutline


@cache
def template_cards() -> tuple[TemplateCard, ...]:
    """One for each template, in their order."""
    cards = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        TemplateCard(**{**one, "outline": NetworkOutline.from_json(one["outline"])}) for one in cards
    )


def measured() -> list[dict[str, Any]]:
    """The cards of all templates, made anew, as plain JSON."""
    from engine.templates import famous, templates

    cards = []
    for one in (*templates(), *famous()):
        cards.append(
            {
                "id": one.id,
                "title": one.title,
                "line": one.line,
                "data_label": one.data_label,
                "layers": one.facts["layers"],
                "parameters": one.facts["parameters"],
                "reached": one.reached,
                "year": one.year,
                "outline": outline(one.project().graph).json(),
            }
        )
    return cards


if __name__ == "__main__":
    text = ",\n".join(json.dumps(card, ensure_ascii=False) for card in measured())
    FILE.write_text(f"[\n{text}\n]\n", encoding="utf-8")
