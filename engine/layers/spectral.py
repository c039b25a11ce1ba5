"""Layers that look at a signal as a sum of waves."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from engine.kinds import Layer, declare, param, settings
from engine.kinds.code import Code, expression
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.axes import OnAxis, axis_words
from engine.message import counted

WINDOW_TOO_LONG = ObjectionKind(
    "window-too-long",
    expected="a sound of more than {half} samples",
    why="Half a window is mirrored at each end, and the sound has {length}.",
)


@declare(hint="to waves", icon="sound", search="fft fourier transform frequency spectrum waves signal")
class FourierTransform(OnAxis):
    """Takes a signal apart into waves along an axis: one number for each frequency.

    To find rhythms and pitches. Frequencies run from none to half the number of places.

    Formula: y[k] = Σ x[t]·e^(−2πi·k·t / s), its magnitude |y[k]|; k ≤ s / 2, over the s places t along axis

    Source: Cooley and Tukey 1965, "An algorithm for the machine calculation of complex Fourier series".
    """

    give: str = param(
        "magnitude", options=("magnitude", "complex"), doc="How strong each wave is, or its complex number"
    )

    def summary(self) -> str:
        return ", ".join(word for word in (self.give, axis_words(self.axis, 1)) if word)

    def torch(self, x: Incoming) -> Code:
        return expression(
            f"torch.fft.rfft({{x}}, dim={self.axis})" + (".abs()" if self.give == "magnitude" else "")
        )


@settings
class ShortTime(Layer):
    """What spectrograms share."""

    family = "convolution"
    icon = "sound"
    tall = False
    window: int = param(256, lo=2, hi=1_000_000, doc="Length of a stretch", unit="samples")
    hop: int = param(128, lo=1, hi=1_000_000, doc="Step from one stretch to the next", unit="samples")
    x = port("N L", doc="a sound, one number for each moment")

    @property
    def bins(self) -> int:
        """How many frequencies a stretch of that length has."""
        return self.window // 2 + 1

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.window // 2 >= x.L:
            longest = 1 << x.L.bit_length() - 1  # a power of two, for which the transform is quickest
            yield WINDOW_TOO_LONG(
                half=self.window // 2, length=x.L, settings=(("window", longest),) if longest > 1 else ()
            )

    def spectrum(self) -> tuple[str, ...]:
        """The lines that leave the strength of each frequency at each stretch in `{waves}`."""
        words = "window={window}, return_complex=True"
        return (
            f"{{window}} = torch.hann_window({self.window}, device={{x}}.device)",
            f"{{parts}} = torch.stft({{x}}, {self.window}, {self.hop}, {words})",
            "{waves} = {parts}.abs()",
        )

    def sizing(self, x: Incoming) -> str:
        return f"⌊{self.window} / 2⌋ + 1 = {self.bins}\n{self.stretches(x.L)}"

    def stretches(self, length: int) -> str:
        """How the number of stretches comes about. Half a window, rounded down, is added at each end."""
        steps = length - self.window % 2
        first = f"({length} − 1)" if self.window % 2 else str(length)
        return f"⌊{first} / {self.hop}⌋ + 1 = {steps // self.hop + 1}"


@declare(
    hint="of sound, as a picture",
    stem="spectrogram",
    search="stft short time fourier spectrogram sound audio frequency",
)
class Spectrogram(ShortTime):
    """Cuts a sound into overlapping stretches and says how strong each frequency is in each.

    Makes a picture of a sound, for convolutions to look at.

    Formula: y[k, m] = |Σ w[t]·x[hop·m + t − window / 2]·e^(−2πi·k·t / window)|; over t < window, w[t] =
    sin²(π·t / window)

    Source: Gabor 1946, "Theory of communication"; with a Hann window.
    """

    def summary(self) -> str:
        return f"{self.window}, hop {self.hop}"

    def torch(self, x: Incoming) -> Code:
        *first, last = self.spectrum()
        return Code((*first, last.replace("{waves}", "{out}")))


@declare(
    hint="sound, as heard", stem="mel", search="mel log spectrogram sound audio speech voice frequency mfcc"
)
class LogMelSpectrogram(ShortTime):
    """A spectrogram with frequencies spaced as the ear hears them, and strengths on a log scale.

    The usual first step for speech and music.

    Formula: y[b, m] = ln(max(Σ B[b, k]·S[k, m]², 1e−10)); S as of Spectrogram, B triangles evenly spaced in
    mel(f) = 2595·log₁₀(1 + f / 700)

    Source: Stevens, Volkmann and Newman 1937, "A scale for the measurement of the psychological magnitude
    pitch".
    """

    mels: int = param(40, lo=1, hi=10_000, doc="How many bands")
    rate: float = param(16_000.0, lo=100, doc="Samples in a second of the sound", unit="Hz")

    def summary(self) -> str:
        return f"{counted(self.mels, 'band')}, hop {self.hop}"

    def torch(self, x: Incoming) -> Code:
        top = 2595 * log10(1 + self.rate / 2 / 700)
        device = "device={x}.device"
        return Code(
            (
                *self.spectrum(),
                f"{{mels}} = torch.linspace(0.0, {top!r}, {self.mels + 2}, {device}).unsqueeze(1)",
                "{edges} = 700 * (10 ** ({mels} / 2595) - 1)",
                f"{{pitch}} = torch.linspace(0.0, {self.rate / 2!r}, {self.bins}, {device})",
                "{rise} = ({pitch} - {edges}[:-2]) / ({edges}[1:-1] - {edges}[:-2])",
                "{fall} = ({edges}[2:] - {pitch}) / ({edges}[2:] - {edges}[1:-1])",
                "{bands} = torch.minimum({rise}, {fall}).clamp_min(0)",
                "{out} = ({bands} @ {waves} ** 2).clamp_min(1e-10).log()",
            )
        )

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * self.bins

    def sizing(self, x: Incoming) -> str:
        return self.stretches(x.L)
