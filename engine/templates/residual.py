"""Famous networks with skips: ResNets, DenseNet and MobileNetV2."""

from __future__ import annotations

from engine.data.sets.invented import RandomPictures
from engine.layers.activation import ReLU, ReLU6
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Add, Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import AvgPool2d, MaxPool2d
from engine.project.blocks import Block
from engine.templates.builder import Sketch, block
from engine.templates.convolutional import FEW, PICTURE
from engine.templates.declared import Template


def _resnet18(sketch: Sketch) -> None:
    x = _stem(sketch)
    keeping, halving = plain_residual(64), plain_residual(128, stride=2)
    x = sketch.repeat(keeping, x, times=2)
    for filters in (128, 256, 512):
        x = sketch.repeat(halving, x, filters=filters)
        x = sketch.repeat(keeping, x, filters=filters)
    _classify(sketch, x)


def _resnet50(sketch: Sketch) -> None:
    x = _stem(sketch)
    first, keeping = _bottleneck(64, first=True), _bottleneck(64, first=False)
    for filters, stride, times in ((64, 1, 3), (128, 2, 4), (256, 2, 6), (512, 2, 3)):
        x = sketch.repeat(first, x, filters=filters, wide=4 * filters, stride=stride)
        x = sketch.repeat(keeping, x, times=times - 1, filters=filters, wide=4 * filters)
    _classify(sketch, x)


def _stem(sketch: Sketch) -> str:
    x = sketch.add(Input())
    first = Conv2d(out_channels=64, kernel_size=7, stride=2, padding=3, bias=False)
    return sketch.chain(x, first, BatchNorm2d(), ReLU(), MaxPool2d(kernel_size=3, stride=2, padding=1))


def _classify(sketch: Sketch, x: str) -> None:
    sketch.chain(x, GlobalAvgPool(), Linear(out_features=1000), Output())


def plain_residual(filters: int, stride: int = 1) -> Block:
    """Two convolutions beside a skip; a stride needs a convolution in the skip as well.

    Source: He et al. 2015, "Deep residual learning".
    """

    def draw(inner: Sketch, x: str) -> str:
        first = Conv2d(out_channels=filters, stride=stride, padding=1, bias=False)
        y = inner.chain(x, first, BatchNorm2d(), ReLU())
        y = inner.chain(y, Conv2d(out_channels=filters, padding=1, bias=False), BatchNorm2d())
        return _joined(inner, y, x, filters, stride, stride > 1)

    convolutions = ("conv1", "conv2", "conv3") if stride > 1 else ("conv1", "conv2")
    offers = {"filters": [f"{name}.out_channels" for name in convolutions]}
    return block("Residual block" + (", halving" if stride > 1 else ""), draw, offers=offers)


def _bottleneck(filters: int, first: bool) -> Block:
    """Narrow, 3×3, wide again, beside a skip; the stride is on the 3×3."""

    def draw(inner: Sketch, x: str) -> str:
        y = inner.chain(x, _one(filters), BatchNorm2d(), ReLU())
        middle = Conv2d(out_channels=filters, padding=1, bias=False)
        y = inner.chain(y, middle, BatchNorm2d(), ReLU(), _one(4 * filters), BatchNorm2d())
        return _joined(inner, y, x, 4 * filters, 1, first)

    offers = {
        "filters": ["conv1.out_channels", "conv2.out_channels"],
        "wide": ["conv3.out_channels", *(["conv4.out_channels"] if first else [])],
        **({"stride": ["conv2.stride", "conv4.stride"]} if first else {}),
    }
    return block("Bottleneck, first of its size" if first else "Bottleneck", draw, offers=offers)


def _one(filters: int, stride: int = 1) -> Conv2d:
    return Conv2d(out_channels=filters, kernel_size=1, stride=stride, bias=False)


def _joined(inner: Sketch, y: str, x: str, filters: int, stride: int, shortcut: bool) -> str:
    skip = inner.chain(x, _one(filters, stride), BatchNorm2d()) if shortcut else x
    return inner.add(ReLU(), inner.add(Add(), y, skip))


def _densenet121(sketch: Sketch) -> None:
    x = _stem(sketch)
    layer = dense_layer(32)
    width = 64
    for place, times in enumerate((6, 12, 24, 16)):
        x = sketch.repeat(layer, x, times=times)
        width += 32 * times
        if place < 3:
            width //= 2
            x = sketch.chain(x, BatchNorm2d(), ReLU(), _one(width), AvgPool2d())
    _classify(sketch, sketch.chain(x, BatchNorm2d(), ReLU()))


def dense_layer(growth: int) -> Block:
    """New maps, put beside all that came before. Source: Huang et al. 2016, "DenseNet"."""

    def draw(inner: Sketch, x: str) -> str:
        y = inner.chain(x, BatchNorm2d(), ReLU(), _one(4 * growth), BatchNorm2d(), ReLU())
        y = inner.add(Conv2d(out_channels=growth, padding=1, bias=False), y)
        return inner.add(Concatenate(), x, y)

    return block("Dense layer", draw)


# times wider inside, filters, repeats, stride of the first
MOBILE = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _mobilenet(sketch: Sketch) -> None:
    x = sketch.add(Input())
    first = Conv2d(out_channels=32, stride=2, padding=1, bias=False)
    x, width = sketch.chain(x, first, BatchNorm2d(), ReLU6()), 32
    narrow, changing, keeping = inverted(32, 1, 16), inverted(16, 6, 24, 2), inverted(24, 6, 24)
    for wider, filters, times, stride in MOBILE:
        if wider == 1:
            x = sketch.repeat(narrow, x)
        else:
            x = sketch.repeat(changing, x, inside=width * wider, filters=filters, stride=stride)
        if times > 1:
            x = sketch.repeat(keeping, x, times=times - 1, inside=filters * wider, filters=filters)
        width = filters
    x = sketch.chain(x, _one(1280), BatchNorm2d(), ReLU6(), GlobalAvgPool(), Dropout(rate=0.2))
    sketch.chain(x, Linear(out_features=1000), Output())


def inverted(width: int, wider: int, filters: int, stride: int = 1) -> Block:
    """Wide inside, where each map has a filter of its own; a skip where the shape stays. One that is no wider
    inside is a depthwise separable convolution.

    Source: Sandler et al. 2018, "MobileNetV2: inverted residuals and linear bottlenecks".
    """
    inside = width * wider

    def draw(inner: Sketch, x: str) -> str:
        y = inner.chain(x, _one(inside), BatchNorm2d(), ReLU6()) if wider > 1 else x
        apart = Conv2d(out_channels=inside, stride=stride, padding=1, groups=inside, bias=False)
        y = inner.chain(y, apart, BatchNorm2d(), ReLU6(), _one(filters), BatchNorm2d())
        return inner.add(Add(), y, x) if stride == 1 and width == filters else y

    wide, last = (["conv1", "conv2"], "conv3") if wider > 1 else (["conv1"], "conv2")
    same_shape = stride == 1 and width == filters
    offers = {
        "inside": [*(f"{name}.out_channels" for name in wide), f"{wide[-1]}.groups"],
        "filters": [f"{last}.out_channels"],
        **({} if same_shape else {"stride": [f"{wide[-1]}.stride"]}),
    }
    name = "Inverted residual" if wider > 1 else "Depthwise separable"
    return block(name + (", changing size" if wider > 1 and not same_shape else ""), draw, offers=offers)


TEMPLATES = (
    Template(
        "resnet-18",
        "ResNet-18",
        "Skips let depth be trained.",
        PICTURE,
        _resnet18,
        RandomPictures(),
        FEW,
        year=2015,
    ),
    Template(
        "resnet-50",
        "ResNet-50",
        "Fifty layers in bottlenecks.",
        PICTURE,
        _resnet50,
        RandomPictures(),
        FEW,
        year=2015,
    ),
    Template(
        "densenet-121",
        "DenseNet-121",
        "Every layer sees all before it.",
        PICTURE,
        _densenet121,
        RandomPictures(),
        FEW,
        year=2016,
    ),
    Template(
        "mobilenet-v2",
        "MobileNetV2",
        "For telephones: wide inside, thin between.",
        PICTURE,
        _mobilenet,
        RandomPictures(),
        FEW,
        year=2018,
    ),
)
