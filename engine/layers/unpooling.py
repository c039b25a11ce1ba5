"""Poolings that remember where the largest value stood, their way back, and poolings of other kinds."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import SPATIAL, Layer, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.objections import (
    KERNEL_TOO_LARGE,
    NOTHING_LEFT,
    PADDING_TOO_LARGE,
    UNEQUAL_SHAPES,
    Objection,
)
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape, per_sample
from engine.layers.pooling import MaxPooling, Pooling
from engine.layers.windows import AXES, Size, each, joined
from engine.message import Message

PLACES_UNEQUAL = UNEQUAL_SHAPES.worded(
    expected="as many places as values, {shape}",
    why="There are places of {other}, and each belongs to one value.",
)
PADDED_AWAY = PADDING_TOO_LARGE.worded(
    expected="a smaller padding", why="The {name} would come out as {size}."
)
SIZE_FROM_ELSEWHERE = UNEQUAL_SHAPES.worded(
    expected="the size of what was pooled, a {name} from {low} to {high}",
    why="It brings a {name} of {size}, of which these windows would have left another size.",
)
POOLED_TO_NOTHING = NOTHING_LEFT.worded(
    expected="a larger picture, or a ratio above {ratio:.2f}",
    why="A {name} of {size} would shrink to nothing.",
)
WINDOWS_TOO_LARGE = KERNEL_TOO_LARGE.worded(
    expected="a window of at most {largest}",
    why="{places} window{places:|s} of {window} do{places:es|} not fit into a {name} of {size}.",
)


@settings
class Remembering(MaxPooling):
    """What max poolings share that also give the places of what they kept.

    Formula: y[c, p] = max x[c, q], indices[c, p] = the q where it stands, counted in row-major order; q =
    stride·p + dilation·u − padding
    """

    family = "pooling"
    tall = False
    outputs = ("out", "indices")

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.MaxPool{self.spatial}d",
            self.kernel_size,
            line="{out}, {indices} = {m}({x})",
            stride=self.stride_argument(),
            padding=self.padding,
            dilation=self.dilation,
            return_indices=True,
            ceil_mode=self.ceil_mode,
        )


@declare(
    spatial=1,
    hint="halves, keeps places",
    stem="pool",
    search="halve downsample maximum pooling indices argmax unpool",
)
class MaxPoolIndices1d(Remembering):
    """Keeps the largest value of each window of a series, and says where it stood.

    Where a MaxUnpool later puts values back at their places.

    Source: Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks".
    """

    x = port("N C L", doc="a series with channels")


@declare(
    spatial=2,
    hint="halves, keeps places",
    stem="pool",
    search="halve downsample maximum pooling indices argmax unpool segnet",
)
class MaxPoolIndices2d(Remembering):
    """Keeps the largest value of each window of a picture, and says where it stood.

    Where a MaxUnpool later puts values back at their places, as in SegNet.

    Source: Badrinarayanan, Kendall and Cipolla 2015, "SegNet".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    spatial=3,
    hint="halves, keeps places",
    stem="pool",
    search="halve downsample maximum pooling indices argmax unpool volume",
)
class MaxPoolIndices3d(Remembering):
    """Keeps the largest value of each window of a volume, and says where it stood.

    Where a MaxUnpool later puts values back at their places.

    Source: Badrinarayanan, Kendall and Cipolla 2015, "SegNet".
    """

    x = port("N C D H W", doc="a volume with channels")


@settings
class Unpooling(Layer):
    """What unpoolings share.

    Pooling drops what its last window does not reach, and comes to the same from several sizes. Which one is
    meant is taken from `like`; without it that of which nothing was dropped.

    Formula: y[c, indices[c, p]] = x[c, p]; 0 elsewhere
    """

    family = "pooling"
    tall = False
    kernel_size: Size = param(2, lo=1, axes=SPATIAL, doc="Size of the window that was pooled", unit="px")
    stride: Size | None = param(
        None, lo=1, axes=SPATIAL, optional=True, doc="Step of that window; none steps by its size", unit="px"
    )
    padding: Size = param(0, lo=0, axes=SPATIAL, doc="Its padding", unit="px", advanced=True)

    def summary(self) -> str:
        return joined(self.kernel_size, self.spatial)

    def sizes(self, x: Incoming, like: Incoming | None = None) -> tuple[int, ...]:
        """Height, width and so on of what comes out."""
        return self.usual_sizes(x) if like is None else like.shape.sample[1:]

    def usual_sizes(self, x: Incoming) -> tuple[int, ...]:
        """The sizes of which pooling leaves nothing over."""
        n = self.spatial
        kernel = each(self.kernel_size, n)
        stride = kernel if self.stride is None else each(self.stride, n)
        whole = zip(x.shape.sample[1:], stride, each(self.padding, n), kernel, strict=True)
        return tuple((size - 1) * s - 2 * p + k for size, s, p, k in whole)

    def object(self, x: Incoming, indices: Incoming, like: Incoming | None) -> Iterator[Objection]:
        if x.shape.sample != indices.shape.sample:
            yield PLACES_UNEQUAL(shape=x.shape, other=indices.shape, odd=(1,))
            return
        usual = self.usual_sizes(x)
        if like is not None:
            yield from self._unlike(usual, like)
        elif min(usual) < 1:
            axis = next(i for i, size in enumerate(usual) if size < 1)
            yield PADDED_AWAY(name=AXES[self.spatial][axis], size=usual[axis], settings=(("padding", 0),))

    def _unlike(self, usual: tuple[int, ...], like: Incoming) -> Iterator[Objection]:
        """A size that no pooling with these windows would have brought to what arrives."""
        steps = each(self.kernel_size if self.stride is None else self.stride, self.spatial)
        for axis, (size, middle, step) in enumerate(zip(self.sizes(like, like), usual, steps, strict=True)):
            low, high = max(1, middle - step + 1), middle + step - 1
            if not low <= size <= high:
                yield SIZE_FROM_ELSEWHERE(
                    name=AXES[self.spatial][axis], low=low, high=high, size=size, odd=(2,)
                )
                return

    def torch(self, x: Incoming, indices: Incoming, like: Incoming | None) -> Code:
        stride = None if self.stride == self.kernel_size else self.stride
        size = ", output_size={like}.shape[2:]" if like is not None else ""
        return module(
            f"nn.MaxUnpool{self.spatial}d",
            self.kernel_size,
            line="{out} = {m}({x}, {indices}" + size + ")",
            stride=stride,
            padding=self.padding,
        )

    def shapes(self, x: Incoming, indices: Incoming, like: Incoming | None) -> tuple[Shape, ...]:
        return (per_sample(x.C, *self.sizes(x, like)),)


@declare(
    spatial=1,
    hint="doubles, after MaxPool",
    stem="unpool",
    search="unpool upsample enlarge indices series decoder",
)
class MaxUnpool1d(Unpooling):
    """Puts each value of a series back at the place it was pooled from; the rest is zero.

    In decoders, with the places from MaxPoolIndices1d.

    Source: Zeiler and Fergus 2013, "Visualizing and understanding convolutional networks".
    """

    x = port("N C L", doc="a series with channels")
    indices = port("N C L", doc="where each value stood", dtype="int")
    like = port("N E L", doc="what was pooled, of which the length is taken", dtype="any", optional=True)


@declare(
    spatial=2,
    hint="doubles, after MaxPool",
    stem="unpool",
    search="unpool upsample enlarge indices image decoder segnet",
)
class MaxUnpool2d(Unpooling):
    """Puts each value of a picture back at the place it was pooled from; the rest is zero.

    In decoders, with the places from MaxPoolIndices2d.

    Source: Badrinarayanan, Kendall and Cipolla 2015, "SegNet".
    """

    x = port("N C H W", doc="a picture with channels")
    indices = port("N C H W", doc="where each value stood", dtype="int")
    like = port("N E H W", doc="what was pooled, of which the size is taken", dtype="any", optional=True)


@declare(
    spatial=3,
    hint="doubles, after MaxPool",
    stem="unpool",
    search="unpool upsample enlarge indices volume decoder",
)
class MaxUnpool3d(Unpooling):
    """Puts each value of a volume back at the place it was pooled from; the rest is zero.

    In decoders, with the places from MaxPoolIndices3d.

    Source: Badrinarayanan, Kendall and Cipolla 2015, "SegNet".
    """

    x = port("N C D H W", doc="a volume with channels")
    indices = port("N C D H W", doc="where each value stood", dtype="int")
    like = port("N E D H W", doc="what was pooled, of which the size is taken", dtype="any", optional=True)


@settings
class PowerPooling(Pooling):
    """What LP poolings share: the p-th root of the sum of p-th powers of each window.

    Formula: y[c, p] = (Σ x[c, stride·p + u]^norm)^(1 / norm); over the places u of the window
    """

    family = "pooling"
    tall = False
    averages = True
    norm: float = param(2.0, lo=1, hi=16, doc="The power p: 1 sums, large ones come near the maximum")

    def torch(self, x: Incoming) -> Code:
        return module(
            f"nn.LPPool{self.spatial}d",
            self.norm,
            self.kernel_size,
            stride=self.stride_argument(),
            ceil_mode=self.ceil_mode,
        )

    def explain(self, x: Incoming) -> Message:
        return Message(
            "Takes the p-norm of every {window} values, p = {norm}. No parameters.",
            window=joined(self.kernel_size, self.spatial),
            norm=f"{self.norm:g}",
        )


@declare(
    spatial=1, hint="window norms", stem="pool", search="lp power average norm pooling series downsample"
)
class LPPool1d(PowerPooling):
    """Takes the p-th root of the sum of p-th powers of each window of a series.

    Between averaging and the maximum, which it nears as p grows.

    Source: Sermanet, Chintala and LeCun 2012, "Convolutional neural networks applied to house numbers digit
    classification".
    """

    x = port("N C L", doc="a series with channels")


@declare(spatial=2, hint="window norms", stem="pool", search="lp power average norm pooling image downsample")
class LPPool2d(PowerPooling):
    """Takes the p-th root of the sum of p-th powers of each window of a picture.

    Between averaging and the maximum, which it nears as p grows.

    Source: Sermanet, Chintala and LeCun 2012, "Convolutional neural networks applied to house numbers digit
    classification".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    spatial=3, hint="window norms", stem="pool", search="lp power average norm pooling volume downsample"
)
class LPPool3d(PowerPooling):
    """Takes the p-th root of the sum of p-th powers of each window of a volume.

    Between averaging and the maximum, which it nears as p grows.

    Source: Sermanet, Chintala and LeCun 2012, "Convolutional neural networks applied to house numbers digit
    classification".
    """

    x = port("N C D H W", doc="a volume with channels")


@settings
class Fractional(Layer):
    """What fractional poolings share.

    Formula: y[c, p] = max x[c, ⌊α·(p + r)⌋ − ⌊α·r⌋ + u]; over the places u of the window, r random, α nearly
    1 / ratio
    """

    family = "pooling"
    tall = False
    kernel_size: Size = param(2, lo=1, axes=SPATIAL, doc="Size of the window", unit="px")
    ratio: float = param(0.7, lo=0.05, hi=0.95, doc="Size of what comes out, as a share of what comes in")

    def summary(self) -> str:
        return f"to {self.ratio:g} of the size"

    def object(self, x: Incoming) -> Iterator[Objection]:
        sizes = x.shape.sample[1:]
        for axis, (size, window) in enumerate(zip(sizes, each(self.kernel_size, self.spatial), strict=True)):
            places = int(size * self.ratio)
            if places < 1:
                yield POOLED_TO_NOTHING(ratio=1 / size, name=AXES[self.spatial][axis], size=size)
                return
            room = size if self.spatial == 2 else size - 1  # in three dimensions torch wants one place more
            if places + window - 1 > room:
                yield WINDOWS_TOO_LARGE(
                    largest=room - places + 1,
                    places=places,
                    window=window,
                    name=AXES[self.spatial][axis],
                    size=size,
                    settings=(("kernel_size", 1),),
                )
                return

    def torch(self, x: Incoming) -> Code:
        return module(f"nn.FractionalMaxPool{self.spatial}d", self.kernel_size, output_ratio=self.ratio)


@declare(
    spatial=2,
    hint="shrinks by a share",
    stem="pool",
    search="fractional maximum pooling image downsample random",
)
class FractionalMaxPool2d(Fractional):
    """Keeps the largest values of windows that are spread at random, so that a picture shrinks by any share.

    Where halving is too much at once.

    Source: Graham 2014, "Fractional max-pooling".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    spatial=3,
    hint="shrinks by a share",
    stem="pool",
    search="fractional maximum pooling volume downsample random",
)
class FractionalMaxPool3d(Fractional):
    """Keeps the largest values of windows that are spread at random, so that a volume shrinks by any share.

    Where halving is too much at once.

    Source: Graham 2014, "Fractional max-pooling".
    """

    x = port("N C D H W", doc="a volume with channels")
