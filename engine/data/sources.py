"""The data sets that come with the program: five from scikit-learn, the rest from `assets/data`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

import assets
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.source import Source
from engine.kinds import declare, param
from engine.message import Message, Trouble

FOLDER = Path(assets.__file__).parent / "data"


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
    title="Iris",
    family="tables",
    hint="150 flowers, 4 measurements, 3 species",
    search="flowers classification table",
)
class Iris(Source):
    """Four lengths measured on iris flowers. Which of three species is it?

    The smallest set of all, to see every step of a classification. Two of the species overlap a little.

    Source: R. A. Fisher, The use of multiple measurements in taxonomic problems, 1936; shipped by
    scikit-learn.

    Licence: CC BY 4.0 (UCI).
    """

    def schema(self) -> Schema:
        """Four lengths and one of three species."""
        names = ("sepal length", "sepal width", "petal length", "petal width")
        return schema_of(
            Column("features", (4,), unit="cm", doc="lengths of one flower", names=names, units=("cm",) * 4),
            target=Column(
                "species", (), "int", ("setosa", "versicolor", "virginica"), doc="the species of iris"
            ),
            samples=150,
        )

    def load(self) -> Raw:
        """The set as scikit-learn ships it."""
        from sklearn.datasets import load_iris

        return _table(load_iris(), "species")


@declare(
    title="Wine",
    family="tables",
    hint="178 wines, 13 analyses, 3 cultivars",
    search="chemistry classification table",
)
class Wine(Source):
    """Thirteen chemical analyses of wines from one region of Italy. Which of three cultivars is it?

    A table whose columns differ in size by a factor of a thousand: it shows what scaling is good for.

    Source: M. Forina et al., PARVUS, 1988, UCI; shipped by scikit-learn.

    Licence: CC BY 4.0 (UCI).
    """

    def schema(self) -> Schema:
        """Thirteen analyses and one of three cultivars."""
        names = (
            "alcohol",
            "malic acid",
            "ash",
            "alcalinity of ash",
            "magnesium",
            "total phenols",
            "flavanoids",
            "nonflavanoid phenols",
            "proanthocyanins",
            "color intensity",
            "hue",
            "od280/od315 of diluted wines",
            "proline",
        )
        return schema_of(
            Column("features", (13,), doc="analyses of one wine", names=names, units=("% vol",) + ("",) * 12),
            target=Column(
                "cultivar", (), "int", ("Barolo", "Grignolino", "Barbera"), doc="what it is made from"
            ),
            samples=178,
        )

    def load(self) -> Raw:
        """The set as scikit-learn ships it."""
        from sklearn.datasets import load_wine

        return _table(load_wine(), "cultivar")


@declare(
    title="Breast cancer",
    family="tables",
    hint="569 tumours, 30 measurements, 2 diagnoses",
    search="medicine wisconsin diagnosis binary classification table",
)
class BreastCancer(Source):
    """Thirty measurements of cell nuclei seen under a microscope. Is the tumour malignant or benign?

    For yes-or-no answers, where a tumour that is missed costs more than a false alarm: look at recall.

    Source: W. H. Wolberg, W. N. Street and O. L. Mangasarian, Breast cancer Wisconsin (diagnostic), UCI,
    1995; shipped by scikit-learn.

    Licence: CC BY 4.0 (UCI).
    """

    def schema(self) -> Schema:
        """Ten properties of the nuclei, each as mean, error and worst, and one of two diagnoses."""
        properties = (
            "radius",
            "texture",
            "perimeter",
            "area",
            "smoothness",
            "compactness",
            "concavity",
            "concave points",
            "symmetry",
            "fractal dimension",
        )
        names = (
            *(f"mean {name}" for name in properties),
            *(f"{name} error" for name in properties),
            *(f"worst {name}" for name in properties),
        )
        return schema_of(
            Column("features", (30,), doc="measurements of the nuclei of one sample of cells", names=names),
            target=Column(
                "diagnosis", (), "int", ("malignant", "benign"), doc="what the tumour turned out to be"
            ),
            samples=569,
        )

    def load(self) -> Raw:
        """The set as scikit-learn ships it."""
        from sklearn.datasets import load_breast_cancer

        return _table(load_breast_cancer(), "diagnosis")


@declare(
    title="Diabetes",
    family="tables",
    hint="442 patients, 10 measurements, a number to foretell",
    search="medicine regression table",
)
class Diabetes(Source):
    """Ten measurements of patients with diabetes. How far does the disease progress within a year?

    For predicting a number from a table. The answers are noisy, and a large network soon learns them by
    heart.

    Source: B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least angle regression, Annals of Statistics
    32, 2004; shipped by scikit-learn.

    Licence: no terms stated by the authors; taken as scikit-learn (BSD-3-Clause) ships it.
    """

    def schema(self) -> Schema:
        """Ten measurements and a score."""
        names = (
            "age",
            "sex",
            "body mass index",
            "blood pressure",
            "total cholesterol",
            "ldl",
            "hdl",
            "cholesterol ratio",
            "log triglycerides",
            "blood sugar",
        )
        units = ("years", "", "kg/m²", "mmHg", "mg/dl", "mg/dl", "mg/dl", "", "", "mg/dl")
        return schema_of(
            Column("features", (10,), doc="measurements of one patient", names=names, units=units),
            target=Column("progression", (1,), unit="points", doc="score of the disease one year later"),
            samples=442,
        )

    def load(self) -> Raw:
        """The set as scikit-learn ships it, in the units in which it was measured."""
        from sklearn.datasets import load_diabetes

        bunch = load_diabetes(scaled=False)
        return Raw({"features": bunch.data, "progression": bunch.target[:, None]})


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
        classes = (
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
        return schema_of(
            Column("image", (1, 28, 28), doc="a grey picture, bright cloth on dark ground", lo=0, hi=255),
            target=Column("label", (), "int", classes, doc="the kind of clothing"),
            samples=6000,
            own_test=1000,
        )

    def load(self) -> Raw:
        """Training pictures first, then the test pictures that Fashion-MNIST itself sets aside."""
        path = FOLDER / "fashion.npz"
        expected = Message("6,000 pictures of 28×28 with their labels")
        present(path)
        try:
            # opened here, since numpy leaves the file open where it cannot read it
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                images = np.concatenate([file["train_images"], file["test_images"]])
                labels = np.concatenate([file["train_labels"], file["test_labels"]])
        except Exception as error:  # damage shows as anything: zlib.error, BadZipFile, TokenError, KeyError …
            raise broken(path, expected, reason(error)) from None
        if images.shape != (6000, 28, 28) or labels.shape != (6000,) or images.dtype != np.uint8:
            found = Message(
                "{dtype} pictures {images} with labels {labels}",
                dtype=str(images.dtype),
                images="×".join(map(str, images.shape)),
                labels="×".join(map(str, labels.shape)),
            )
            raise broken(path, expected, found)
        return Raw({"image": images[:, None], "label": labels.astype(np.int64)}, np.arange(5000, 6000))


@declare(
    title="Sunspots",
    family="series",
    hint="309 years of sunspot numbers, 1700 to 2008",
    search="time series forecast regression sun",
)
class Sunspots(Source):
    """The mean number of sunspots in each year since 1700. How many will there be next?

    For forecasts: whether a network that remembers beats the guess that next year is like this one.

    A sample is a window of consecutive years and the value `horizon` years after the last of them. Parts
    follow each other in time by the year of the target: no target of a later part, and no later year, is ever
    seen in an earlier one. A later window does reach back into earlier years, as any forecast does.

    Source: Royal Observatory of Belgium (SIDC) and NOAA, as in statsmodels.

    Licence: public domain.
    """

    window: int = param(24, lo=2, hi=120, doc="How many years the network sees", unit="years")
    horizon: int = param(
        1, lo=1, hi=30, doc="How far ahead of the last year seen the target lies", unit="years"
    )

    FIRST, LAST = 1700, 2008

    def schema(self) -> Schema:
        """A window of years and a number."""
        columns = (
            Column("window", (self.window, 1), unit="sunspots", doc="yearly means, oldest first", lo=0),
            Column("next", (1,), unit="sunspots", doc="the yearly mean to foretell", lo=0),
        )
        return Schema(
            {column.name: column for column in columns},
            ("window",),
            "next",
            samples=self.LAST - self.FIRST + 1 - self.window - self.horizon + 1,
            series=True,
            gap=self.horizon - 1,
        )

    def year(self, row: int) -> int:
        """The year of a sample's target."""
        return self.FIRST + row + self.window + self.horizon - 1

    def load(self) -> Raw:
        """Every window whose target is known, oldest first."""
        values = self._values()
        ahead = self.window + self.horizon - 1
        windows = np.lib.stride_tricks.sliding_window_view(values, self.window)[: len(values) - ahead]
        return Raw({"window": windows[..., None], "next": values[ahead:, None]})

    def _values(self) -> np.ndarray:
        """The mean number of each year, oldest first, a vector."""
        path = FOLDER / "sunspots.csv"
        present(path)
        expected = Message(
            "a header and a line for each year from {first} to {last}", first=self.FIRST, last=self.LAST
        )
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))[1:]
            years = [int(year) for year, _ in rows]
            values = np.array([float(value) for _, value in rows])
        except (OSError, ValueError, csv.Error) as error:
            raise broken(path, expected, reason(error)) from None
        if years != list(range(self.FIRST, self.LAST + 1)):
            raise broken(path, expected, Message("{count} years that are not these", count=len(years)))
        return values


def _table(bunch: Any, target: str) -> Raw:
    return Raw({"features": bunch.data, target: bunch.target})


def present(path: Path) -> None:
    """Raise `Trouble` where a data file of the program is missing."""
    if not path.is_file():
        raise Trouble(
            "A data file of the program is missing: expected {path}. "
            "Install the program again, or choose other data.",
            path=str(path),
        )


def broken(path: Path, expected: Message, found: Message | str) -> Trouble:
    """What is said of a data file of the program that is damaged."""
    return Trouble(
        "A data file of the program is damaged: expected {expected} in {path}, received {found}. "
        "Install the program again, or choose other data.",
        expected=expected,
        path=str(path),
        found=found,
    )


def reason(error: Exception) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
