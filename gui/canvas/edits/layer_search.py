"""What the search offers: every layer, how it matches, and what would come out of it. Without Qt widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from engine import kinds
from engine.kinds import FAMILIES, Layer
from engine.kinds.shapes import Shape
from engine.message import Message
from engine.templates import neighbours
from gui.text.fuzzy import EXACT, Match, Searchable, ranked
from gui.text.words import words

Outcome = Callable[[Layer], Shape | Message | None]


@frozen
class Candidate:
    """One line of the search."""

    kind: Layer
    match: Match
    outcome: Shape | Message | None

    @property
    def fits(self) -> bool:
        """Whether it could stand there, as far as is known."""
        return not isinstance(self.outcome, Message)


def entries() -> tuple[tuple[Layer, Searchable], ...]:
    """Every kind, with what a search compares. Made anew only where plug-ins brought others."""
    return _entries(tuple(kinds.registry(Layer).values()))


@lru_cache(maxsize=1)
def _entries(layers: tuple[type[Layer], ...]) -> tuple[tuple[Layer, Searchable], ...]:
    return tuple((cls(), _entry(cls())) for cls in layers)


def _entry(kind: Layer) -> Searchable:
    family = words(FAMILIES[kind.family].title) if kind.family in FAMILIES else ""
    text = " ".join([kind.search, kind.hint, family])
    return Searchable(kind.label(), text, f"{kind.doc()} {kind.use}")


def candidates(
    query: str, outcome: Outcome, own: Iterable[Layer] = (), usual: Mapping[str, int] | None = None
) -> Sequence[Candidate]:
    """What matches, best first; what does not fit comes last, unless it was called by its whole name.

    `own` are layers that only this project has: its blocks, and the ends of the one that is open. `usual`
    tells how usual kinds are there, by their stem: of what matches equally well the most usual comes first,
    then `own`, then what stands there in none of our networks.
    """
    usual = usual or {}
    anywhere = neighbours.anywhere()

    def rarity(entry: tuple[Layer, Searchable]) -> tuple[int, int]:
        cls = type(entry[0])
        return -usual.get(neighbours.stem(cls), 0), -anywhere.get(cls.__name__, 0)

    known = sorted(entries(), key=rarity)
    number = sum(neighbours.stem(type(kind)) in usual for kind, _ in known)
    every = (*known[:number], *((kind, _entry(kind)) for kind in own), *known[number:])
    matching = [Candidate(kind, match, outcome(kind)) for kind, match in ranked(query, every)]
    return sorted(matching, key=lambda candidate: not candidate.fits and candidate.match.score < EXACT)
