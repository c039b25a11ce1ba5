"""What the first version wrote opens, says and computes what it did then: projects, runs and plug-ins.

The files stay as that version wrote them, whatever comes later. `python -m tests.engine.test_version1` writes
anew what is said of them, in `said`; look at what changed before you commit it.
"""

from __future__ import annotations

import json
import math
import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

# all that this page knows of the engine's layout
from engine.cli.main import main
from engine.optim.optimiser import Schedule
from engine.optim.schedules import Cosine
from engine.runs.shelf import Record
from engine.runs.thread import Run
from engine.store import project_file

VERSION1 = Path(__file__).parent / "golden" / "version1"
SAID = VERSION1 / "said"
PROJECTS = sorted((VERSION1 / "projects").glob("*.loom"))
PLUGINS = sorted((VERSION1 / "plugins").glob("*.py"))
BROKEN = {"illegal", "damaged-blocks", "badly-drawn"}
TRAINABLE = [path for path in PROJECTS if path.stem not in BROKEN]
DONE, STOPPED, FAILED, INTERRUPTED = "0001-bl-cke-of-all", "0002-own-kinds", "0003-diabetes", "0004.part"
CLOCK = {"seconds", "speed", "started", "ended", "versions", "run", "folder"}
SHORT = ("--epochs", "1", "--device", "cpu", "--set", "threads=1", "--json")


def call(*words: object) -> tuple[int, str, str]:
    """Call `layerloom …`; gives exit code, output and errors."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(word) for word in words])
    assert "Traceback" not in err.getvalue()
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module", autouse=True)
def _plugins() -> Iterator[None]:
    """The plug-ins are at hand. Afterwards none is loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_PLUGINS", str(VERSION1 / "plugins"))
        call("plugins")
        yield
        patch.setenv("LAYERLOOM_PLUGINS", str(VERSION1 / "none"))
        call("plugins")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the runs, which may be written to."""
    return Path(shutil.copytree(VERSION1 / "runs", tmp_path / "data" / "runs"))


# --------------------------------------------------------------------------- what is said, in words


def transcript(project: Path) -> str:
    """What the first version had to say of a project: shapes and problems, and its code."""
    shutil.copy(project, ".")
    said = []
    for words in (("check", "--json"), ("code",), ("code", "--dialect", "keras")):
        code, out, err = call(words[0], project.name, *words[1:])
        said.append(f"$ layerloom {' '.join(words)}\nexit {code}\n--- output\n{out}--- errors\n{err}")
    return "\n".join(said)


def reports(*words: object) -> list[dict[str, Any]]:
    """What a training tells, but for what comes by the clock."""
    code, out, err = call("train", *words)
    assert (code, err) == (0, "")
    found = [json.loads(line) for line in out.splitlines()]
    return [timeless({**one, "number": 0}) for one in found if one["report"] != "progress"]


def timeless(data: Any) -> Any:
    """The same without what depends on clock and machine."""
    if isinstance(data, dict):
        return {key: timeless(value) for key, value in data.items() if key not in CLOCK}
    return [timeless(one) for one in data] if isinstance(data, list) else data


def listed() -> Any:
    """The runs on the shelf."""
    code, out, err = call("runs", "--json")
    assert (code, err) == (0, "")
    return timeless(json.loads(out))


def answers(source: Path, weights: dict[str, torch.Tensor], *shape: int) -> list[Any]:
    """What a network says of numbers from −1 to 1, as its code has it."""
    classes = [one for one in runpy.run_path(str(source)).values() if isinstance(one, type)]
    network = classes[-1]()
    network.load_state_dict(weights)
    count = torch.Size(shape).numel()
    with torch.no_grad():
        said: list[Any] = network.eval()(torch.linspace(-1, 1, count).reshape(shape)).tolist()
    return said


def spoken(folder: Path) -> dict[str, list[Any]]:
    """What the networks of two runs answer."""
    shapes = {DONE: (3, 1, 8, 8), STOPPED: (3, 8, 1)}
    return {
        name: answers(folder / name / "model.py", load_file(folder / name / "weights.safetensors"), *shape)
        for name, shape in shapes.items()
    }


def resumed(folder: Path) -> Any:
    """How the training ends that was interrupted, once it has gone on."""
    found = Record(folder)
    going = Run(found.project, "gone-on", resumed=found)
    going.start()
    assert going.wait(60)
    return timeless(json.loads(Path("gone-on", "run.json").read_text(encoding="utf-8"))["metrics"])


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two pieces of JSON differ, but for how another processor rounds."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        return [line for key in one for line in differences(one[key], other[key], f"{place}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for i, (a, b) in pairs for line in differences(a, b, f"{place}[{i}]")]
    if isinstance(one, float) and isinstance(other, float):
        same = math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-5)
    else:
        same = type(one) is type(other) and one == other
    return [] if same else [f"{place}: {one} is not {other}"]


def assert_says_the_same(now: Path, before: Path) -> None:
    """A project file says what it said, in the same order: settings that came later aside."""
    said, was = (json.loads(path.read_text(encoding="utf-8")) for path in (now, before))
    assert json.dumps(without_later(said, was)) == json.dumps(was)


def without_later(now: Any, before: Any) -> Any:
    """JSON without the fields that it did not have before."""
    if isinstance(now, dict) and isinstance(before, dict):
        return {name: without_later(value, before[name]) for name, value in now.items() if name in before}
    if isinstance(now, list) and isinstance(before, list) and len(now) == len(before):
        return [without_later(one, was) for one, was in zip(now, before, strict=True)]
    return now


def recorded(name: str) -> Any:
    return json.loads((SAID / name).read_text(encoding="utf-8"))


# --------------------------------------------------------------------------- projects


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_a_project_opens_and_is_saved_with_all_that_it_said(path: Path) -> None:
    project_file.save(project_file.load(path), Path("again.loom"))
    assert_says_the_same(Path("again.loom"), path)


def test_what_a_later_version_or_a_hand_wrote_is_saved_as_it_was() -> None:
    """Unknown fields are dropped, unknown layers and illegal settings are kept."""
    project_file.save(project_file.load(VERSION1 / "given" / "illegal.loom"), Path("again.loom"))
    assert_says_the_same(Path("again.loom"), VERSION1 / "projects" / "illegal.loom")


def test_without_its_plugins_a_project_keeps_their_layers() -> None:
    path = VERSION1 / "projects" / "own-kinds.loom"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLOOM_PLUGINS", str(VERSION1 / "none"))
        code, out, _ = call("check", path, "--json")
        assert code == 1
        assert "not known here" in out
        project_file.save(project_file.load(path), Path("again.loom"))
    call("plugins")
    assert_says_the_same(Path("again.loom"), path)


@pytest.mark.parametrize("path", PROJECTS, ids=lambda path: path.stem)
def test_shapes_problems_repairs_and_code_are_the_same(path: Path) -> None:
    assert transcript(path) == (SAID / f"{path.stem}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TRAINABLE, ids=lambda path: path.stem)
def test_a_project_learns_as_it_did(path: Path) -> None:
    assert not differences(reports(path, *SHORT), recorded("trained.json")[path.stem])


# --------------------------------------------------------------------------- runs


@pytest.mark.usefixtures("shelf")
def test_the_runs_are_listed_as_they_were() -> None:
    assert not differences(listed(), recorded("runs.json"))


def test_the_networks_of_runs_answer_as_they_did(shelf: Path) -> None:
    assert not differences(spoken(shelf), recorded("answers.json"))


@pytest.mark.parametrize("name", [DONE, STOPPED])
def test_the_weights_of_a_run_are_exported(shelf: Path, name: str) -> None:
    code, out, err = call("export", int(name[:4]), "--to", "net.safetensors", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["largest"] == 0
    assert Path("net.safetensors").read_bytes() == (shelf / name / "weights.safetensors").read_bytes()
    described = json.loads(Path("net.json").read_text(encoding="utf-8"))
    assert not differences(described, recorded(f"{name[:4]}.json"))


def test_the_source_of_a_run_is_exported(shelf: Path) -> None:
    code, out, err = call("export", shelf / DONE, "--to", "net.py", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["largest"] == 0
    assert Path("net.py").read_text(encoding="utf-8") == (SAID / "0001.py.txt").read_text(encoding="utf-8")
    weights = torch.load("net.weights.pt", weights_only=True)
    assert answers(Path("net.py"), weights, 3, 1, 8, 8) == spoken(shelf)[DONE]


def test_a_run_can_be_made_again(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the rate of a step of its warm-up was that of where the step begins, 0 for the first
    monkeypatch.setattr(Cosine, "of_step", Schedule.of_step)
    facts = json.loads((shelf / DONE / "run.json").read_text(encoding="utf-8"))
    Path("again.loom").write_text(json.dumps(facts["project"]), encoding="utf-8")
    last = reports("again.loom", "--json", "--out", "again")[-1]
    assert not differences(last["metrics"], facts["metrics"])
    assert Path("again", "model.py").read_bytes() == (shelf / DONE / "model.py").read_bytes()
    made = json.loads(Path("again", "run.json").read_text(encoding="utf-8"))
    assert made["fingerprint"] == facts["fingerprint"]
    assert without_later(made["project"], facts["project"]) == facts["project"]
    assert list(made) == list(facts)
    weights, before = load_file("again/weights.safetensors"), load_file(shelf / DONE / "weights.safetensors")
    assert list(weights) == list(before)
    for key, tensor in weights.items():
        torch.testing.assert_close(tensor, before[key], rtol=1e-3, atol=1e-4)


def test_an_interrupted_run_is_exported_from_its_checkpoint(shelf: Path) -> None:
    code, _, err = call("export", shelf / INTERRUPTED, "--to", "net.safetensors")
    assert code == 0
    assert err == "This run was interrupted, and its weights are those of its last checkpoint.\n"
    kept = torch.load(shelf / INTERRUPTED / "checkpoint.pt", weights_only=True)["best"]["weights"]
    weights = load_file("net.safetensors")
    assert sorted(weights) == sorted(kept)
    assert all(torch.equal(weights[key], kept[key]) for key in kept)


def test_an_interrupted_run_goes_on_and_ends_as_it_would_have(shelf: Path) -> None:
    assert not differences(resumed(shelf / INTERRUPTED), recorded("resumed.json"))


def test_a_failed_run_says_why(shelf: Path) -> None:
    code, _, err = call("export", shelf / FAILED, "--to", "net.safetensors")
    assert code == 0
    assert err.startswith("This run failed, and its weights are those of its last good moment: At step 2 ")


# --------------------------------------------------------------------------- plug-ins


def test_plugins_are_read_as_they_were() -> None:
    code, out, err = call("plugins", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["problems"] == []
    assert {one["name"]: one["kinds"] for one in found["plugins"]} == {
        "own-kinds": ["Widen", "Blend", "Largest", "Gate", "Soft"],
        "snn-kinds": ["Swoosh", "SpikingLIF"],
    }
    assert call("layers", "Widen", "Gate", "Soft", "SpikingLIF")[0] == 0


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_a_plugin_does_well_on_trial(path: Path) -> None:
    code, out, err = call("plugins", "--check", path)
    assert (code, err) == (0, "")
    assert out.endswith("can be used\n")


# --------------------------------------------------------------------------- writing it anew


def write() -> None:
    """Write anew what is said of the files."""

    def put(name: str, data: Any) -> None:
        text = json.dumps(data, ensure_ascii=False, indent=1)
        (SAID / name).write_text(text + "\n", encoding="utf-8")

    for path in PROJECTS:
        (SAID / f"{path.stem}.txt").write_text(transcript(path), encoding="utf-8")
    put("trained.json", {path.stem: reports(path, *SHORT) for path in TRAINABLE})
    shutil.rmtree("data")
    folder = shutil.copytree(VERSION1 / "runs", Path("data", "runs"))
    put("runs.json", listed())
    put("answers.json", spoken(folder))
    put("resumed.json", resumed(folder / INTERRUPTED))
    for name in (DONE, STOPPED):
        call("export", folder / name, "--to", "net.safetensors")
        shutil.copy("net.json", SAID / f"{name[:4]}.json")
    call("export", folder / DONE, "--to", "net.py")
    shutil.copy("net.py", SAID / "0001.py.txt")


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as place:
        os.environ |= {"LAYERLOOM_DATA": f"{place}/data", "LAYERLOOM_PLUGINS": str(VERSION1 / "plugins")}
        sys.path[0] = str(Path.cwd())
        os.chdir(place)
        write()
        os.chdir("/")
