"""Spectra are those that others compute: of librosa 0.11, scipy, and by their formulas.

`librosa.npz` holds what librosa gives for `WAVES` in double precision, every fifth frame of it: abs(stft),
and for htk false (norm slaney) and true (norm none) filters.mel, power_to_db(melspectrogram, top_db=None) and
feature.mfcc(S=…), 24 bands from 50 to 3,800 Hz, frames of 256 samples every 100.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.fft
import scipy.signal
import torch

from engine.data.reading import spectra
from engine.data.reading.spectra import MelScale
from engine.message import Trouble

TIME = np.arange(4000) / 8000
WAVES = np.stack(
    [
        0.6 * np.sin(2 * np.pi * (200 + 900 * TIME) * TIME),
        0.1 * np.random.default_rng(0).standard_normal(4000) * np.exp(-4 * TIME),
    ]
)
BATCH = torch.tensor(WAVES)
SCALES = pytest.mark.parametrize("scale", spectra.MEL_SCALES)
REFERENCE = np.load(Path(__file__).with_name("librosa.npz"), allow_pickle=False)


def test_the_magnitudes_are_those_of_librosa_and_scipy() -> None:
    found = spectra.stft(BATCH, 256, 100).numpy()
    assert found.shape == (2, 129, spectra.frames(4000, 100))
    np.testing.assert_allclose(found[..., ::5], REFERENCE["stft"], atol=1e-5)
    window = scipy.signal.windows.hann(256, sym=False)
    theirs = scipy.signal.ShortTimeFFT(window, 100, 8000).stft(WAVES, p0=0, p1=41)
    np.testing.assert_allclose(found, np.abs(theirs), atol=1e-9)


@SCALES
def test_mel_spectra_and_cepstra_are_those_of_librosa(scale: MelScale) -> None:
    filters = spectra.mel_filters(8000, 256, 24, 50, 3800, scale)
    np.testing.assert_allclose(filters, REFERENCE[f"filters_{scale}"], atol=1e-7)
    found = spectra.log_mel(BATCH, 8000, 256, 100, 24, 50, 3800, scale)
    np.testing.assert_allclose(found[..., ::5], REFERENCE[f"log_mel_{scale}"], atol=1e-4)
    cepstra = spectra.mfcc(BATCH, 8000, 256, 100, 24, 13, 50, 3800, scale)
    np.testing.assert_allclose(cepstra[..., ::5], REFERENCE[f"mfcc_{scale}"], atol=1e-3)
    theirs = scipy.fft.dct(found.numpy(), axis=1, norm="ortho")[:, :13]
    np.testing.assert_allclose(cepstra, theirs, atol=1e-9)


@SCALES
def test_mel_goes_there_and_back(scale: MelScale) -> None:
    pitches = np.linspace(0, 20_000, 401)
    np.testing.assert_allclose(spectra.hertz(spectra.mels(pitches, scale), scale), pitches, atol=1e-6)
    assert (np.diff(spectra.mels(pitches, scale)) > 0).all()
    assert spectra.mels(np.array(1000.0), scale) == pytest.approx(15 if scale == "slaney" else 1000, rel=1e-4)


def test_float32_is_as_good_as_double_precision_where_there_is_sound() -> None:
    found = spectra.log_mel(BATCH.float(), 8000, 256, 100, 24)
    assert found.dtype == torch.float32
    exact = spectra.log_mel(BATCH, 8000, 256, 100, 24)
    heard = exact > exact.max() - 80
    assert (found - exact)[heard].abs().max() < 0.01


def test_silence_is_a_number() -> None:
    silent = torch.zeros(1, 1000)
    assert (spectra.log_mel(silent, 8000, 256, 100, 20) == -100).all()
    assert spectra.mfcc(silent, 8000, 256, 100, 20, 13).isfinite().all()


def test_each_wave_of_a_batch_is_read_by_itself() -> None:
    both = spectra.log_mel(BATCH, 8000, 256, 100, 24)
    alone = torch.cat([spectra.log_mel(BATCH[i : i + 1], 8000, 256, 100, 24) for i in range(2)])
    np.testing.assert_allclose(both, alone, atol=1e-9)


def test_too_many_bands_or_coefficients_are_told() -> None:
    with pytest.raises(
        Trouble, match=r"too short for 200 bands: expected .* received \d+ that never do\. Take"
    ):
        spectra.mel_filters(8000, 256, 200)
    with pytest.raises(Trouble, match="expected 1 to 20, received 21"):
        spectra.mfcc(BATCH, 8000, 256, 100, 20, 21)
