"""The arithmetic of a window that slides over the positions of a map: convolution, pooling, unfolding."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from engine.kinds.objections import KERNEL_TOO_LARGE, Objection

Size = int | tuple[int, ...]
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def each(size: Size, axes: int) -> tuple[int, ...]:
    """A size as one number for every axis."""
    return (size,) * axes if isinstance(size, int) else size


def joined(size: Size | str, axes: int) -> str:
    """A size as a person reads it: `3×3`."""
    return size if isinstance(size, str) else "×".join(map(str, each(size, axes)))


def nearest_divisors(number: int, wanted: int, most: int = 3) -> list[int]:
    """Whole numbers that divide `number`, the nearest to `wanted` first; of two as near, the larger."""
    divisors: list[int] = []
    for distance in range(wanted):
        for candidate in dict.fromkeys((wanted + distance, wanted - distance)):
            if number % candidate == 0:
                divisors.append(candidate)
        if len(divisors) >= most:
            break
    return divisors[:most]


def one(sizes: tuple[int, ...]) -> Size:
    """Equal numbers as one number, the way a setting keeps them."""
    return sizes[0] if len(set(sizes)) == 1 else sizes


@frozen
class Windows:
    """Windows over the axes of a map, given for each axis: size, step, zeros added at both ends, gaps between
    taps.

    `ceil` lets a last window stick out at the end, as long as it begins inside.
    """

    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ceil: bool = False

    def reach(self, axis: int) -> int:
        """How many positions a window spans from its first to its last tap."""
        return self.dilation[axis] * (self.kernel[axis] - 1) + 1

    def room(self, axis: int) -> int:
        """How many positions there are, the padding included."""
        return self.sizes[axis] + 2 * self.padding[axis]

    def count(self, axis: int) -> int:
        """How many places the window takes along an axis; below 1 where it does not fit."""
        return self.reckoned(axis)[0]

    def reckoned(self, axis: int) -> tuple[int, str]:
        """That number, and how it comes about: `⌊(14 + 2·1 − 1·(3−1) − 1) / 1⌋ + 1 = 14`."""
        n, k, s = self.sizes[axis], self.kernel[axis], self.stride[axis]
        p, d = self.padding[axis], self.dilation[axis]
        free, text = n + 2 * p - d * (k - 1) - 1, f"({n} + 2·{p} − {d}·({k}−1) − 1) / {s}"
        if not self.ceil:
            steps, text = free // s, f"⌊{text}⌋"
        else:
            steps, text = -(-free // s), f"⌈{text}⌉"
            inside = (n + p - 1) // s  # so many steps lead to windows that begin on the map
            if inside < steps:
                steps, text = inside, f"min({text}, ⌊({n} + {p} − 1) / {s}⌋)"
        return steps + 1, f"{text} + 1 = {steps + 1}"

    @property
    def counts(self) -> tuple[int, ...]:
        """How many places the window takes along each axis."""
        return tuple(self.count(axis) for axis in range(len(self.sizes)))

    def objections(self, *names: str) -> Iterator[Objection]:
        """A window that does not fit into the map, with the largest one that would. `names` are the settings
        that may be changed for it: `kernel_size`, `padding`.
        """
        axes = range(len(self.sizes))
        narrow = [axis for axis in axes if self.count(axis) < 1]
        if not narrow:
            return
        axis = narrow[0]
        fits = tuple(max(1, min(self.kernel[a], (self.room(a) - 1) // self.dilation[a] + 1)) for a in axes)
        pads = tuple(max(self.padding[a], -(-(self.reach(a) - self.sizes[a]) // 2)) for a in axes)
        cures = {"kernel_size": one(fits), "padding": one(pads)}
        yield KERNEL_TOO_LARGE(
            name=AXES[len(self.sizes)][axis],
            need=self.reach(axis),
            room=self.room(axis),
            size=self.sizes[axis],
            pad=self.padding[axis],
            settings=tuple((name, cures[name]) for name in names),
        )

    def sizing(self) -> str:
        """How the counts come about, one line for each different axis."""
        return "\n".join(dict.fromkeys(self.reckoned(axis)[1] for axis in range(len(self.sizes))))
