"""In which lines two texts differ. Without Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress, count, islice
from operator import ne

AHEAD = 24
"""Lines that are looked through, in both texts together, for the place where they agree again."""


def changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Stretches from the first to the last: `old[a:b]` became `new[c:d]` for each (a, b, c, d).

    Exact, but not the shortest: where the texts do not agree again soon, all up to their common end counts as
    one stretch. So it takes as long as the texts are, whatever they hold.
    """
    alike = _alike(reversed(old), reversed(new), min(len(old), len(new)))
    old, new = old[: len(old) - alike], new[: len(new) - alike]
    stretches: list[tuple[int, int, int, int]] = []
    a = c = 0
    while True:
        alike = _alike(islice(old, a, None), islice(new, c, None), min(len(old) - a, len(new) - c))
        a, c = a + alike, c + alike
        if a == len(old) and c == len(new):
            return stretches
        b, d = _agreeing(old, new, a, c)
        stretches.append((a, b, c, d))
        a, c = b, d


def _alike(one: Iterable[str], two: Iterable[str], most: int) -> int:
    """How many lines at the beginning of both are the same, `most` where all are."""
    return next(compress(count(), map(ne, one, two)), most)


def _agreeing(old: Sequence[str], new: Sequence[str], a: int, c: int) -> tuple[int, int]:
    """The nearest lines after `a` and `c` at which two lines running agree."""
    for both in range(1, AHEAD + 1):
        for more in range(both + 1):
            b, d = a + both - more, c + more
            if b + 2 <= len(old) and d + 2 <= len(new) and old[b : b + 2] == new[d : d + 2]:
                return b, d
    return len(old), len(new)
