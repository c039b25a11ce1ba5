"""Modules that kinds bring as text, as PyTorch has none such: which of them a network needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.analysis.block_results import BlockModule
from engine.analysis.results import NodeResult
from engine.kinds.code import Call


def texts(found: Iterable[NodeResult]) -> tuple[str, ...]:
    """The texts that these nodes need, those inside blocks too, each once."""
    return tuple(dict.fromkeys(_texts(found, set())))


def _texts(found: Iterable[NodeResult], seen: set[int]) -> Iterator[str]:
    for one in found:
        make = one.facts.code.make if one.facts.code is not None and not one.facts.unused else None
        if isinstance(make, Call) and make.text:
            yield make.text
        elif isinstance(make, BlockModule):
            for turn in make.repetitions:
                if id(turn) not in seen:
                    seen.add(id(turn))
                    yield from _texts(turn.results.values(), seen)
