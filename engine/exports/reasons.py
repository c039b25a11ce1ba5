"""Why a format cannot take a layer, in words: what is known of the kind, else what the exporter says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.analysis.results import Facts
from engine.layers.adaptive import AdaptivePooling
from engine.message import Message, shown
from engine.project.graph import Node

_FUNCTION = re.compile(r"aten[.:]+(\w+)")


def reason(node: Node, facts: Facts, error: Exception) -> Message:
    """Why an exporter refuses a layer, by what it raised for that layer alone."""
    kind = node.kind
    if isinstance(kind, AdaptivePooling):
        unequal = kind.unequal(facts.inputs["x"][0])
        if unequal is not None:
            return unequal
    texts = [str(one) for one in _chain(error)]
    if any("Constraints violated" in text for text in texts):
        return Message("what it does depends on how many samples there are")
    functions = [name for text in texts for name in _FUNCTION.findall(text)]
    if functions:
        return Message("the format has no function for PyTorch's {function}", function=functions[0])
    return Message("{words}", words=first_words(error))


def first_words(error: Exception) -> str:
    """The first sentence of what an exporter or a runtime says first of all: what follows is what came of it,
    and advice to its programmers.
    """
    *_, root = _chain(error)
    lines = [shown(line) for line in str(root).splitlines() if line.strip()]
    line = (lines or [type(root).__name__])[0].strip()
    return re.split(r"(?<=[.!?]) ", line)[0].rstrip(".!")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and those that led to it, the first cause last."""
    one: BaseException | None = error
    while one is not None:
        yield one
        one = one.__cause__ or one.__context__
