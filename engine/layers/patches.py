"""Cutting maps into windows and laying them back, and adding a border."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import Layer, declare, param, settings, types
from engine.kinds.code import Code, expression, module
from engine.kinds.objections import AXES_DIFFER, PADDING_TOO_LARGE, TOO_MANY_AXES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.layers.windows import Size, Windows, each, joined

COLUMNS_DO_NOT_DIVIDE = ObjectionKind(
    "columns-do-not-divide",
    expected="columns of a multiple of {taps} numbers",
    why="A window of {size} has {taps} places, and a column has {received} number{received:|s}.",
    by_hand="Columns come from an Unfold or are made on purpose; either end may be the wrong one.",
)
WINDOW_COUNT = ObjectionKind(
    "window-count",
    expected="{count} column{count:|s}",
    why="A picture of {size} has {places} window{places:|s}, and {received} column{received:|s} "
    "arrive{received:s|}.",
    by_hand="How large the picture was before it was taken apart, only its author knows.",
)
PAD_AXES = TOO_MANY_AXES.worded(
    expected="at most 3 axes of positions",
    why="PyTorch pads more than three axes with a constant only.",
)
CUT_TOO_LARGE = ObjectionKind(
    "cut-too-large",
    expected="at least one place left",
    why="The map has {size} places along an axis, and all of them are cut off.",
)
BORDER_TOO_LARGE = PADDING_TOO_LARGE.worded(
    expected="a border of at most {limit}",
    why="The border is taken from the map itself, which has {size} places.",
)


@settings
class Windowed(Layer):
    """What Unfold and Fold share."""

    family = "convolution"
    icon = "reshape"
    tall = False
    kernel_size: Size = param(2, lo=1, axes=2, doc="Height and width of a window", unit="px")
    stride: Size = param(2, lo=1, axes=2, doc="Step of the window", unit="px")
    padding: Size = param(0, lo=0, axes=2, doc="Zeros added at each end", unit="px", advanced=True)
    dilation: Size = param(1, lo=1, axes=2, doc="Distance between the taps of a window", advanced=True)

    def summary(self) -> str:
        words = [joined(self.kernel_size, 2)]
        return ", ".join(
            words if self.stride == self.kernel_size else [*words, f"stride {joined(self.stride, 1)}"]
        )

    def windows(self, sizes: tuple[int, ...]) -> Windows:
        """The window over a picture of that height and width."""
        return Windows(
            sizes,
            each(self.kernel_size, 2),
            each(self.stride, 2),
            each(self.padding, 2),
            each(self.dilation, 2),
        )


@declare(hint="patches to rows", search="unfold im2col patches windows vision transformer cut sliding")
class Unfold(Windowed):
    """Cuts a picture into windows and lays each out as a column of numbers.

    To look at patches one by one, as a vision Transformer does.

    Formula: y[(c, u), p] = x[c, stride·p + dilation·u − padding]; (c, u) and p counted in row-major order

    Source: im2col; Chellapilla, Puri and Simard 2006, "High performance convolutional neural networks".
    """

    x = port("N C H W", doc="a picture with channels")

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from self.windows((x.H, x.W)).objections("kernel_size", "padding")

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.Unfold",
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

    def sizing(self, x: Incoming) -> str:
        taps = each(self.kernel_size, 2)
        places = self.windows((x.H, x.W)).counts
        return (
            f"{x.C} × {taps[0]} × {taps[1]} = {x.C * prod(taps)}\n{places[0]} × {places[1]} = {prod(places)}"
        )


@declare(hint="rows to picture", search="fold col2im patches windows merge overlap add sum")
class Fold(Windowed):
    """Lays columns back as windows of a picture and adds up where they overlap.

    The way back from Unfold.

    Formula: y[c, q] = Σ x[(c, u), p]; over all u and p with q = stride·p + dilation·u − padding

    Source: col2im, the transpose of im2col.
    """

    output_size: Size = param(8, lo=1, axes=2, doc="Height and width of the picture", unit="px")
    x = port("N F L", doc="a column for each window")

    def object(self, x: Incoming) -> Iterator[Objection]:
        windows = self.windows(each(self.output_size, 2))
        taps = prod(windows.kernel)
        if any(count < 1 for count in windows.counts):
            yield from windows.objections("kernel_size", "padding")
        elif x.F % taps:
            yield COLUMNS_DO_NOT_DIVIDE(taps=taps, size=joined(self.kernel_size, 2), received=x.F)
        elif prod(windows.counts) != x.L:
            yield WINDOW_COUNT(
                count=prod(windows.counts),
                size=joined(self.output_size, 2),
                places=joined(windows.counts, 2),
                received=x.L,
            )

    def torch(self, x: Incoming) -> Code:
        return module(
            "nn.Fold",
            self.output_size,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )


MODES = {
    "zeros": "constant",
    "value": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


@declare(
    family="convolution",
    icon="frame",
    tall=False,
    hint="adds a border",
    search="padding zero constant reflect replicate circular border crop cut margin",
)
class Pad(Layer):
    """Adds a border around a series, picture or volume, or cuts one off where it is negative.

    Where a convolution's own padding is not enough: other amounts at both ends, or another border.

    Formula: y[c, p] = x[c, p − before]; outside x by mode 0, value, x mirrored, its edge or its other end

    Source: torch.nn.functional.pad.
    """

    before: tuple[int, ...] = param(
        (1,), type=types.Integers(), doc="Places added at the near end: one number, or one for each axis"
    )
    after: tuple[int, ...] = param(
        (1,), type=types.Integers(), doc="Places added at the far end: one number, or one for each axis"
    )
    mode: str = param(
        "zeros",
        options=tuple(MODES),
        doc="Zeros, a value, the map mirrored, its edge repeated, or its other end",
    )
    value: float = param(0.0, doc='What the border holds in the mode "value"', advanced=True)
    x = port("N C L *", doc="a series, picture or volume with channels")

    def summary(self) -> str:
        amount = joined(self.before, 1)
        if self.before != self.after:
            amount += f" before, {joined(self.after, 1)} after"
        return amount.replace("-", "−") + ("" if self.mode == "zeros" else f", {self.mode}")

    def object(self, x: Incoming) -> Iterator[Objection]:
        axes = x.rank - 2
        sizes = x.shape.sample[1:]
        wrong = [name for name in ("before", "after") if len(getattr(self, name)) not in {1, axes}]
        if wrong:
            yield AXES_DIFFER(
                axes=axes,
                name=wrong[0],
                count=len(getattr(self, wrong[0])),
                settings=((wrong[0], getattr(self, wrong[0])[:1]),) if len(wrong) == 1 else (),
            )
            return
        if axes > 3 and MODES[self.mode] != "constant":
            yield PAD_AXES(settings=(("mode", "zeros"),))
            return
        for size, before, after in zip(sizes, *self._ends(axes), strict=True):
            least = size + min(before, 0) + min(after, 0)
            if size + before + after < 1 or least < 1:
                yield CUT_TOO_LARGE(
                    size=size, settings=(("before", (0,)), ("after", (0,))) if self._alone(x) else ()
                )
                return
            limit = {"reflect": size - 1, "circular": size}.get(self.mode)
            if limit is not None and max(before, after) > limit:
                yield BORDER_TOO_LARGE(
                    limit=limit, size=size, settings=(("mode", "zeros"), ("mode", "replicate"))
                )
                return

    def _alone(self, x: Incoming) -> bool:
        """Whether giving up either end alone leaves something everywhere."""
        sizes = x.shape.sample[1:]
        return all(
            size + min(end, 0) >= 1
            for ends in self._ends(len(sizes))
            for size, end in zip(sizes, ends, strict=True)
        )

    def _ends(self, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        def spread(ends: tuple[int, ...]) -> tuple[int, ...]:
            return ends * axes if len(ends) == 1 else ends

        return spread(self.before), spread(self.after)

    def torch(self, x: Incoming) -> Code:
        # torch counts pairs from the last axis
        pairs = list(zip(*self._ends(x.rank - 2), strict=True))[::-1]
        amounts = ", ".join(str(end) for pair in pairs for end in pair)
        words = [f"({amounts})"]
        if MODES[self.mode] != "constant":
            words.append(f'mode="{MODES[self.mode]}"')
        elif self.mode == "value" and self.value:
            words.append(f"value={self.value!r}")
        return expression(f"F.pad({{x}}, {', '.join(words)})")

    def sizing(self, x: Incoming) -> str:
        lines = [
            f"{size} + {before} + {after} = {size + before + after}".replace("+ -", "− ")
            for size, before, after in zip(x.shape.sample[1:], *self._ends(x.rank - 2), strict=True)
        ]
        return "\n".join(dict.fromkeys(lines))
