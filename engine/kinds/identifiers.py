"""Names in code: from what a person wrote to what Python allows, each given once."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache

RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "torch", "nn", "F", "x"})
CLASS_RESERVED = frozenset({*keyword.kwlist, *dir(builtins), "F"})


class Names:
    """Gives out identifiers, each once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def give(self, wanted: str, gap: str = "_") -> str:
        """The name itself where it is free, else with a number behind it."""
        name = free(wanted, self._taken, gap)
        self._taken.add(name)
        return name


def free(wanted: str, taken: Container[str], gap: str = "_") -> str:
    """A name that is not taken: the wanted one, else with a number behind it."""
    name, i = wanted, 2
    while name in taken:
        name, i = f"{wanted}{gap}{i}", i + 1
    return name


@lru_cache(maxsize=20_000)
def identifier(name: str, fallback: str = "layer") -> str:
    """A Python identifier as close to the name as ASCII allows: `Größe 2` is `grosse_2` or the like."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.sub(r"\W+", "_", plain).strip("_").lower()[:40]
    if not words:
        words = fallback
    return f"{fallback}_{words}" if words[0].isdigit() else words


def class_identifier(name: str) -> str:
    """A class name: `Digits CNN` is `DigitsCNN`."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    joined = "".join(word[0].upper() + word[1:] for word in words)[:60]
    if not joined or joined[0].isdigit():
        joined = "Network" + joined
    return joined + "Network" if joined in CLASS_RESERVED else joined
