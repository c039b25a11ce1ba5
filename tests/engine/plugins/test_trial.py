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

PROOF = pytest.mark.proof
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
        pytest.param(
            "oser",
            False,
            "oser.py: ends the program that reads it, and so is not read",
            marks=pytest.mark.proof,
        ),
        pytest.param(
            "eater",
            False,
            "eater.py: takes more than 4 GB of memory, and so is not read",
            marks=pytest.mark.proof,
        ),
        ("globber", True, "puts something else in the place of json.dumps, which is undone"),
        pytest.param(
            "printer",
            True,
            r"prints 'NOISE ON STDOUT AT IMPORT\n' whenever it is read",
            marks=pytest.mark.proof,
        ),
        pytest.param("exiter", False, "exiter.py, line 1: SystemExit: 3", marks=PROOF),
        pytest.param("raiser", False, "raiser.py, line 1: RuntimeError: at import", marks=PROOF),
        pytest.param("sleeper", False, "sleeper.py: waits for more than 10 seconds", marks=PROOF),
        pytest.param("looper", True, "", marks=PROOF),
    ],
)
def test_harm_is_contained_and_said(folder: Path, name: str, listed: bool, said: str) -> None:
    names, faults = load(folder, name)
    assert names == ([name.capitalize()] if listed else [])
    assert said in faults
    assert (name.capitalize() in kinds.registry(Layer)) == listed


LAYER = """
import os, sys, time
import torch as pytorch
from engine.api import Layer, declare, module, param, port

class Module(pytorch.nn.Linear):
    pass

@declare(family="dense", hint="own")
class Harmful(Layer):
    '''Turns every row.

    Where wanted.

    Formula: y = x
    '''

    times: int = param(2, lo=1, hi=64, doc="How much")
    x = port("N F", doc="a row")
    modules = '''
import os, time
class Turned(nn.Linear):
    def forward(self, x):
        if x.device.type == "cpu":
            FORWARD
        return super().forward(x)
'''

    def torch(self, x):
        TORCH
        return module("Turned", x.F, self.times * x.F)
"""
OTHERS = """
import os
from engine.api import Call, Loss, declare

@declare()
class Ending(Loss):
    '''Judges.

    Where wanted.

    Formula: y = x
    '''

    task = "numbers"

    def torch(self, counts=None):
        os._exit(3)
"""


def used(torch: str = "pass", forward: str = "pass") -> str:
    return LAYER.replace("TORCH", torch).replace("FORWARD", forward)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (used("os._exit(3)"), "ends the program where Harmful is used, and so is not read; leave out what"),
        (used(forward="os._exit(3)"), "ends the program where Harmful is used, and so is not read"),
        pytest.param(
            used("self.kept = pytorch.ones(2 * 10**9)"),
            "takes more than 4 GB of memory where Harmful is used",
            marks=pytest.mark.proof,
        ),
        pytest.param(
            used(forward="torch.ones(2 * 10**9)"),
            "takes more than 4 GB of memory where Harmful is used",
            marks=pytest.mark.proof,
        ),
        pytest.param(used("time.sleep(10**6)"), "waits for more than 10 seconds where Harmful", marks=PROOF),
        pytest.param(used(forward="time.sleep(10**6)"), "waits for more than 10 seconds where", marks=PROOF),
        pytest.param(used(forward="while True: pass"), "computes without coming to an end", marks=PROOF),
        pytest.param(OTHERS, "ends the program where Ending is used", marks=PROOF),
        pytest.param(used("raise ValueError('no')"), "", marks=PROOF),
        pytest.param(used(), "", marks=PROOF),
    ],
)
def test_harm_that_a_kind_does_only_where_it_is_used_is_contained_and_said(
    folder: Path, text: str, said: str
) -> None:
    (folder / "harmful.py").write_text(text, encoding="utf-8")
    loaded = loading.load(tried=trial.tried)
    faults = " | ".join(map(str, loaded.faults))
    assert said in faults if said else not faults
    assert bool(loaded.kinds) == (not said)


def test_how_a_file_does_is_asked_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    outcome = {"end": "waits", "kind": "Gate", "folder": False, "environment": [], "replaced": []}
    outcome["printed"] = ""
    monkeypatch.setattr(trial, "_try", lambda path, content: started.append(path) or outcome)
    said = load(folder, "globber")
    assert said == (
        [],
        "globber.py: waits for more than 10 seconds where Gate is used, and so is not read",
    )
    loading._loaded = None
    assert load(folder, "globber") == said
    assert len(started) == 1
    kept = tmp_path / "data" / "plugins-tried.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text("[" * 9000)
    loading._loaded = None
    assert load(folder, "globber") == said
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
