"""Which epoch is better, by the measure that the recipe watches."""

from __future__ import annotations

from engine.metrics.metric import more_is_better
from engine.project.recipe import Recipe


def better(recipe: Recipe, value: float | None, best: float | None) -> bool:
    """Whether a value of what is watched is better than the best one so far, by as much as the recipe wants.
    One that could not be measured never is.
    """
    if value is None:
        return False
    if best is None:
        return True
    gain = value - best if more_is_better(recipe.watch) else best - value
    return gain > recipe.least_change


def reached(recipe: Recipe, value: float | None) -> bool:
    """Whether a value of what is watched is the one that a person wants, or better."""
    if recipe.goal is None or value is None:
        return False
    return value >= recipe.goal if more_is_better(recipe.watch) else value <= recipe.goal
