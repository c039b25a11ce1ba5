"""Modules that kinds bring as text, as PyTorch has none such: which of them a network needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.analysis.block_results import BlockModule
from engine.analysis.results import NodeResult
from engine.kinds.code import Call


def texts(results: Iterable[NodeResult]) -> tuple[str, ...]:
    """The texts that these nodes need, those inside blocks too, each once."""
    return tuple(dict.fromkeys(_texts(results, set())))


def _texts(results: Iterable[NodeResult], seen: set[int]) -> Iterator[str]:
    for result in results:
        code = result.facts.code if not result.facts.unused else None
        make = code.make if code is not None else None
        if code is not None:
            yield from code.texts
        if isinstance(make, Call) and make.text:
            yield make.text
        elif isinstance(make, BlockModule):
            for repetition in make.repetitions:
                if id(repetition) not in seen:
                    seen.add(id(repetition))
                    yield from _texts(repetition.results.values(), seen)
