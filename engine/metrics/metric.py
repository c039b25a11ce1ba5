"""The metrics that an Output can ask for, each with what it says. `training/metrics.py` computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from engine.kinds import Kind, declare, registry, role

if TYPE_CHECKING:
    from torch import Tensor


@role
class Metric(Kind):
    """How good predictions are, in one number. `name` is what people read and files keep; `tasks` are what it
    can judge, as losses name them.
    """

    name: ClassVar[str] = ""
    tasks: ClassVar[tuple[str, ...]] = ("classes", "binary")
    at_zero: ClassVar[bool] = True
    """Whether it is defined where a true number is zero."""
    higher: ClassVar[bool] = True
    """Whether more is better."""

    @classmethod
    def complete(cls) -> None:
        """Call it by its class where it has no name."""
        cls.name = cls.name or cls.__name__

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.name

    def compute(self, prediction: Tensor, target: Tensor) -> float | None:
        """Its value over all samples at once, on the processor; None where it is not defined. A plug-in says
        it; the engine computes its own together.

        For "classes" and "binary" the prediction is scores of rows×classes and the target the class of each
        row, with a row for each place that counts; a yes-or-no score stands beside its opposite, 0. For
        "numbers" both are N×features in the target's own units. For a "sequence" both are classes of N×steps.
        """
        return None


def more_is_better(measure: str) -> bool:
    """Whether more of a measure is better, by what reports call it: `loss`, `accuracy`, `output2.rmse`. What
    no metric declares is a loss, and less of it is better.
    """
    name = measure.rpartition(".")[2]
    return next((kind.higher for kind in registry(Metric).values() if key(kind.name) == name), False)


def key(metric: str) -> str:
    """What a metric is called in reports and files: "balanced accuracy" is `balanced_accuracy`."""
    return metric.lower().replace(" ", "_").replace("-", "_")


@declare(name="accuracy", hint="share that is right", search="classification correct right hits error rate")
class Accuracy(Metric):
    """The share of answers that are right.

    For classes that come up about equally often. Where one is rare, saying no each time looks good already.

    Formula: accuracy = right answers / n; among n answers

    Source: torch.Tensor.argmax compared with the target.
    """

    tasks = ("classes", "binary", "sequence")


@declare(name="top-3 accuracy", hint="right among the best 3", search="classification top k best three")
class Top3Accuracy(Metric):
    """The share of samples whose right class is among the three with the highest scores.

    For many classes that resemble each other, where a short list of guesses is good enough.

    Formula: top-3 accuracy = samples whose class has one of the 3 highest scores / n

    Source: Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge", with 5 in place of
    3.
    """


@declare(
    name="top-5 accuracy", hint="right among the best 5", search="classification top k best five imagenet"
)
class Top5Accuracy(Metric):
    """The share of samples whose right class is among the five with the highest scores.

    For hundreds of classes or more, as it is usual with ImageNet.

    Formula: top-5 accuracy = samples whose class has one of the 5 highest scores / n

    Source: Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge".
    """


@declare(
    name="balanced accuracy", hint="each class alike", search="classification imbalanced rare recall macro"
)
class BalancedAccuracy(Metric):
    """The share that is right within each class, and the mean of these shares.

    Where some classes are rare and count as much as the others.

    Formula: balanced accuracy = mean TP / (TP + FN); over the classes that come up

    Source: Brodersen et al. 2010, "The balanced accuracy and its posterior distribution".
    """


@declare(name="precision", hint="few false alarms", search="classification false positive alarm purity")
class Precision(Metric):
    """How many of those that are said to be of a class are of it; the mean over classes.

    Where a false alarm costs most. Of a yes-or-no question, of its yes alone.

    Formula: precision = mean TP / (TP + FP); over the classes that come up or are said

    Source: van Rijsbergen 1979, "Information retrieval".
    """


@declare(name="recall", hint="few that are missed", search="classification false negative missed sensitivity")
class Recall(Metric):
    """How many of those that are of a class are found; the mean over classes.

    Where one that is missed costs most. Of a yes-or-no question, of its yes alone.

    Formula: recall = mean TP / (TP + FN); over the classes that come up or are said

    Source: van Rijsbergen 1979, "Information retrieval".
    """


@declare(name="F1", hint="precision and recall", search="classification f score harmonic mean")
class F1(Metric):
    """The harmonic mean of precision and recall of each class, and the mean over classes.

    Where false alarms and misses count alike and classes differ in size. Of a yes-or-no question, of its
    yes alone.

    Formula: F1 = mean 2·TP / (2·TP + FP + FN); over the classes that come up or are said

    Source: van Rijsbergen 1979, "Information retrieval".
    """


@declare(
    name="AUROC", hint="order of the scores", search="classification roc curve area ranking threshold auc"
)
class AUROC(Metric):
    """How likely one that is of the class scores higher than one that is not; the mean over classes.

    To judge scores before a threshold is chosen. ½ is guessing, 1 is perfect.

    Formula: AUROC = mean P(score of a yes > score of a no); over the classes, equal scores count half

    Source: Hanley and McNeil 1982, "The meaning and use of the area under a receiver
    operating characteristic (ROC) curve".
    """


@declare(
    name="average precision", hint="for rare classes", search="classification precision recall curve area"
)
class AveragePrecision(Metric):
    """The precision at every threshold, weighted by the recall it adds; the mean over classes.

    To judge scores before a threshold is chosen where yes is rare, as in search.

    Formula: AP = Σ (recall[k] − recall[k − 1])·precision[k]; over the thresholds k; the mean over
    classes

    Source: Manning, Raghavan and Schütze 2008, "Introduction to information retrieval".
    """


@declare(name="IoU", hint="overlap of places", search="segmentation intersection over union jaccard mask")
class IoU(Metric):
    """The places found rightly as a share of those of a class or said to be of it; the mean over classes.

    For marking places in pictures. Of a yes-or-no question, of its yes alone.

    Formula: IoU = mean TP / (TP + FP + FN); over the classes that come up or are said

    Source: Jaccard 1912, "The distribution of the flora in the alpine zone".
    """


@declare(name="dice", hint="overlap of places", search="segmentation overlap f1 sorensen mask medical")
class Dice(Metric):
    """Twice the places found rightly as a share of both areas together; the mean over classes.

    For marking places in pictures, as it is usual in medicine. The same as F1 of the places. Of a yes-or-no
    question, of its yes alone.

    Formula: dice = mean 2·TP / (2·TP + FP + FN); over the classes that come up or are said

    Source: Dice 1945, "Measures of the amount of ecologic association between species".
    """


@declare(name="perplexity", hint="how many to guess from", search="language model cross entropy words tokens")
class Perplexity(Metric):
    """Among how many equally likely classes the network is left to guess, in the mean.

    For language models: 1 is certain, the number of classes is no knowledge at all.

    Formula: perplexity = e^(mean −ln p[t]); p = softmax of the scores, t the right class

    Source: Jelinek et al. 1977, "Perplexity: a measure of the difficulty of speech recognition tasks".
    """

    higher = False


@declare(name="MAE", hint="mean error", search="regression mean absolute error l1")
class MAE(Metric):
    """How far predictions are off, in the mean and in the target's own units.

    For predicting numbers, where an error twice as large is twice as bad.

    Formula: MAE = mean |x − t|

    Source: Willmott and Matsuura 2005, "Advantages of the mean absolute error (MAE) over the root mean square
    error (RMSE) in assessing average model performance".
    """

    higher = False
    tasks = ("numbers",)


@declare(name="RMSE", hint="large ones count more", search="regression root mean squared error l2")
class RMSE(Metric):
    """The root of the mean squared error, in the target's own units.

    For predicting numbers, where large errors are worse than many small ones.

    Formula: RMSE = √(mean (x − t)²)

    Source: Legendre 1805, the method of least squares.
    """

    higher = False
    tasks = ("numbers",)


@declare(
    name="MAPE", hint="error as a share", search="regression mean absolute percentage error relative forecast"
)
class MAPE(Metric):
    """How far predictions are off as a share of the true number, in the mean.

    For amounts of very different size. Not defined where a true number is zero.

    Formula: MAPE = mean |x − t| / |t|

    Source: Hyndman and Koehler 2006, "Another look at measures of forecast accuracy".
    """

    higher = False
    tasks = ("numbers",)
    at_zero = False


@declare(
    name="R2",
    hint="share explained",
    search="regression coefficient of determination variance explained",
)
class R2(Metric):
    """The share of the target's variance that the predictions explain.

    To compare across targets: 1 is perfect, 0 is no better than always saying the mean.

    Formula: R² = 1 − Σ (x − t)² / Σ (t − mean of t)²

    Source: Wright 1921, "Correlation and causation".
    """

    tasks = ("numbers",)


METRICS = tuple(metric.name for metric in Metric.__subclasses__())
"""The names of all, in the order of this page."""
