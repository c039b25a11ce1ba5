"""Makes `spoken_digits.flac` and `spoken_digits.csv` anew: espeak-ng's voices say the digits 0 to 9.

    apt-get install espeak-ng     # 1.51 made what stands here
    python assets/data/make_spoken_digits.py

The FLAC holds all utterances one after the other, each SAMPLES long at RATE Hz, the word in the middle of
silence. The CSV has a line for each, in the same order: who said what, and how.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE, SAMPLES = 8000, 5120
STEPS = 512
"""Steps of loudness up to 1, 10 bits in all: half as much to store as 16, with a noise of −55 dB."""
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
TAKES = 2
"""How often each voice says each digit, every time in another accent, at another speed and pitch."""
HEARD = (
    *("f1", "f3", "f4", "m1", "m2", "m4", "m5", "m6", "m8", "klatt", "klatt3", "klatt5", "klatt6"),
    *("Alex", "Alicia", "Andy", "Annie", "Denis", "Diogo", "Gene", "Henrique", "Hugo", "Jacky", "Lee"),
    *("Marco", "Mario", "Mike", "Nguyen", "adam", "anika", "antonio", "aunty", "benjamin", "caleb", "david"),
    *("ed", "edward", "grandma", "gustave", "iven", "john", "kaukovalta", "marcelo", "max", "michel"),
    *("miguel", "norbert", "pablo", "paul", "quincy", "rob", "sandro", "shelby", "travis", "victor", "zac"),
)
NEVER_HEARD = (
    *("f2", "f5", "m3", "m7", "klatt2", "klatt4", "Andrea", "Michael", "belinda", "boris", "linda"),
    *("robert", "steph", "pedro"),
)
"""The voices of the test part. None of them is among those that are learned from."""


def said(word: str, voice: str, accent: str, speed: int, pitch: int) -> np.ndarray | None:
    """One utterance: `SAMPLES` whole numbers, the word in the middle. None where it lasts longer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "word.wav"
        how = ("-v", f"{accent}+{voice}", "-s", str(speed), "-p", str(pitch), "-w", str(path))
        subprocess.run(["espeak-ng", *how, word], check=True, capture_output=True)
        sound, rate = soundfile.read(path)
    sound = soxr.resample(sound, rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    sound = sound[max(0, loud[0] - 80) : loud[-1] + 80]
    if len(sound) > SAMPLES:
        return None
    utterance = np.zeros(SAMPLES)
    start = (SAMPLES - len(sound)) // 2
    utterance[start : start + len(sound)] = sound * 0.9 / np.abs(sound).max()
    return np.round(utterance * STEPS) * (32768 // STEPS)


def main() -> None:
    """Write both files beside this one."""
    chance = np.random.default_rng(0)
    utterances, lines = [], []
    for part, voices in (("train", HEARD), ("test", NEVER_HEARD)):
        for voice in voices:
            for digit, word in enumerate(WORDS):
                for accent in chance.choice(ACCENTS, TAKES, replace=False):
                    speed, pitch = int(chance.integers(150, 231)), int(chance.integers(30, 71))
                    while (utterance := said(word, voice, accent, speed, pitch)) is None:
                        speed += 20  # some voices drawl
                    utterances.append(utterance)
                    lines.append((part, voice, digit, accent, speed, pitch))
    folder = Path(__file__).parent
    sound = np.concatenate(utterances).astype(np.int16)
    soundfile.write(folder / "spoken_digits.flac", sound, RATE, compression_level=1.0)
    with (folder / "spoken_digits.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("part", "voice", "digit", "accent", "speed", "pitch"))
        writer.writerows(lines)
    sys.stdout.write(f"{len(lines)} utterances\n")


if __name__ == "__main__":
    main()
