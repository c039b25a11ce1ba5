"""Points in the plane that are made up: the classical small tasks, whose answer a person sees at a glance."""

from __future__ import annotations

import numpy as np

from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.source import Source
from engine.kinds import declare, param, settings

NAMES = ("x", "y")


@settings
class Toy(Source):
    """What the made-up points share. The same settings give the same points."""

    family = "toys"
    samples: int = param(1000, lo=20, hi=100_000, doc="How many points are made up")
    points_seed: int = param(
        0, lo=0, hi=2**32 - 1, doc="Starts every random choice; another gives other points", advanced=True
    )

    @property
    def groups(self) -> int:
        """How many classes there are."""
        return 2

    def schema(self) -> Schema:
        """A point and its class."""
        names = tuple(f"class {i + 1}" for i in range(self.groups))
        return schema_of(
            Column("point", (2,), doc="a point in the plane", names=NAMES),
            target=Column("class", (), "int", names, doc="the group that it belongs to"),
            samples=self.samples,
        )

    def load(self) -> Raw:
        """The points, those of each class in one stretch."""
        labels = np.arange(self.samples) * self.groups // self.samples
        points = np.empty((self.samples, 2))
        chance = np.random.default_rng(self.points_seed)
        for group in range(self.groups):
            rows = np.flatnonzero(labels == group)
            points[rows] = self.points(group, len(rows), chance)
        return Raw({"point": points, "class": labels})

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """So many points of one class, count×2."""
        raise NotImplementedError(type(self).__name__)  # every toy makes its own


def noisy(points: np.ndarray, noise: float, chance: np.random.Generator) -> np.ndarray:
    """The points, each moved at random by about `noise`."""
    return points + noise * chance.standard_normal(points.shape)


@declare(title="Moons", hint="two half moons", search="moons two-dimensional points plane toy classification")
class Moons(Toy):
    """Two half moons that reach into each other. Which one does a point belong to?

    No straight line parts them, a bent one does: the smallest task that needs a hidden layer.

    Source: made up by the program, as scikit-learn's make_moons.
    """

    noise: float = param(0.15, lo=0, hi=2, doc="How far points are moved at random")

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """Half a circle, the second one upside down and moved."""
        angle = np.linspace(0, np.pi, count)
        moon = np.stack([np.cos(angle), np.sin(angle)], 1)
        return noisy(np.array([1, 0.5]) - moon if group else moon, self.noise, chance)


@declare(title="Circles", hint="a circle around another", search="circles rings two-dimensional points toy")
class Circles(Toy):
    """A small circle within a large one. Which one does a point belong to?

    A line that closes on itself parts them: look at how few hidden units are enough.

    Source: made up by the program, as scikit-learn's make_circles.
    """

    noise: float = param(0.08, lo=0, hi=2, doc="How far points are moved at random")
    inner: float = param(0.5, lo=0.05, hi=0.95, doc="Radius of the small circle; the large one has 1")

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """A circle around the middle."""
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        radius = self.inner if group else 1.0
        return noisy(radius * np.stack([np.cos(angle), np.sin(angle)], 1), self.noise, chance)


@declare(
    title="Spirals",
    hint="arms that wind around each other",
    search="spirals swirl two-dimensional points toy hard classification",
)
class Spirals(Toy):
    """Arms that wind around each other. Which arm does a point lie on?

    The hard one of the small tasks: a network needs some width and depth, and smooth activations do well.

    Source: made up by the program, after K. J. Lang and M. J. Witbrock, Learning to tell two spirals apart,
    1988.
    """

    noise: float = param(0.02, lo=0, hi=2, doc="How far points are moved at random")
    arms: int = param(2, lo=2, hi=10, doc="How many arms there are, each of them a class")
    turns: float = param(1.5, lo=0.1, hi=5, doc="How often an arm goes around the middle")

    @property
    def groups(self) -> int:
        """A class for each arm."""
        return self.arms

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """One arm, from near the middle outwards to radius 1, its points about evenly far from each other."""
        along = np.sqrt(np.linspace(0.01, 1, count))
        angle = 2 * np.pi * (self.turns * along + group / self.arms)
        return noisy(along[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), self.noise, chance)


@declare(
    title="Blobs", hint="round heaps of points", search="blobs clusters gaussian two-dimensional points toy"
)
class Blobs(Toy):
    """Round heaps of points around a ring. Which heap does a point belong to?

    The easiest of the small tasks: straight lines part the heaps, and where they overlap nothing does.

    Source: made up by the program, as scikit-learn's make_blobs, with its centres evenly on a circle.
    """

    noise: float = param(0.2, lo=0, hi=5, doc="How wide a heap is")
    heaps: int = param(3, lo=2, hi=20, doc="How many heaps there are, each of them a class")

    @property
    def groups(self) -> int:
        """A class for each heap."""
        return self.heaps

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """One heap; the centres lie evenly on a circle of radius 1."""
        angle = 2 * np.pi * group / self.heaps
        return noisy(np.tile([np.cos(angle), np.sin(angle)], (count, 1)), self.noise, chance)


@declare(
    title="XOR",
    hint="a chessboard of two colours",
    search="xor exclusive or chessboard checkerboard two-dimensional points toy",
)
class Xor(Toy):
    """A chessboard of fields, 2×2 to begin with. Is a point's field black or white?

    The task that one layer cannot solve. More fields on a side make it as hard as you like.

    Source: made up by the program, after M. Minsky and S. Papert, Perceptrons, 1969.
    """

    noise: float = param(0.02, lo=0, hi=2, doc="How far points are moved at random")
    fields: int = param(2, lo=2, hi=10, doc="How many fields a side has")

    def points(self, group: int, count: int, chance: np.random.Generator) -> np.ndarray:
        """Points in all fields of one colour, about equally many in each, from −1 to 1."""
        row, column = np.divmod(np.arange(self.fields**2), self.fields)
        own = np.flatnonzero((row + column) % 2 == group)
        chosen = own[np.arange(count) % len(own)]
        within = chance.random((count, 2))
        corners = np.stack([column[chosen], row[chosen]], 1)
        return noisy((corners + within) / self.fields * 2 - 1, self.noise, chance)
