"""Draws every panel and page in both themes, with real content, into `build/screens`.

python -m tests.screens              all of them
python -m tests.screens main finder  those whose names begin so
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
SCREENS = Path(__file__).parents[2] / "build" / "screens"
FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "APPDATA")
SHARP = "main-200-percent"
"""The screen that needs a process of its own, since Qt reads its scale once."""


def main(wanted: list[str]) -> int:
    """Draw the screens whose names begin with one of these words, or all."""
    began = time.monotonic()
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="layerloom-screens-") as folder:
        for name in FOLDERS:
            os.environ[name] = folder
        os.environ["HOME"] = folder
        os.environ.pop("LAYERLOOM_DATA", None)
        drawn = draw(wanted, Path(folder))
    if not wanted and "QT_SCALE_FACTOR" not in os.environ:
        sharp = {**os.environ, "QT_SCALE_FACTOR": "2"}
        subprocess.run([sys.executable, "-m", "tests.screens", SHARP], env=sharp, check=True)
    print(f"{drawn} screens in {time.monotonic() - began:.0f} s: {SCREENS}")
    return 0


def draw(wanted: list[str], folder: Path) -> int:
    """Draw into `SCREENS`. Gives how many pictures there are."""
    import torch  # noqa: F401  (so that every network is checked at once)
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from gui import settings
    from gui.style import theme, tokens
    from gui.style.apply import apply
    from tests.screens import blocks, canvas, dialogs, pages, panels
    from tests.screens.stage import Stage, picture

    qInstallMessageHandler(_tell)
    app = QApplication([])
    settings.prefer(reduced_motion=True, theme="dark")
    apply(app, "dark")
    stage = Stage(app, folder)
    stage.window.show()
    count = 0

    def take(name: str, shown: object) -> None:
        nonlocal count
        first, second = (tokens.DARK, tokens.LIGHT) if theme.current().dark else (tokens.LIGHT, tokens.DARK)
        for worn in (first, second):  # a change of theme takes the longest of all, so one for each screen
            apply(app, worn, theme.text_scale())
            stage.settle(30)
            image = shown() if callable(shown) else picture(*shown)
            image.save(str(SCREENS / f"{name}-{worn.name}.png"))
            count += 1

    def wants(name: str) -> bool:
        plain = name != SHARP or wanted == [SHARP]
        return plain and (not wanted or any(name.startswith(word) for word in wanted))

    def all_of(screens: dict) -> None:
        for name, screen in screens.items():
            if wants(name):
                shown = screen(stage)
                take(name, next(shown))
                next(shown, None)
                stage.clear()

    all_of({**pages.BEFORE, **canvas.SCREENS, **blocks.SCREENS, **panels.BEFORE, **dialogs.BEFORE})
    after = {**pages.AFTER, **panels.AFTER, **dialogs.AFTER}
    if wants("main-training") or any(wants(name) for name in after):
        stage.train(pages.EPOCHS, lambda: take("main-training", (stage.window,)))
        all_of(after)
    stage.clear()
    stage.window.hide()
    return count


def _tell(level: object, context: object, text: str) -> None:
    """What Qt warns of, but for what the offscreen platform has no screen for."""
    if "This plugin does not support" not in text:
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
