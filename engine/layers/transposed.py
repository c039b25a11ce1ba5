"""Transposed convolutions, which make maps larger by learned filters."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import SPATIAL, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import PADDING_TOO_LARGE, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.convolution import groups_objection
from engine.layers.weighted import Normable
from engine.layers.windows import AXES, Size, each, joined, one
from engine.message import Message, counted

OUTPUT_PADDING_TOO_LARGE = ObjectionKind(
    "output-padding-too-large",
    expected="an output padding below the stride",
    why="More would add rows that no filter reaches.",
)
PADDING_LEAVES_NOTHING = PADDING_TOO_LARGE.worded(
    why="The {name} becomes {whole}, and {pad} is cut off at each end."
)


@settings
class Transposed(Normable):
    """What transposed convolutions over 1, 2 and 3 axes share.

    Formula: y[o, q] = b[o] + Σ W[c, o, u]·x[c, p]; over the channels c in the group of o and all places with
    q = stride·p + dilation·u − padding
    """

    family = "convolution"
    out_channels: int = param(32, lo=1, hi=1_000_000, doc="Number of maps that come out")
    kernel_size: Size = param(2, lo=1, axes=SPATIAL, doc="Size of a filter", unit="px")
    stride: Size = param(2, lo=1, axes=SPATIAL, doc="How many times larger the map becomes", unit="px")
    padding: Size = param(0, lo=0, axes=SPATIAL, doc="What is cut off at each end", unit="px")
    output_padding: Size = param(
        0, lo=0, axes=SPATIAL, doc="What is added at the far end", unit="px", advanced=True
    )
    dilation: Size = param(1, lo=1, axes=SPATIAL, doc="Distance between the taps of a filter", advanced=True)
    groups: int = param(
        1,
        lo=1,
        hi=1_000_000,
        doc="Parts the channels are split into, each with filters of its own",
        advanced=True,
    )
    bias: bool = param(True, doc="Add a learned number to every map", advanced=True)

    def summary(self) -> str:
        words = [joined(self.kernel_size, self.spatial), counted(self.out_channels, "map")]
        seen = (("stride", self.stride, 1), ("cut", self.padding, 0), ("dilation", self.dilation, 1))
        words += [f"{name} {joined(value, 1)}" for name, value, usual in seen if value != usual]
        if self.groups > 1:
            words.append(f"{self.groups} groups")
        return ", ".join(words)

    def _axes(self, x: Incoming) -> list[tuple[int, int, int, int, int, int]]:
        """For each axis: size, stride, padding, dilation, kernel, output padding."""
        n = self.spatial
        settings = (self.stride, self.padding, self.dilation, self.kernel_size, self.output_padding)
        return list(zip(x.shape.sample[1:], *(each(value, n) for value in settings), strict=True))

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from groups_objection(x.C, self.out_channels, self.groups)
        axes = self._axes(x)
        if any(extra >= max(stride, dilation) for _, stride, _, dilation, _, extra in axes):
            fits = one(tuple(min(extra, max(s, d) - 1) for _, s, _, d, _, extra in axes))
            yield OUTPUT_PADDING_TOO_LARGE(settings=(("output_padding", fits),))
            return
        for axis, (size, stride, pad, dilation, kernel, extra) in enumerate(axes):
            whole = (size - 1) * stride + dilation * (kernel - 1) + extra + 1
            if whole - 2 * pad < 1:
                fits = one(tuple(min(p, ((n - 1) * s + d * (k - 1) + e) // 2) for n, s, p, d, k, e in axes))
                yield PADDING_LEAVES_NOTHING(
                    limit=joined(fits, 1),
                    name=AXES[self.spatial][axis],
                    whole=whole,
                    pad=pad,
                    settings=(("padding", fits),),
                )
                return

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.ConvTranspose{self.spatial}d",
            x.C,
            self.out_channels,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        taps = prod(each(self.kernel_size, self.spatial))
        return int(inputs[0].shape.size) * (self.out_channels // self.groups) * taps

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Each place of {before} paints {taps} place{taps:|s} of {maps} larger map{maps:|s}; "
            "overlaps add up.",
            before=joined(x.shape.sample[1:], self.spatial),
            taps=joined(self.kernel_size, self.spatial),
            maps=f"{self.out_channels:,}",
        )

    def sizing(self, x: Incoming) -> str:
        lines = [
            f"({n} − 1)·{s} − 2·{p} + {d}·({k} − 1) + {e} + 1 = {(n - 1) * s - 2 * p + d * (k - 1) + e + 1}"
            for n, s, p, d, k, e in self._axes(x)
        ]
        return "\n".join(dict.fromkeys(lines))

    def count(self, x: Incoming) -> str:
        factors = (x.C, self.out_channels // self.groups, *each(self.kernel_size, self.spatial))
        bias = f" + {self.out_channels}" if self.bias else ""
        return " × ".join(map(str, factors)) + bias + self.lengths(x.C)


@declare(
    spatial=1,
    hint="larger, upsampled",
    stem="up",
    search="deconvolution transposed upsample enlarge decoder series generator",
)
class ConvTranspose1d(Transposed):
    """Makes a series longer: every value paints a learned filter into the output.

    In decoders and generators of sound and series.

    Source: Zeiler et al. 2010, "Deconvolutional networks".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    spatial=2,
    hint="larger, upsampled",
    stem="up",
    search="deconvolution transposed upsample enlarge decoder image unet generator",
)
class ConvTranspose2d(Transposed):
    """Makes a picture larger: every pixel paints a learned filter into the output.

    In decoders, U-Nets and generators. With kernel and stride 2 it doubles height and width without overlap.

    Source: Zeiler et al. 2010, "Deconvolutional networks".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    spatial=3,
    hint="larger, upsampled",
    stem="up",
    search="deconvolution transposed upsample enlarge decoder volume video",
)
class ConvTranspose3d(Transposed):
    """Makes a volume larger: every voxel paints a learned filter into the output.

    In decoders for scans and videos.

    Source: Zeiler et al. 2010, "Deconvolutional networks".
    """

    x = port("N C D H W", doc="a volume with channels")
