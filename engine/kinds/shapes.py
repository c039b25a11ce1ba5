"""Shapes with a symbolic batch, and the patterns by which a layer says what it accepts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from math import prod
from typing import Literal

from attrs import frozen

Dtype = Literal["float", "int", "bool", "complex"]


@frozen
class Batch:
    """A size that depends on the number of samples N: `times * N + plus`."""

    times: int = 1
    plus: int = 0

    def __str__(self) -> str:
        text = "N" if self.times == 1 else f"{self.times}N"
        return text + (f"{self.plus:+d}" if self.plus else "")

    def at(self, samples: int) -> int:
        """The size for a batch of that many samples."""
        return self.times * samples + self.plus


N = Batch()
Dim = int | Batch


@frozen(cache_hash=True)
class Shape:
    """The sizes along each axis of a tensor, first axis first, and what its numbers are."""

    dims: tuple[Dim, ...]
    dtype: Dtype = "float"

    def __str__(self) -> str:
        return "×".join(map(str, self.dims)) if self.dims else "one number"

    def json(self) -> list[int | str]:
        """Sizes as a list, with `"N"` for the batch."""
        return [dim if isinstance(dim, int) else str(dim) for dim in self.dims]

    def at(self, samples: int) -> tuple[int, ...]:
        """The sizes for a batch of that many samples."""
        return tuple(dim if isinstance(dim, int) else dim.at(samples) for dim in self.dims)

    @property
    def batched(self) -> bool:
        """Whether the first axis, and no other, is the batch."""
        return bool(self.dims) and self.dims[0] == N and all(isinstance(dim, int) for dim in self.dims[1:])

    @property
    def sample(self) -> tuple[int, ...]:
        """The sizes of one sample: every axis but the batch."""
        return tuple(dim for dim in self.dims if isinstance(dim, int))

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return prod(self.sample)


def per_sample(*dims: int, dtype: Dtype = "float") -> Shape:
    """The shape of a batch of samples, each of the given sizes."""
    return Shape((N, *dims), dtype)


def fit(
    first: tuple[int, ...], second: tuple[int, ...], sizes: tuple[int, int], dtype: Dtype
) -> Shape | None:
    """The symbolic shape that has the two given forms at two batch sizes, or None where no line a·N+b with
    whole a fits.

    This is how the batch stays symbolic although PyTorch only knows numbers.
    """
    if len(first) != len(second):
        return None
    dims: list[Dim] = []
    for one, two in zip(first, second, strict=True):
        if one == two:
            dims.append(one)
            continue
        times, rest = divmod(two - one, sizes[1] - sizes[0])
        if rest:
            return None
        dims.append(Batch(times, one - times * sizes[0]))
    return Shape(tuple(dims), dtype)


@frozen
class Pattern:
    """What shapes a port accepts: `N C H W` is four named axes, `N * F` any number of axes between two named
    ones.

    `N C L?` is `N C` or `N C L`.
    """

    text: str

    def __str__(self) -> str:
        words = {"*": "…", "F": "features", "T": "steps", "S": "steps"}
        return " or ".join(
            "×".join(words.get(token, token) for token in text.split()) for text in _readings(self.text)
        )

    def match(self, shape: Shape) -> Mapping[str, int] | None:
        """The named sizes of one sample, or None where the shape does not fit. `N` must be the batch
        itself.
        """
        for text in _readings(self.text):
            sizes = _match(text, shape)
            if sizes is not None:
                return sizes
        return None

    @property
    def rank(self) -> int | None:
        """The number of axes, or None where several numbers are taken."""
        return None if {"*", "?"} & set(self.text) else len(self.text.split())


@cache
def _readings(text: str) -> tuple[str, ...]:
    """`N C L?` as `N C` and `N C L`. Only the last axis may be optional."""
    if not text.endswith("?"):
        return (text,)
    return (text.rpartition(" ")[0], text[:-1])


@lru_cache(maxsize=65536)
def _match(text: str, shape: Shape) -> Mapping[str, int] | None:
    tokens = re.split(r"\s+", text.strip())
    dims = list(shape.dims)
    if "*" in tokens:
        star = tokens.index("*")
        tail = len(tokens) - star - 1
        if len(dims) < star + tail:
            return None
        dims = dims[:star] + dims[len(dims) - tail :]
        tokens = tokens[:star] + tokens[star + 1 :]
    if len(dims) != len(tokens):
        return None
    sizes: dict[str, int] = {}
    for token, dim in zip(tokens, dims, strict=True):
        if token == "N":
            if dim != N:
                return None
        elif not isinstance(dim, int):
            return None
        else:
            sizes[token] = dim
    return sizes
