"""Pictures that come with the program."""

from __future__ import annotations

import numpy as np

from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets import shipped
from engine.data.source import Source
from engine.kinds import declare
from engine.message import Message

CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


@declare(
    title="Digits",
    family="pictures",
    hint="1,797 handwritten digits, 8×8",
    search="handwriting optical recognition mnist small classification",
)
class Digits(Source):
    """Handwritten digits as grey pictures of 8×8 pixels, from 0 (ground) to 16 (ink). Which digit is it?

    The first set for pictures: a small network reads it within seconds, on any machine.

    Source: E. Alpaydin and C. Kaynak, Optical recognition of handwritten digits, UCI, 1998, test part;
    shipped by scikit-learn.

    Licence: CC BY 4.0 (UCI).
    """

    def schema(self) -> Schema:
        """A picture and one of ten classes."""
        return schema_of(
            Column("image", (1, 8, 8), doc="a grey picture, bright ink on dark ground", lo=0, hi=16),
            target=Column("label", (), "int", tuple("0123456789"), doc="the digit that was written"),
            samples=1797,
        )

    def load(self) -> Raw:
        """The set as scikit-learn ships it."""
        from sklearn.datasets import load_digits

        bunch = load_digits()
        return Raw({"image": bunch.images[:, None], "label": bunch.target})


@declare(
    title="Fashion",
    family="pictures",
    hint="6,000 articles of clothing, 28×28",
    search="fashion-mnist zalando clothes classification",
)
class Fashion(Source):
    """Clothes as grey pictures of 28×28 pixels, 5,000 to learn from and 1,000 to test. What is it?

    When digits are too easy: large enough that convolutions beat a plain network, small enough for a
    processor.

    Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, Zalando Research, 2017.

    Licence: MIT, © 2017 Zalando SE.
    """

    def schema(self) -> Schema:
        """A picture and one of ten classes."""
        return schema_of(
            Column("image", (1, 28, 28), doc="a grey picture, bright cloth on dark ground", lo=0, hi=255),
            target=Column("label", (), "int", CLOTHES, doc="the kind of clothing"),
            samples=6000,
            own_test=1000,
        )

    def load(self) -> Raw:
        """Training pictures first, then the test pictures that Fashion-MNIST itself sets aside."""
        path = shipped.FOLDER / "fashion.npz"
        expected = Message("6,000 pictures of 28×28 with their labels")
        shipped.present(path)
        try:
            # opened here, since numpy leaves the file open where it cannot read it
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                images = np.concatenate([file["train_images"], file["test_images"]])
                labels = np.concatenate([file["train_labels"], file["test_labels"]])
        except Exception as error:  # damage shows as anything: zlib.error, BadZipFile, TokenError, KeyError …
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        if images.shape != (6000, 28, 28) or labels.shape != (6000,) or images.dtype != np.uint8:
            found = Message(
                "{dtype} pictures {images} with labels {labels}",
                dtype=str(images.dtype),
                images="×".join(map(str, images.shape)),
                labels="×".join(map(str, labels.shape)),
            )
            raise shipped.broken(path, expected, found)
        return Raw({"image": images[:, None], "label": labels.astype(np.int64)}, np.arange(5000, 6000))
