"""What of a recipe can be changed while it is trained by: the rate, how many samples a step takes, when to
stop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from engine.project.recipe import Recipe

RATE = "optimiser.rate"
LIVE = ("epochs", "batch_size", "patience", "least_change", "goal", "minutes")
"""Settings that count from the next step on; the batch size from the next epoch on."""


@frozen
class Change:
    """One setting that was changed, by the name that the command line knows it by."""

    setting: str
    before: Any
    after: Any


def changes(trained: Recipe, wanted: Recipe) -> tuple[Change, ...]:
    """What of another recipe a training can take over while it goes on."""
    found = []
    if type(trained.optimiser) is type(wanted.optimiser):
        found.append(Change(RATE, trained.optimiser.rate, wanted.optimiser.rate))
    for name in LIVE:
        if name == "batch_size" and trained.optimiser.closure:
            continue  # it needs all samples
        found.append(Change(name, getattr(trained, name), getattr(wanted, name)))
    return tuple(one for one in found if one.before != one.after)


def adopted(recipe: Recipe, after: Mapping[str, Any]) -> Recipe:
    """The recipe with these settings. Raises `Illegal`."""
    for name, value in after.items():
        if name == RATE:
            recipe = recipe.with_setting("optimiser", recipe.optimiser.with_setting("rate", value))
        elif name in LIVE:
            recipe = recipe.with_setting(name, value)
    return recipe
