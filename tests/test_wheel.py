"""The wheel, away from the checkout: it carries its assets, and nothing is written beside the code."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from gui import app

assert Path(app.__file__).is_relative_to(sys.argv[1]), app.__file__


def look(start: app.Start) -> None:
    print("title:", start.window.windowTitle())
    start.window.close()


app.Start.tell = lambda start: QTimer.singleShot(1500, lambda: look(start))
sys.exit(app.main(["digits-cnn"]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own. What it needs is installed here already."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    wheel = next(folder.glob("layerloom-*.whl"))
    place = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def _run(place: Path, tmp_path: Path, *call: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(place),
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "LAYERLOOM_DATA": str(tmp_path / "data"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    return subprocess.run(
        [sys.executable, *call], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180
    )


def _files(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


@pytest.mark.proof
def test_the_wheel_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    before = _files(installed)
    assert not [name for name in before if name.startswith("tests")]
    made = _run(installed, tmp_path, "-m", "engine", "new", "fashion-cnn", "--to", "f.loom")
    assert made.returncode == 0, made.stderr
    trained = _run(
        installed, tmp_path, "-m", "engine", "train", "digits-mlp", "--epochs", "2", "--out", "run"
    )
    assert trained.returncode == 0, trained.stderr
    for ending in (".onnx", ".py"):
        exported = _run(installed, tmp_path, "-m", "engine", "export", "run", "--to", f"model{ending}")
        assert exported.returncode == 0, exported.stderr
    shown = _run(installed, tmp_path, "-c", WINDOW, str(installed))
    assert "title: Digits CNN" in shown.stdout, shown.stderr
    assert _files(installed) == before
