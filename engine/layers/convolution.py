"""Filters that slide over a series, a picture or a volume."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod

from engine.kinds import SPATIAL, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import GROUPS_DO_NOT_DIVIDE, PADDING_TOO_LARGE, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Normable
from engine.layers.windows import AXES, Size, Windows, each, joined, nearest_divisors, one
from engine.message import Message, counted

GROUPS_OF_BOTH = GROUPS_DO_NOT_DIVIDE.worded(
    expected="channels and filters that {groups} groups share evenly",
    why="{channels} channel{channels:|s} and {filters} filter{filters:|s} do not both split into "
    "{groups} equal parts.",
)
SAME_NEEDS_STRIDE_1 = ObjectionKind(
    "same-needs-stride-1",
    expected='a stride of 1 with padding "same"',
    why="With a stride above 1 the map shrinks, so it cannot keep its size.",
)

PLACES = {1: "series", 2: "picture", 3: "volume"}


def groups_objection(channels: int, filters: int, groups: int) -> Iterator[Objection]:
    """Groups that cannot share channels and filters evenly, with the nearest that can."""
    both = gcd(channels, filters)
    if both % groups:
        fitting = tuple(nearest_divisors(both, groups))
        yield GROUPS_OF_BOTH(
            groups=groups, channels=channels, filters=filters, settings=tuple(("groups", n) for n in fitting)
        )


@settings
class Sliding(Normable):
    """What all convolutions share: windows that slide, whatever channels a filter looks at."""

    kernel_size: Size = param(3, lo=1, axes=SPATIAL, doc="Size of a filter", unit="px")
    stride: Size = param(1, lo=1, axes=SPATIAL, doc="Step of the filter; 2 halves the map", unit="px")
    padding: Size | str = param(
        0,
        lo=0,
        axes=SPATIAL,
        options=("same",),
        doc='What is added at each end; "same" keeps the size of the map',
        unit="px",
    )
    dilation: Size = param(
        1,
        lo=1,
        axes=SPATIAL,
        doc="Distance between the taps of a filter; 2 leaves gaps of one",
        advanced=True,
    )
    bias: bool = param(True, doc="Add a learned number to every map", advanced=True)
    padding_mode: str = param(
        "zeros",
        options=("zeros", "reflect", "replicate", "circular"),
        doc="What is added at the ends: zeros, the map mirrored, its edge repeated, or its other end",
        advanced=True,
    )

    def filters(self, channels: int) -> int:
        """How many filters there are, and maps that come out, where so many channels arrive."""
        raise NotImplementedError(type(self).__name__)  # every convolution says it

    def parts(self, channels: int) -> int:
        """How many parts those channels are split into, each with filters of its own."""
        raise NotImplementedError(type(self).__name__)  # every convolution says it

    def window_words(self) -> list[str]:
        """What there is to say of the window, for the second line of the node."""
        seen = (("stride", self.stride, 1), ("pad", self.padding, 0), ("dilation", self.dilation, 1))
        return [f"{name} {joined(value, 1)}" for name, value, usual in seen if value != usual]

    def windows(self, x: Incoming) -> Windows:
        """The filter's window over what arrives. With "same" padding as much is added as the window needs."""
        axes = self.spatial
        kernel, dilation = each(self.kernel_size, axes), each(self.dilation, axes)
        sizes = x.shape.sample[1:]
        if isinstance(self.padding, str):
            sizes = tuple(n + d * (k - 1) for n, d, k in zip(sizes, dilation, kernel, strict=True))
            return Windows(sizes, kernel, each(self.stride, axes), (0,) * axes, dilation)
        return Windows(sizes, kernel, each(self.stride, axes), each(self.padding, axes), dilation)

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from self._padding_objections(x)
        yield from self.windows(x).objections("kernel_size", "padding")

    def _padding_objections(self, x: Incoming) -> Iterator[Objection]:
        if isinstance(self.padding, str) and self.stride != 1:
            yield SAME_NEEDS_STRIDE_1(settings=(("stride", 1), ("padding", one(self._half()))))
            return
        limits = {"reflect": 1, "circular": 0}
        if self.padding_mode not in limits:
            return
        sizes = x.shape.sample[1:]
        pads = self._pads()
        most = tuple(n - limits[self.padding_mode] for n in sizes)
        for axis, (pad, limit) in enumerate(zip(pads, most, strict=True)):
            if pad > limit:
                fits = one(tuple(min(p, m) for p, m in zip(pads, most, strict=True)))
                yield PADDING_TOO_LARGE(
                    limit=limit,
                    mode=self.padding_mode.capitalize(),
                    name=AXES[self.spatial][axis],
                    size=sizes[axis],
                    settings=(("padding", fits), ("padding_mode", "zeros"))[isinstance(self.padding, str) :],
                )
                return

    def _pads(self) -> tuple[int, ...]:
        """How many places are put on each axis, on the side that has more of them."""
        if not isinstance(self.padding, str):
            return each(self.padding, self.spatial)
        kernel, dilation = each(self.kernel_size, self.spatial), each(self.dilation, self.spatial)
        return tuple((d * (k - 1) + 1) // 2 for d, k in zip(dilation, kernel, strict=True))

    def _half(self) -> tuple[int, ...]:
        kernel, dilation = each(self.kernel_size, self.spatial), each(self.dilation, self.spatial)
        return tuple(d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True))

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.Conv{self.spatial}d",
            x.C,
            self.filters(x.C),
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.parts(x.C),
            bias=self.bias,
            padding_mode=self.padding_mode,
        )

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        taps = prod(each(self.kernel_size, self.spatial))
        channels = int(inputs[0].C)
        return outputs[0].size * (channels // self.parts(channels)) * taps

    def sizing(self, x: Incoming) -> str:
        if self.padding == "same":
            return "\n".join(dict.fromkeys(f"same: {n}" for n in x.shape.sample[1:]))
        return self.windows(x).sizing()

    def count(self, x: Incoming) -> str:
        filters = self.filters(x.C)
        factors = (filters, x.C // self.parts(x.C), *each(self.kernel_size, self.spatial))
        bias = f" + {filters}" if self.bias else ""
        return " × ".join(map(str, factors)) + bias + self.lengths(filters)


@settings
class Convolution(Sliding):
    """What convolutions over 1, 2 and 3 axes share.

    Formula: y[o, p] = b[o] + Σ W[o, c, u]·x[c, stride·p + dilation·u − padding]; over the places u of the
    kernel and the channels c in the group of o
    """

    out_channels: int = param(
        32, lo=1, hi=1_000_000, first=True, doc="Number of filters, which is the number of maps that come out"
    )
    groups: int = param(
        1,
        lo=1,
        hi=1_000_000,
        doc="Parts the channels are split into, each with filters of its own",
        advanced=True,
    )

    def filters(self, channels: int) -> int:
        return self.out_channels

    def parts(self, channels: int) -> int:
        return self.groups

    def summary(self) -> str:
        words = [joined(self.kernel_size, self.spatial), counted(self.out_channels, "filter")]
        words += self.window_words()
        if self.groups > 1:
            words.append(f"{self.groups} groups")
        return ", ".join(words)

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        yield from groups_objection(x.C, self.out_channels, self.groups)

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Slides {filters} filter{filters:|s} of {taps}×{depth} over the {place}; "
            "each writes one map of how well it fits at every place.",
            filters=f"{self.out_channels:,}",
            taps=joined(self.kernel_size, self.spatial),
            depth=x.C // self.groups,
            place=Message(PLACES[self.spatial]),
        )


@settings
class Depthwise(Sliding):
    """What depthwise convolutions over 1 and 2 axes share.

    Formula: y[c·multiplier + m, p] = b[c, m] + Σ W[c, m, u]·x[c, stride·p + dilation·u − padding]; over the
    places u of the kernel
    """

    multiplier: int = param(1, lo=1, hi=1000, first=True, doc="Filters for each channel that arrives")

    def filters(self, channels: int) -> int:
        return channels * self.multiplier

    def parts(self, channels: int) -> int:
        return channels

    def summary(self) -> str:
        words = [joined(self.kernel_size, self.spatial)]
        words += [f"{self.multiplier} for each channel"] if self.multiplier > 1 else []
        return ", ".join([*words, *self.window_words()])

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Slides {filters} filter{filters:|s} of {taps} over each of the {channels} channel{channels:|s} "
            "of the {place} by itself; channels are not mixed.",
            filters=self.multiplier,
            taps=joined(self.kernel_size, self.spatial),
            channels=x.C,
            place=Message(PLACES[self.spatial]),
        )


@declare(
    family="convolution",
    spatial=1,
    hint="series, sound",
    stem="conv",
    search="convolution filter kernel signal audio time text cnn temporal",
)
class Conv1d(Convolution):
    """Slides learned filters along a series; each writes one row of how well it fits at every place.

    For sound, sensor signals and text, where a pattern may stand anywhere along the series.

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="convolution",
    spatial=2,
    hint="images",
    stem="conv",
    search="convolution filter kernel image picture cnn feature map depthwise pointwise",
)
class Conv2d(Convolution):
    """Slides learned filters over a picture; each writes one map of how well it fits at every place.

    The first choice for pictures: the same small filter sees every place, so few weights learn edges, corners
    and parts.

    Source: LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="convolution",
    spatial=3,
    hint="volumes, video",
    stem="conv",
    search="convolution filter kernel volume video medical scan voxel",
)
class Conv3d(Convolution):
    """Slides learned filters through a volume; each writes one map of how well it fits at every place.

    For scans and short videos. It costs much: a 3×3×3 filter has three times the weights of a 3×3 one.

    Source: Ji et al. 2010, "3D convolutional neural networks for human action recognition".
    """

    x = port("N C D H W", doc="a volume with channels")


@declare(
    family="convolution",
    spatial=1,
    hint="cheap",
    stem="depthwise",
    search="convolution depthwise separable group channel series cheap mobile",
)
class DepthwiseConv1d(Depthwise):
    """Slides filters of its own along each channel of a series; channels are not mixed.

    Before a Conv1d of size 1, which mixes them: together they do what a convolution does for a fraction of
    its weights.

    Source: Kaiser et al. 2017, "Depthwise separable convolutions for neural machine translation".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    family="convolution",
    spatial=2,
    hint="cheap",
    stem="depthwise",
    search="convolution depthwise separable group channel picture cheap mobile mobilenet xception",
)
class DepthwiseConv2d(Depthwise):
    """Slides filters of its own over each channel of a picture; channels are not mixed.

    Before a Conv2d of size 1, which mixes them: together they do what a convolution does for a fraction of
    its weights.

    Source: Chollet 2016, "Xception: deep learning with depthwise separable convolutions".
    """

    x = port("N C H W", doc="a picture with channels")
