"""Signals as sums of waves."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from engine.codegen.keras.forms.form import PLAIN, KerasForm, Missing, Value, form
from engine.layers.spectral import FourierTransform, LogMelSpectrogram, ShortTime, Spectrogram


@form(FourierTransform)
def fourier(kind: FourierTransform, x: Value) -> KerasForm:
    if kind.give == "complex":
        raise Missing("Keras keeps a complex number as two, which no other layer takes as one")
    axis = x.axis(kind.axis)
    last = axis == x.rank - 1
    source = "{x}" if last else f"ops.swapaxes({{x}}, {axis}, -1)"
    strength = "ops.sqrt(ops.square({real}) + ops.square({imaginary}))"
    return KerasForm(
        (
            f"{{real}}, {{imaginary}} = ops.rfft({source})",
            "{out} = " + (strength if last else f"ops.swapaxes({strength}, {axis}, -1)"),
        ),
        turned=x.turned,
    )


def _waves(kind: ShortTime) -> Iterator[str]:
    """The lines that leave the squared strength of each frequency, stretches × frequencies, in `{waves}`."""
    words = f"{kind.window}, {kind.hop}, {kind.window}"
    yield f"{{real}}, {{imaginary}} = ops.stft({{x}}, {words})"
    yield "{waves} = ops.square({real}) + ops.square({imaginary})"


@form(Spectrogram, wants=PLAIN)
def spectrogram(kind: Spectrogram, x: Value) -> KerasForm:
    return KerasForm((*_waves(kind), "{out} = ops.swapaxes(ops.sqrt({waves}), 1, 2)"))


@form(LogMelSpectrogram, wants=PLAIN)
def log_mel(kind: LogMelSpectrogram, x: Value) -> KerasForm:
    top = 2595 * log10(1 + kind.rate / 2 / 700)
    return KerasForm(
        (
            *_waves(kind),
            f"{{edges}} = 700 * (10 ** (ops.linspace(0.0, {top!r}, {kind.mels + 2}) / 2595) - 1)",
            f"{{pitch}} = ops.linspace(0.0, {kind.rate / 2!r}, {kind.bins})[:, None]",
            "{rise} = ({pitch} - {edges}[:-2]) / ({edges}[1:-1] - {edges}[:-2])",
            "{fall} = ({edges}[2:] - {pitch}) / ({edges}[2:] - {edges}[1:-1])",
            "{bands} = ops.maximum(ops.minimum({rise}, {fall}), 0)",
            "{out} = ops.log(ops.maximum(ops.matmul({waves}, {bands}), 1e-10))",
            "{out} = ops.swapaxes({out}, 1, 2)",
        )
    )
