"""In which lines two texts differ. Without Qt."""

from __future__ import annotations

from collections.abc import Sequence

AHEAD = 24
"""Lines that are looked through, in both texts together, for the place where they agree again."""


def changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Stretches from the first to the last: `old[a:b]` became `new[c:d]` for each (a, b, c, d).

    Exact, but not the shortest: where the texts do not agree again soon, all up to their common end counts as
    one stretch. So it takes as long as the texts are, whatever they hold.
    """
    same = 0
    while same < min(len(old), len(new)) and old[-1 - same] == new[-1 - same]:
        same += 1
    old, new = old[: len(old) - same], new[: len(new) - same]
    found = []
    a = c = 0
    while a < len(old) or c < len(new):
        if a < len(old) and c < len(new) and old[a] == new[c]:
            a, c = a + 1, c + 1
            continue
        b, d = _agreeing(old, new, a, c)
        found.append((a, b, c, d))
        a, c = b, d
    return found


def _agreeing(old: Sequence[str], new: Sequence[str], a: int, c: int) -> tuple[int, int]:
    """The nearest lines after `a` and `c` at which two lines running agree."""
    for both in range(1, AHEAD + 1):
        for more in range(both + 1):
            b, d = a + both - more, c + more
            if b + 2 <= len(old) and d + 2 <= len(new) and old[b : b + 2] == new[d : d + 2]:
                return b, d
    return len(old), len(new)
