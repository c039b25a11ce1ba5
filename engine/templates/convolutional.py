"""Famous convolutional networks that go straight down, and one that goes down and up again."""

from __future__ import annotations

from engine.data.sets.invented import MASK, RandomPictures
from engine.layers.activation import ReLU, Tanh
from engine.layers.adaptive import AdaptiveAvgPool2d, GlobalAvgPool
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import AvgPool2d, MaxPool2d
from engine.layers.reshape import Flatten
from engine.layers.transposed import ConvTranspose2d
from engine.losses.binary import BinaryCrossEntropy
from engine.project.blocks import Block
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch, block
from engine.templates.declared import Template

PICTURE = "pictures 3×224×224"
FEW = Recipe(epochs=1, batch_size=4)


def _lenet(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Conv2d(out_channels=6, kernel_size=5), Tanh(), AvgPool2d())
    x = sketch.chain(x, Conv2d(out_channels=16, kernel_size=5), Tanh(), AvgPool2d(), Flatten())
    x = sketch.chain(x, Linear(out_features=120), Tanh(), Linear(out_features=84), Tanh())
    sketch.chain(x, Linear(out_features=10), Output())


def _alexnet(sketch: Sketch) -> None:
    pool = MaxPool2d(kernel_size=3, stride=2)
    x = sketch.add(Input())
    x = sketch.chain(x, Conv2d(out_channels=64, kernel_size=11, stride=4, padding=2), ReLU(), pool)
    x = sketch.chain(x, Conv2d(out_channels=192, kernel_size=5, padding=2), ReLU(), pool)
    for filters in (384, 256, 256):
        x = sketch.chain(x, Conv2d(out_channels=filters, padding=1), ReLU())
    x = sketch.chain(x, pool, AdaptiveAvgPool2d(output_size=6), Flatten())
    x = sketch.chain(x, Dropout(), Linear(out_features=4096), ReLU())
    x = sketch.chain(x, Dropout(), Linear(out_features=4096), ReLU(), Linear(out_features=1000))
    sketch.add(Output(), x)


def _vgg16(sketch: Sketch) -> None:
    x = sketch.add(Input())
    for stage, (filters, convolutions) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        x = sketch.repeat(_stage(f"Stage {stage}", filters, convolutions), x)
    x = sketch.chain(x, AdaptiveAvgPool2d(output_size=7), Flatten())
    x = sketch.chain(x, Linear(out_features=4096), ReLU(), Dropout())
    x = sketch.chain(x, Linear(out_features=4096), ReLU(), Dropout())
    sketch.chain(x, Linear(out_features=1000), Output())


def _stage(name: str, filters: int, convolutions: int) -> Block:
    """Some convolutions, then half the height and width."""

    def draw(inner: Sketch, x: str) -> str:
        for _ in range(convolutions):
            x = inner.chain(x, Conv2d(out_channels=filters, padding=1), ReLU())
        return inner.add(MaxPool2d(), x)

    return block(name, draw)


def _squeezenet(sketch: Sketch) -> None:
    squeezed = fire(16, 64)
    pool = MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
    x = sketch.chain(sketch.add(Input()), Conv2d(out_channels=64, kernel_size=3, stride=2), ReLU())
    for few, many, times in ((16, 64, 2), (32, 128, 2)):
        x = sketch.repeat(squeezed, sketch.add(pool, x), times=times, few=few, many=many)
    x = sketch.add(pool, x)
    for few, many in ((48, 192), (64, 256)):
        x = sketch.repeat(squeezed, x, times=2, few=few, many=many)
    x = sketch.chain(x, Dropout(), Conv2d(out_channels=1000, kernel_size=1), ReLU(), GlobalAvgPool())
    sketch.add(Output(), x)


def fire(few: int, many: int) -> Block:
    """Squeezed to few maps, then widened by filters of two sizes. Source: Iandola et al. 2016."""

    def draw(inner: Sketch, x: str) -> str:
        x = inner.chain(x, Conv2d(out_channels=few, kernel_size=1), ReLU())
        one = inner.chain(x, Conv2d(out_channels=many, kernel_size=1), ReLU())
        three = inner.chain(x, Conv2d(out_channels=many, padding=1), ReLU())
        return inner.add(Concatenate(), one, three)

    offers = {"few": ["conv1.out_channels"], "many": ["conv2.out_channels", "conv3.out_channels"]}
    return block("Fire", draw, offers=offers)


def _unet(sketch: Sketch) -> None:
    x = unet(sketch, sketch.add(Input()), (64, 128, 256, 512, 1024))
    sketch.chain(x, Conv2d(out_channels=1, kernel_size=1), Output(loss=BinaryCrossEntropy()))


def unet(sketch: Sketch, x: str, widths: tuple[int, ...], normed: bool = False) -> str:
    """Down by pooling and up again by transposed convolutions, with a skip at every size.

    Source: Ronneberger, Fischer and Brox 2015, "U-Net".
    """
    double = _double(widths[0], normed)
    skips = []
    for filters in widths[:-1]:
        x = sketch.repeat(double, x, filters=filters)
        skips.append((filters, x))
        x = sketch.add(MaxPool2d(), x)
    x = sketch.repeat(double, x, filters=widths[-1])
    for filters, skip in reversed(skips):
        x = sketch.add(ConvTranspose2d(out_channels=filters), x)
        x = sketch.repeat(double, sketch.add(Concatenate(), skip, x), filters=filters)
    return x


def _double(filters: int, normed: bool) -> Block:
    def draw(inner: Sketch, x: str) -> str:
        for _ in range(2):
            x = inner.add(Conv2d(out_channels=filters, padding=1), x)
            x = inner.chain(x, BatchNorm2d(), ReLU()) if normed else inner.add(ReLU(), x)
        return x

    offers = {"filters": ["conv1.out_channels", "conv2.out_channels"]}
    return block("Two convolutions", draw, offers=offers)


TEMPLATES = (
    Template(
        "lenet-5",
        "LeNet-5",
        "Read the digits on cheques.",
        "pictures 1×32×32",
        _lenet,
        RandomPictures(channels=1, height=32, width=32, classes=10, samples=64),
        Recipe(epochs=1, batch_size=16),
        year=1998,
    ),
    Template(
        "alexnet",
        "AlexNet",
        "Began the age of deep networks.",
        PICTURE,
        _alexnet,
        RandomPictures(),
        FEW,
        year=2012,
    ),
    Template(
        "vgg-16",
        "VGG-16",
        "Nothing but 3×3 filters, and deep.",
        PICTURE,
        _vgg16,
        RandomPictures(),
        FEW,
        year=2014,
    ),
    Template(
        "squeezenet",
        "SqueezeNet 1.1",
        "As good as AlexNet with a fiftieth.",
        PICTURE,
        _squeezenet,
        RandomPictures(),
        FEW,
        year=2016,
    ),
    Template(
        "u-net",
        "U-Net",
        "Picture in, mask out, sharp edges.",
        "pictures 3×256×256",
        _unet,
        RandomPictures(height=256, width=256, target=MASK, samples=16),
        Recipe(epochs=1, batch_size=2),
        year=2015,
    ),
)
