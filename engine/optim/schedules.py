"""Schedules, which change the learning rate over a training.

Those that rise and fall have the optimiser's rate at their highest point.
"""

from __future__ import annotations

from math import cos, pi

from engine.kinds import declare, param, settings, types
from engine.optim.optimiser import Schedule, Seen


@settings
class Warmed(Schedule):
    """What all of ours share: a rise in a straight line before anything else, to where they begin. What comes
    after it is `after`, and goes by the epochs since.
    """

    warm_up: float = param(
        0.0,
        lo=0,
        doc="Epochs over which the rate rises in a straight line before anything else",
        unit="epochs",
        last=True,
        later=True,
    )

    def of_step(self, progress: float, step: float, epochs: int) -> float:
        if (
            progress < self.warm_up
        ):  # by where the step ends: from where it begins, the first would change nothing
            return min(1.0, (progress + step) / self.warm_up) * self.begin()
        return self.after(progress - self.warm_up, epochs - self.warm_up)

    def factor(self, progress: float, epochs: int) -> float:
        if progress < self.warm_up:
            return progress / self.warm_up * self.begin()
        return self.after(progress - self.warm_up, epochs - self.warm_up)

    def begin(self) -> float:
        """The factor that the warm-up leads to."""
        return 1.0

    def after(self, progress: float, epochs: float) -> float:
        """The factor when `progress` of `epochs` are done, both counted from the end of the warm-up."""
        raise NotImplementedError(type(self).__name__)  # every schedule says what it does


def share(progress: float, epochs: float) -> float:
    """Which part of so many epochs is done, from 0 to 1."""
    return min(max(progress / max(epochs, 1e-9), 0.0), 1.0)


def half_wave(first: float, last: float, done: float) -> float:
    """From the first to the last value along half a cosine wave."""
    return last + (first - last) * (1 + cos(pi * done)) / 2


@declare(hint="unchanged", search="fixed same flat")
class Constant(Warmed):
    """The rate stays as it is.

    For short trainings and first tries.

    Formula: rate(e) = rate

    Source: Bengio 2012, "Practical recommendations for gradient-based training of deep architectures".
    """

    def after(self, progress: float, epochs: float) -> float:
        return 1.0


@declare(hint="falls in steps", search="staircase decay multistep drop")
class Step(Warmed):
    """The rate falls by a factor every few epochs.

    The classic for picture networks: a tenth after each third of the training.

    Formula: rate(e) = rate·by^⌊e / every⌋; e epochs are done since the warm-up

    Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural
    networks".
    """

    every: int = param(10, lo=1, doc="Epochs between two falls", unit="epochs")
    by: float = param(0.1, lo=0, hi=1, above=True, doc="What the rate is multiplied with at each fall")

    def after(self, progress: float, epochs: float) -> float:
        return float(self.by ** (int(progress) // self.every))


@declare(hint="falls smoothly", search="annealing warm-up warmup half wave decay")
class Cosine(Warmed):
    """The rate falls along half a cosine wave from full to the floor, after a warm-up if there is one.

    A safe choice for almost everything: large steps first, fine ones at the end.

    Formula: rate(e) = rate·(floor + (1 − floor)·(1 + cos(π·t)) / 2); t = (e − warm_up) / (epochs − warm_up);
    before: rate·(k + 1) / n in step k of n, counted from 0

    Source: Loshchilov and Hutter 2016, "SGDR".
    """

    warm_up: float = param(
        0.0, lo=0, doc="Epochs over which the rate rises in a straight line", unit="epochs", first=True
    )
    floor: float = param(0.0, lo=0, hi=1, doc="Share of the rate that is left at the end")

    def after(self, progress: float, epochs: float) -> float:
        done = share(progress, epochs)
        return self.floor + (1 - self.floor) * (1 + cos(pi * done)) / 2


@declare(hint="up, then down", search="super convergence cycle policy fastai onecycle warm-up")
class OneCycle(Warmed):
    """The rate rises from a small one to full and falls far below it, once over the whole training.

    For quick trainings with a high rate. Measure first how high it may be.

    Formula: rate(e) = rate·(start + (1 − start)·(1 − cos(π·t / rise)) / 2), then rate·(end + (1 − end)·(1 +
    cos(π·(t − rise) / (1 − rise))) / 2); t = e / epochs

    Source: Smith and Topin 2017, "Super-convergence: very fast training of neural networks using large
    learning rates".
    """

    rise: float = param(0.3, lo=0, hi=0.99, doc="Share of the training over which the rate rises")
    start: float = param(0.04, lo=0, hi=1, above=True, doc="Share of the rate to begin with")
    end: float = param(4e-6, lo=0, hi=1, doc="Share of the rate to end with", advanced=True)

    @classmethod
    def label(cls) -> str:
        return "One cycle"

    def begin(self) -> float:
        return self.start if self.rise else 1.0

    def after(self, progress: float, epochs: float) -> float:
        done = share(progress, epochs)
        if done < self.rise:
            return half_wave(self.start, 1.0, done / self.rise)
        return half_wave(1.0, self.end, (done - self.rise) / (1 - self.rise))


@declare(hint="by validation loss", search="reduce on plateau adaptive patience stagnation lr")
class ReduceOnPlateau(Warmed):
    """The rate falls when the validation loss has not fallen for some epochs.

    Where nobody knows how long a training will take.

    Formula: rate ← rate·by where the validation loss has not fallen below best·(1 − threshold) for more than
    patience epochs

    Source: torch.optim.lr_scheduler.ReduceLROnPlateau.
    """

    by: float = param(0.1, lo=0, hi=1, above=True, doc="What the rate is multiplied with at each fall")
    patience: int = param(10, lo=0, doc="Epochs without a lower validation loss that it waits", unit="epochs")
    threshold: float = param(
        1e-4, lo=0, hi=1, doc="Share by which the loss must be lower to count", advanced=True
    )
    rest: int = param(
        0, lo=0, doc="Epochs after a fall before it begins to count again", unit="epochs", advanced=True
    )
    floor: float = param(0.0, lo=0, hi=1, doc="Share of the rate below which it does not fall", advanced=True)

    @classmethod
    def label(cls) -> str:
        return "Reduce on plateau"

    def after(self, progress: float, epochs: float) -> float:
        return 1.0

    def begun(self) -> Seen:
        return 1.0, float("inf"), 0.0, 0.0

    def seen(self, before: Seen, loss: float) -> Seen:
        """The factor, the least loss so far, epochs without a lower one, and epochs of rest that are left."""
        factor, least, waited, rest = before
        if loss < least * (1 - self.threshold):
            least, waited = loss, 0.0
        else:
            waited += 1
        if rest > 0:
            rest, waited = rest - 1, 0.0
        if waited > self.patience:
            factor, rest, waited = max(factor * self.by, self.floor), float(self.rest), 0.0
        return factor, least, waited, rest


@declare(hint="in a straight line", search="linear ramp decay bert fine-tuning")
class LinearDecay(Warmed):
    """The rate falls in a straight line, to nothing or to the floor.

    With a warm-up the usual one for fine-tuning Transformers.

    Formula: rate(e) = rate·(1 − (1 − floor)·t); t = e / epochs since the warm-up

    Source: Devlin et al. 2018, "BERT: pre-training of deep bidirectional transformers".
    """

    floor: float = param(0.0, lo=0, hi=1, doc="Share of the rate that is left at the end")

    @classmethod
    def label(cls) -> str:
        return "Linear"

    def after(self, progress: float, epochs: float) -> float:
        return 1 - (1 - self.floor) * share(progress, epochs)


@declare(hint="by a power", search="poly decay segmentation deeplab power")
class Polynomial(Warmed):
    """The rate falls to nothing by a power of what is left of the training.

    The usual one for networks that tell apart the parts of pictures.

    Formula: rate(e) = rate·(1 − t)^power; t = e / epochs since the warm-up

    Source: Liu, Rabinovich and Berg 2015, "ParseNet: looking wider to see better".
    """

    power: float = param(0.9, lo=0, hi=10, above=True, doc="1 falls in a straight line, more falls at once")

    def after(self, progress: float, epochs: float) -> float:
        return float((1 - share(progress, epochs)) ** self.power)


@declare(hint="by a factor an epoch", search="exponential decay geometric half-life")
class ExponentialDecay(Warmed):
    """The rate falls by the same factor over every epoch, a little with each step.

    For long trainings that shall never quite stand still.

    Formula: rate(e) = rate·by^e; e epochs are done since the warm-up, fractions count

    Source: Robbins and Monro 1951, "A stochastic approximation method".
    """

    by: float = param(0.95, lo=0, hi=1, above=True, doc="What the rate is multiplied with over an epoch")

    @classmethod
    def label(cls) -> str:
        return "Exponential"

    def after(self, progress: float, epochs: float) -> float:
        return float(self.by**progress)


@declare(hint="falls where you say", search="milestones staircase decay multistep drop resnet")
class MultiStep(Warmed):
    """The rate falls by a factor after each of the epochs that are named.

    Where it is known from a paper or from earlier trainings when to fall.

    Formula: rate(e) = rate·by^n; n of the epochs in after_epochs are done since the warm-up

    Source: He et al. 2015, "Deep residual learning for image recognition".
    """

    after_epochs: tuple[int, ...] = param(
        (10, 15), type=types.Integers(lo=1), doc="The epochs after which the rate falls"
    )
    by: float = param(0.1, lo=0, hi=1, above=True, doc="What the rate is multiplied with at each fall")

    @classmethod
    def label(cls) -> str:
        return "Multi-step"

    def after(self, progress: float, epochs: float) -> float:
        return float(self.by ** sum(progress >= epoch for epoch in self.after_epochs))


@declare(hint="falls, and begins anew", search="cosine annealing warm restarts sgdr cyclic")
class WarmRestarts(Warmed):
    """The rate falls along half a cosine wave, jumps back to full and falls again, each time more slowly.

    Where several good networks shall be found in one training, or its length is not known.

    Formula: rate(e) = rate·(floor + (1 − floor)·(1 + cos(π·t)) / 2); t is the part of the present cycle, the
    first takes cycle epochs, each other times times as long

    Source: Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts".
    """

    cycle: int = param(5, lo=1, doc="Epochs until the rate is first full again", unit="epochs")
    times: int = param(2, lo=1, hi=10, doc="How many times as long each cycle is as the one before")
    floor: float = param(0.0, lo=0, hi=1, doc="Share of the rate that is left at the end of a cycle")

    @classmethod
    def label(cls) -> str:
        return "Warm restarts"

    def after(self, progress: float, epochs: float) -> float:
        length: float = self.cycle
        while progress >= length and self.times > 1:
            progress, length = progress - length, length * self.times
        return half_wave(1.0, self.floor, progress % length / length)


@declare(hint="up and down again", search="cyclical triangular clr range")
class Cyclic(Warmed):
    """The rate rises from the floor to full and falls back, again and again, in straight lines.

    Where one rate for all of the training cannot be found.

    Formula: rate(e) = rate·(floor + (1 − floor)·s·(1 − |2·t − 1|)); t is the part of cycle number c, from 0,
    that is done, s = fade^c

    Source: Smith 2015, "Cyclical learning rates for training neural networks".
    """

    cycle: float = param(4.0, lo=0, above=True, doc="Epochs from one low point to the next", unit="epochs")
    floor: float = param(0.1, lo=0, hi=1, doc="Share of the rate at the low points")
    fade: float = param(
        1.0, lo=0, hi=1, above=True, doc="What the height of each cycle is multiplied with, of that before"
    )

    def begin(self) -> float:
        return self.floor

    def after(self, progress: float, epochs: float) -> float:
        number, done = divmod(progress / self.cycle, 1)
        return float(self.floor + (1 - self.floor) * self.fade**number * (1 - abs(2 * done - 1)))
