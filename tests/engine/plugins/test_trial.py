"""Files that would do harm are found out in a process of their own; this one goes on, and says so."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import kinds
from engine.cli.main import main
from engine.kinds import Layer
from engine.plugins import loading, trial

HARMFUL = Path(__file__).with_name("harmful")
TRIED = trial.tried  # the other tests do without


@pytest.fixture(autouse=True)
def _tried(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(trial, "tried", TRIED)
    dumps, here, environment = json.dumps, os.getcwd(), dict(os.environ)
    yield
    assert json.dumps is dumps
    assert os.getcwd() == here
    assert {name: os.environ.get(name) for name in environment if name.startswith("OMP")} == {
        name: value for name, value in environment.items() if name.startswith("OMP")
    }


def load(folder: Path, name: str) -> tuple[list[str], str]:
    """The kinds of such a file that are listed, and what is said of it."""
    text = (HARMFUL / f"{name}.txt").read_text(encoding="utf-8")
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    loaded = loading.load(tried=trial.tried)
    return [kind.__name__ for kind in loaded.kinds], " | ".join(map(str, loaded.faults))


@pytest.mark.parametrize(
    ("name", "listed", "said"),
    [
        ("oser", False, "oser.py: ends the program that reads it, and so is not read"),
        ("eater", False, "eater.py: takes more than 4 GB of memory, and so is not read"),
        ("globber", True, "puts something else in the place of json.dumps, which is undone"),
        ("printer", True, r"printer.py: prints 'NOISE ON STDOUT AT IMPORT\n' whenever it is read"),
        pytest.param("exiter", False, "exiter.py, line 1: SystemExit: 3", marks=pytest.mark.proof),
        pytest.param("raiser", False, "raiser.py, line 1: RuntimeError: at import", marks=pytest.mark.proof),
        pytest.param("sleeper", False, "sleeper.py: waits for more than 10 seconds", marks=pytest.mark.proof),
        pytest.param("looper", True, "", marks=pytest.mark.proof),
    ],
)
def test_harm_is_contained_and_said(folder: Path, name: str, listed: bool, said: str) -> None:
    names, faults = load(folder, name)
    assert names == ([name.capitalize()] if listed else [])
    assert said in faults
    assert (name.capitalize() in kinds.registry(Layer)) == listed


def test_how_a_file_does_is_asked_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    run = trial._try
    monkeypatch.setattr(trial, "_try", lambda path, content: started.append(path) or run(path, content))
    names, faults = load(folder, "globber")
    loading._loaded = None
    assert load(folder, "globber") == (names, faults)
    assert len(started) == 1
    kept = tmp_path / "data" / "plugins-tried.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text("[" * 9000)
    loading._loaded = None
    assert load(folder, "globber") == (names, faults)
    assert len(started) == 2


def test_the_command_line_says_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "oser.py").write_text((HARMFUL / "oser.txt").read_text())
    assert main(["datasets", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert (
        err == "plug-in oser.py: ends the program that reads it, and so is not read; leave out what ends it\n"
    )
    assert main(["plugins", "--check", str(folder / "oser.py")]) == 1
    assert "ends the program that reads it" in capsys.readouterr().out


def test_a_layer_that_exits_when_it_is_asked_ends_nothing(folder: Path) -> None:
    text = (HARMFUL / "exiter.txt").read_text().replace("import sys; sys.exit(3)\n", "import sys\n")
    (folder / "exiter.py").write_text(text.replace("        pass\n", "        sys.exit(3)\n"))
    (kind,) = loading.load().kinds
    from engine.analysis.check import check
    from tests.engine.projects import chain, layer

    project = chain(kind(), layer("Linear", out_features=3))
    assert any("SystemExit" in str(problem.why) for problem in check(project).problems)
