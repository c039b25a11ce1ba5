"""Tables that come with the program: rows of measurements, as scikit-learn ships them."""

from __future__ import annotations

from typing import Any

from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.source import Source
from engine.kinds import declare


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


def _table(bunch: Any, target: str) -> Raw:
    return Raw({"features": bunch.data, target: bunch.target})
