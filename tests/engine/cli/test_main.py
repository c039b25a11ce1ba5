"""The command line as a person calls it: wrong uses, failures, and the process it runs in."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import edits
from engine.cli.main import VERBS, main
from engine.message import Trouble
from engine.store import project_file
from tests.engine.chains import TAIL, WHOLE, chain
from tests.engine.cli.terminal import Call, process, quick
from tests.engine.projects import layer


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "the following arguments are required: VERB; see layerloom --help"),
        (["fly"], "argument VERB: invalid choice: 'fly'"),
        (["train"], "the following arguments are required: PROJECT; see layerloom train --help"),
        (["train", "wine-mlp", "--epochs", "many"], "argument --epochs: invalid int value: 'many'"),
        (
            ["train", "wine-mlp", "--epochs", "0"],
            "Epochs: expected a whole number from 1 to 100,000, received 0",
        ),
        (["train", "wine-mlp", "--device", "abacus"], "Device: expected one of auto, cpu, cuda, mps"),
        (["train", "wine-mlp", "--set", "epochs"], "expected a setting as NAME=VALUE, received 'epochs'"),
        (
            ["train", "wine-mlp", "--set", "speed=9"],
            "there is no setting speed; begin with data, with a layer's",
        ),
        (["train", "wine-mlp", "--set", "linear1.colour=1"], "Linear has no setting colour"),
        (["train", "wine-mlp", "--set", "linear1.=1"], "expected a setting as NAME=VALUE"),
        (["train", "wine-mlp", "--set", "seed=" + "[" * 50_000], "Seed: expected a whole number"),
        (
            ["train", "wine-mlp", "--set", "linear1.bias=2"],
            "Bias: expected yes or no (true or false), received 2",
        ),
        (
            ["train", "wine-mlp", "--set", "optimiser=Magic"],
            "Optimiser: expected the name of an optimiser (SGD, Adam, AdamW, RMSprop, ",
        ),
        (["train", "wine-mlp", "--colour"], "unrecognized arguments: --colour"),
        (
            ["new", "nonsense", "--to", "p.loom"],
            "there is no template nonsense; the templates are digits-mlp",
        ),
        (
            ["new", "wine-mlp", "--to", "w.txt"],
            "expected a file name that ends in .loom, for instance w.loom, received w.txt",
        ),
        (["new", "wine-mlp"], "the following arguments are required: --to"),
        (["export", "1", "--to", "model.txt"], "Expected a file name that ends in .onnx, .pt2"),
        (["export", "1"], "the following arguments are required: --to"),
        (["layers", "convd2"], "there is nothing called convd2; Conv3d or Conv2d or Conv1d comes near"),
        (
            ["layers", "Xylophone"],
            "there is nothing called Xylophone; layerloom layers lists all that there is",
        ),
    ],
    ids=range(21),
)
def test_a_wrong_use_is_one_sentence_and_exit_code_2(call: Call, words: list[str], sentence: str) -> None:
    code, out, err = call(*words)
    assert code == 2
    assert out == ""
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    assert not list(Path().glob("*.loom"))


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (["chek", "x"], "check"),
        (["new", "digitscnn", "--to", "p.loom"], "digits-cnn"),
        (["check", "Wine-MPL"], "wine-mlp"),
    ],
)
def test_who_mistypes_a_name_is_told_the_nearest(call: Call, words: list[str], nearest: str) -> None:
    code, out, err = call(*words)
    assert code in {1, 2}
    assert (out, err.count("\n")) == ("", 1)
    assert f" (perhaps {nearest} is meant); " in err


@pytest.mark.parametrize("words", [["--help"], *([verb, "--help"] for verb in VERBS)], ids=" ".join)
def test_help(call: Call, words: list[str]) -> None:
    code, out, err = call(*words)
    assert code == 0
    assert err == ""
    assert out.startswith("usage: layerloom")


# --------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "x" * 5000], "xxx… cannot be read: File name too long"),
        (["check", "."], "expected a project file, but . is a folder"),
        (["runs", "--dir", "p.loom"], "expected a folder of runs, but p.loom is a file"),
    ],
    ids=range(3),
)
def test_a_place_that_is_none_is_a_sentence(call: Call, words: list[str], sentence: str) -> None:
    quick()
    code, out, err = call(*words)
    assert (code, out) == (1, "")
    assert err.endswith(sentence + "\n")


@pytest.mark.parametrize("verb", ["train", "check", "code"])
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "there is no file p.loom"),
        ("hello", "expected a Layerloom project"),
        ("{", "p.loom breaks off or is damaged"),
        ('{"format": 99}', "p.loom was written by a newer Layerloom"),
    ],
)
def test_a_failure_is_one_sentence_and_exit_code_1(
    call: Call, verb: str, text: str | None, sentence: str
) -> None:
    if text is not None:
        Path("p.loom").write_text(text)
    code, out, err = call(verb, "p.loom")
    assert code == 1
    assert out == ""
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    if text is not None:
        assert Path("p.loom").read_text() == text


@pytest.mark.parametrize("verb", ["check", "code", "train"])
def test_a_mistyped_template_is_told_with_the_names_there_are(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([verb, "digits-cmm"]) == 1
    told = capsys.readouterr().err
    assert "neither a file nor a template digits-cmm" in told
    assert "digits-cnn" in told


def test_debug_shows_where(call: Call) -> None:
    with pytest.raises(Trouble):
        main(["check", "none.loom", "--debug"])


def test_an_unexpected_error_is_a_sentence_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the moon\nis full")

    monkeypatch.setattr(project_file, "load", broken)
    code, _, err = call("check", quick())
    assert code == 1
    assert err.startswith("An unexpected error: RuntimeError: the moon")
    assert "--debug" in err
    with pytest.raises(RuntimeError):
        main(["check", "p.loom", "--debug"])


# --------------------------------------------------------------------------- as a process


def test_the_module_is_the_command(tmp_path: Path) -> None:
    """And what PyTorch warns of, such as an even kernel that keeps the size, reaches nobody."""
    odd = chain(layer("Conv2d", kernel_size=4, padding="same"), *TAIL)
    project_file.save(odd, tmp_path / "odd.loom")
    running = process("check", tmp_path / "odd.loom", "--json")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert json.loads(out)["trainable"] is True


def test_a_reader_that_has_enough_is_no_trouble() -> None:
    running = process("layers", "--json")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    assert running.stderr.read() == ""
    assert running.wait(60) in {0, 141}


def test_output_that_finds_no_room_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        running = subprocess.run(
            [sys.executable, "-m", "engine", "code", "digits-mlp"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        )
    assert running.returncode == 1
    assert running.stderr == f"The output could not be written: {os.strerror(errno.ENOSPC)}.\n"


def test_a_terminal_without_the_signs_still_shows_the_rest() -> None:
    running = process("check", "wine-mlp", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "N?32" in out
    project_file.save(edits.rename(WHOLE, "n2", "卷积"), Path("c.loom"))
    running = process("check", "c.loom", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    out, err = running.communicate(timeout=60)
    assert json.loads(out)["nodes"][1]["name"] == "卷积"


def test_lists_need_no_torch() -> None:
    code = (
        "import sys; from engine.cli.main import main;"
        "[main([verb, '--json']) for verb in ('templates', 'layers', 'datasets', 'runs')];"
        "print(sorted({'torch', 'sklearn', 'onnx'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stderr == "[]\n"
