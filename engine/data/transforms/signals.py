"""Steps of training for sound and series: earlier or later, faster or slower, louder, parts left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.data.schema import Column
from engine.data.transforms.transform import Altering
from engine.kinds import declare, param
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

    from engine.data.transforms.draws import Draws


def is_wave(column: Column) -> bool:
    """Whether a column holds waves of sound: channels and samples."""
    return column.kind == "audio" and len(column.shape) == 2


def time_axis(column: Column) -> int:
    """Which axis of a batch is time: the first of a series' samples, the last of a sound's."""
    return 1 if column.kind == "series" else len(column.shape)


@declare(title="Shift in time", family="transforms", hint="earlier or later", search="delay roll translate")
class TimeShift(Altering):
    """Lets each sound or series begin a little earlier or later.

    Where it does not matter when something happens. Not for a series that foretells what comes next.

    Formula: y(t) = x(t − s), s ~ U(−share·T, share·T); silence outside of a wave, else the first or last step

    Source: J. Salamon and J. P. Bello, Deep convolutional neural networks and data augmentation for
    environmental sound classification, 2017.
    """

    of = ("audio", "series")
    share: float = param(0.1, lo=0, hi=1, doc="Farthest shift, as a share of the whole length")

    def in_words(self) -> Message | str:
        return f"±{100 * self.share:g} %"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        import torch

        from engine.data.transforms import warping

        axis = time_axis(column)
        length = values.shape[axis]
        shift = draws.uniform(len(values), -self.share * length, self.share * length).round()
        places = torch.arange(length, device=values.device) - shift.unsqueeze(1)
        return warping.resampled(values, places, axis, edge=not is_wave(column))


@declare(
    title="Stretch in time",
    family="transforms",
    hint="faster or slower",
    search="speed tempo warp perturbation",
)
class TimeStretch(Altering):
    """Plays each sound or series a little faster or slower; a wave becomes higher or lower with it.

    For speech and movements, which everybody makes at a pace of his own.

    Formula: y(t) = x(r·t), r ~ U(1 − most, 1 + most); between two steps in proportion

    Source: T. Ko, V. Peddinti, D. Povey and S. Khudanpur, Audio augmentation for speech recognition, 2015.
    """

    of = ("audio", "series")
    most: float = param(0.1, lo=0, hi=0.9, doc="How much faster or slower at most, as a share")

    def in_words(self) -> Message | str:
        return f"±{100 * self.most:g} %"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        import torch

        from engine.data.transforms import warping

        axis = time_axis(column)
        rate = draws.uniform(len(values), 1 - self.most, 1 + self.most).unsqueeze(1)
        places = torch.arange(values.shape[axis], device=values.device) * rate
        return warping.resampled(values, places, axis, edge=not is_wave(column))


@declare(
    title="Gain", family="transforms", hint="louder or fainter", search="volume loudness amplitude decibel"
)
class Gain(Altering):
    """Makes each sound a little louder or fainter.

    For recordings from near and far. For waves, and for what is measured in decibels.

    Formula: y = x·10^(g/20), of decibels y = x + g; g ~ U(−decibels, decibels)

    Source: J. Salamon and J. P. Bello, Deep convolutional neural networks and data augmentation for
    environmental sound classification, 2017.
    """

    of = ("audio",)
    decibels: float = param(6.0, lo=0, hi=60, doc="Largest change", unit="dB")

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is None and not is_wave(column) and column.unit != "dB":
            return Message("expected a wave or decibels")
        return found

    def in_words(self) -> Message | str:
        return f"±{self.decibels:g} dB"

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        gain = draws.uniform((len(values), *[1] * (values.ndim - 1)), -self.decibels, self.decibels)
        return values * 10 ** (gain / 20) if is_wave(column) else values + gain


@declare(
    title="SpecAugment",
    family="transforms",
    hint="bands, frames hidden",
    search="spectrogram frequency time mask speech",
)
class SpecAugment(Altering):
    """Hides bands of pitch and stretches of time of each spectrogram behind its mean.

    The usual step for speech: a network has to understand from what is left.

    Formula: y[f, t] = mean(x) where a ≤ f < a + w or b ≤ t < b + v; w ∈ {0 … bands}, v ∈ {0 … frames}

    Source: D. S. Park and others, SpecAugment: a simple data augmentation method for automatic speech
    recognition, 2019.
    """

    of = ("audio",)
    bands: int = param(6, lo=0, hi=512, doc="Most bands that are hidden at once")
    frames: int = param(6, lo=0, hi=4096, doc="Most frames that are hidden at once")
    times: int = param(1, lo=1, hi=10, doc="How often something is hidden, of each")

    def objection(self, column: Column) -> Message | None:
        found = super().objection(column)
        if found is None and len(column.shape) != 3:
            return Message("expected a spectrogram, received a wave")
        return found

    def in_words(self) -> Message | str:
        return Message("{bands} bands, {frames} frames", bands=self.bands, frames=self.frames)

    def altered(self, values: Tensor, draws: Draws, column: Column) -> Tensor:
        import torch

        mean = values.mean((1, 2, 3), keepdim=True)
        for _ in range(self.times):
            for axis, most in ((2, self.bands), (3, self.frames)):
                length = values.shape[axis]
                wide = draws.integers(len(values), 0, min(most, length))
                first = (draws.uniform(len(values)) * (length - wide + 1)).floor().long()
                places = torch.arange(length, device=values.device)
                hidden = (places >= first.unsqueeze(1)) & (places < (first + wide).unsqueeze(1))
                shape = (len(values), 1, length, 1) if axis == 2 else (len(values), 1, 1, length)
                values = torch.where(hidden.reshape(shape), mean, values)
        return values
