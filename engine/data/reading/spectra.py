"""Sound as spectra: how strong which pitch is at which time. Each function takes a batch of waves at once.

torch computes them, in float32: the same code reads what is trained on and what is tried later. All take
waves N × samples from −1 to 1 and stand on frames of `size` samples, one every `hop` samples. The wave has
silence of half a frame put at each end, so that frame t is centred on sample t · hop, and there are
1 + samples // hop of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.message import Trouble

if TYPE_CHECKING:
    import torch

MelScale = Literal["slaney", "htk"]
MEL_SCALES: tuple[MelScale, ...] = ("slaney", "htk")
FAINTEST = 1e-10
"""Power below it counts as it: silence is −100 dB, not minus infinity."""


def frames(samples: int, hop: int) -> int:
    """How many frames a wave of so many samples has."""
    return 1 + samples // hop


def stft(waves: torch.Tensor, size: int, hop: int) -> torch.Tensor:
    """The magnitude of the short-time Fourier transform of waves N × samples: N × (size // 2 + 1) × frames.

    Formula: X[k, t] = |Σₙ w[n] x[n + t·hop − size/2] e^(−2πi·k·n/size)|, w the periodic Hann window
    w[n] = sin²(π·n/size). Row k is the pitch k · rate / size.

    Source: J. B. Allen, Short term spectral analysis, IEEE Transactions on Acoustics, Speech, and Signal
    Processing 25, 1977.
    """
    import torch

    window = torch.hann_window(size, dtype=waves.dtype, device=waves.device)
    found = torch.stft(waves, size, hop, window=window, center=True, pad_mode="constant", return_complex=True)
    return found.abs()


def mels(hertz: np.ndarray, scale: MelScale) -> np.ndarray:
    """Pitches in mel, any shape.

    Formula, htk: 2595 · log₁₀(1 + f / 700). slaney: 3 f / 200 below 1000 Hz, above it
    15 + 27 · ln(f / 1000) / ln 6.4.

    Source: S. Young et al., The HTK book, 2006; M. Slaney, Auditory toolbox, 1998.
    """
    hertz = np.asarray(hertz, np.float64)
    if scale == "htk":
        return np.asarray(2595 * np.log10(1 + hertz / 700))
    above = 15 + 27 * np.log(np.maximum(hertz, 1000) / 1000) / np.log(6.4)
    return np.where(hertz < 1000, 3 * hertz / 200, above)


def hertz(mels: np.ndarray, scale: MelScale) -> np.ndarray:
    """The pitches in Hz that `mels` puts there, any shape."""
    mels = np.asarray(mels, np.float64)
    if scale == "htk":
        return np.asarray(700 * (10 ** (mels / 2595) - 1))
    return np.where(mels < 15, 200 * mels / 3, 1000 * np.exp(np.log(6.4) * (np.maximum(mels, 15) - 15) / 27))


@lru_cache(maxsize=32)
def mel_filters(
    rate: int, size: int, bands: int, lowest: float = 0.0, highest: float = 0.0, scale: MelScale = "slaney"
) -> np.ndarray:
    """Triangles over the rows of a spectrum, bands × (size // 2 + 1), float32, not to be written to.

    The corners stand at equal distance in mel from `lowest` to `highest` Hz, half the rate where that is 0.
    Formula: H[m, k] = max(0, min((f − fₘ₋₁)/(fₘ − fₘ₋₁), (fₘ₊₁ − f)/(fₘ₊₁ − fₘ))) at f = k · rate / size.
    On the slaney scale each is divided by half its width, 2 / (fₘ₊₁ − fₘ₋₁), so that all have one area.

    Source: S. B. Davis and P. Mermelstein, Comparison of parametric representations for monosyllabic word
    recognition, 1980; M. Slaney, Auditory toolbox, 1998.

    Raises `Trouble` where a triangle falls between two rows: it would always be silent.
    """
    highest = highest or rate / 2
    ends = mels(np.array([lowest, highest]), scale)
    corners = hertz(np.linspace(ends[0], ends[1], bands + 2), scale)
    pitches = np.arange(size // 2 + 1) * rate / size
    below, peak, above = (corners[i : i + bands, None] for i in range(3))
    filters = np.maximum(
        0, np.minimum((pitches - below) / (peak - below), (above - pitches) / (above - peak))
    )
    empty = int(np.count_nonzero(filters.max(axis=1) == 0))
    if empty:
        raise Trouble(
            "The frames are too short for {bands} bands: expected every band to hear something, received "
            "{empty} that never {empty:does|do}. Take fewer bands, or frames longer than {size} samples.",
            bands=bands,
            empty=empty,
            size=size,
        )
    if scale == "slaney":
        filters *= 2 / (above - below)
    found: np.ndarray = filters.astype(np.float32)
    found.setflags(write=False)
    return found


def log_mel(
    waves: torch.Tensor,
    rate: int,
    size: int,
    hop: int,
    bands: int,
    lowest: float = 0.0,
    highest: float = 0.0,
    scale: MelScale = "slaney",
    faintest: float = FAINTEST,
) -> torch.Tensor:
    """The power in bands of equal width to the ear, in decibels: waves N × samples to N × bands × frames.

    Formula: L[m, t] = 10 · log₁₀ max(faintest, Σₖ H[m, k] · X[k, t]²), H of `mel_filters`, X of `stft`

    Source: S. S. Stevens, J. Volkmann and E. B. Newman, A scale for the measurement of the psychological
    magnitude pitch, 1937.
    """
    import torch

    filters = torch.tensor(mel_filters(rate, size, bands, lowest, highest, scale), device=waves.device)
    power = torch.matmul(filters.to(waves.dtype), stft(waves, size, hop).square())
    return 10 * power.clamp_min(faintest).log10()


def mfcc(
    waves: torch.Tensor,
    rate: int,
    size: int,
    hop: int,
    bands: int,
    coefficients: int,
    lowest: float = 0.0,
    highest: float = 0.0,
    scale: MelScale = "slaney",
    faintest: float = FAINTEST,
) -> torch.Tensor:
    """Mel-frequency cepstrum: what shape the spectrum has, waves N × samples to N × coefficients × frames.

    Formula: C[q, t] = s(q) · Σₘ L[m, t] · cos(π·q·(m + ½)/M), L of `log_mel` with M bands; s(0) = √(1/M),
    else √(2/M): the orthonormal cosine transform DCT-II.

    Source: S. B. Davis and P. Mermelstein, Comparison of parametric representations for monosyllabic word
    recognition, 1980.
    """
    import torch

    waved = torch.tensor(cosines(coefficients, bands), dtype=waves.dtype, device=waves.device)
    return torch.matmul(waved, log_mel(waves, rate, size, hop, bands, lowest, highest, scale, faintest))


@lru_cache(maxsize=32)
def cosines(coefficients: int, bands: int) -> np.ndarray:
    """The rows of the orthonormal DCT-II, coefficients × bands. Raises `Trouble` where those are too few."""
    if not 1 <= coefficients <= bands:
        raise Trouble(
            "A cepstrum has at most as many coefficients as bands: expected 1 to {bands}, received "
            "{coefficients}. Take fewer coefficients, or more bands.",
            bands=bands,
            coefficients=coefficients,
        )
    row, column = np.arange(coefficients)[:, None], np.arange(bands)
    found: np.ndarray = np.sqrt(2 / bands) * np.cos(np.pi * row * (column + 0.5) / bands)
    found[0] /= np.sqrt(2)
    return found
