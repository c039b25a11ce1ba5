"""A folder of plug-ins for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.plugins import loading, trial
from engine.plugins.trial import Effects


@pytest.fixture(autouse=True)
def _no_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plug-ins of tests do no harm: no process of their own tries them first."""
    monkeypatch.setattr(trial, "tried", lambda path, content: Effects())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own, empty folder of plug-ins. Afterwards none is loaded."""
    own = tmp_path / "plugins"
    own.mkdir()
    monkeypatch.setenv(loading.FOLDER, str(own))
    yield own
    for path in own.iterdir():
        path.unlink()
    loading.load(own)
    loading._loaded = None


Write = Callable[..., loading.Plugins]


@pytest.fixture
def write(folder: Path) -> Write:
    """Write a plug-in and load all."""

    def do(text: str, name: str = "own.py") -> loading.Plugins:
        (folder / name).write_text(text, encoding="utf-8")
        return loading.load()

    return do
