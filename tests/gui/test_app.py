"""The program from outside: what it imports before the first paint, without a display, and when
something goes wrong.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.shelf import Shelf
from gui import app, display

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "sklearn",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "pyqtgraph",
    "scipy",
    "pandas",
)


def run(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in the checkout, with no screen unless the environment says otherwise."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


PAINTED = """
import sys
from PySide6.QtCore import QTimer
from gui import app
from gui.window.window import Window

def painted(self):
    heavy = [name for name in {heavy!r} if name in sys.modules]
    print("page", "editor" if self.editing else "gallery", "heavy", heavy, flush=True)
    QTimer.singleShot(0, lambda: __import__("os")._exit(0))

Window._after_paint = painted
app.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("arguments", "page", "spared"),
    [((), "gallery", ("attr", "numpy", "engine.project.graph")), (("digits-mlp",), "editor", ())],
)
def test_nothing_heavy_is_imported_before_the_first_paint(
    arguments: tuple[str, ...], page: str, spared: tuple[str, ...]
) -> None:
    done = run(PAINTED.format(heavy=HEAVY + spared), *arguments)
    assert done.stdout == f"page {page} heavy []\n", done.stderr


READ = """
import linecache
from gui import app

def go_on(self):
    from gui.controls.slider import Slider
    print([name for name in linecache.cache if name.endswith("slider.py")], flush=True)
    __import__("os")._exit(0)

app.Start.go_on = go_on
app.main([])
"""


def test_no_source_is_read_at_an_import() -> None:
    """PySide would read every module of torch for its own name, and Python would keep what was read."""
    done = run(READ)
    assert done.stdout == "[]\n", done.stderr


def test_a_verb_never_imports_qt() -> None:
    code = (
        "import sys; from gui.app import main; code = main(['templates', '--json']); "
        "print(code, any(name.startswith('PySide6') for name in sys.modules), file=sys.stderr)"
    )
    done = run(code)
    assert done.stderr == "0 False\n"
    assert "digits-cnn" in done.stdout


def test_help_names_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert "layerloom [PROJECT.loom | TEMPLATE" in told
    assert "train" in told
    assert "export" in told


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("layerloom 0.")


def test_an_unknown_option_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--colour", "mauve"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["trian", "digits.loom"], "the verb train comes near"),
        (["chekc"], "the verb check comes near"),
        (["digits-cmn", "--epochs", "3"], "the template digits-cnn comes near"),
    ],
)
def test_a_mistyped_verb_is_one_sentence(
    capsys: pytest.CaptureFixture[str], words: list[str], near: str
) -> None:
    assert app.main(words) == 2
    said = capsys.readouterr().err
    assert said == f"there is no verb, file or template called {words[0]}; {near}; see layerloom --help\n"


def test_an_interrupt_while_it_starts_is_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "_in_the_terminal", interrupt)
    assert app.main(["check", "wine-mlp"]) == 130
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------------- without a display

BARE = {"QT_QPA_PLATFORM": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")


@linux
def test_a_display_that_is_missing_or_silent_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    assert display.missing() == "no display is set"
    monkeypatch.setenv("DISPLAY", ":9997")
    assert display.missing() != ""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9997")
    assert display.missing() != ""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.missing() == ""


@linux
def test_without_a_display_the_project_is_trained_in_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    calls: list[list[str]] = []
    monkeypatch.setattr("engine.cli.main.main", lambda arguments: calls.append(arguments) or 0)
    assert app.main(["digits-mlp"]) == 0
    assert calls == [["train", "digits-mlp"]]


@linux
def test_without_a_display_and_without_a_name_it_says_what_to_do() -> None:
    done = run("import sys; from gui.app import main; sys.exit(main([]))", **BARE)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no display is set" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------------- what nobody foresaw

RUNNING = """
import sys
from PySide6.QtCore import QTimer
from engine import edits
from engine.layers.dense import Linear
from engine.message import Message
from gui import app
from gui.controls import question
from gui.window.window import Window

app.Start.go_on = app.Start.listen
question.ask = lambda parent, title, text, choices: print("said:", title, flush=True) or ""

paint = Window._after_paint

def begin(self):
    paint(self)
    self.new()
    self.session.workspace.current.do(edits.add, "n1", Linear(), label=Message("Add"))
    QTimer.singleShot(0, self, lambda: {step})

Window._after_paint = begin
sys.exit(app.main([]))
"""


def log(folder: Path) -> str:
    return (folder / "state" / "layerloom" / "layerloom.log").read_text("utf-8")


def snapshots(folder: Path) -> list[Path]:
    return list((folder / "state" / "layerloom" / "autosave").glob("*/*.loom"))


def test_an_error_nobody_caught_is_said_once_logged_and_the_work_is_kept(own_folders: Path) -> None:
    step = "([QTimer.singleShot(i, self, broken) for i in range(3)], QTimer.singleShot(300, self, end))"
    code = RUNNING.format(step=step).replace(
        "def begin",
        "def broken():\n    {}['no such key']\n\ndef end():\n    __import__('os')._exit(7)\n\ndef begin",
    )
    done = run(code)
    assert done.returncode == 7, done.stderr
    assert done.stdout == "said: Something went wrong inside Layerloom\n"
    assert "no such key" in log(own_folders)
    assert len(snapshots(own_folders)) == 1
    kept = [path for path in (own_folders / "state").rglob("*") if path.suffix in {".log", ".loom", ".json"}]
    assert len(kept) == 4
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}, "nobody else may read them"


def test_an_error_while_closing_is_said_and_the_window_stays(own_folders: Path) -> None:
    step = "(setattr(self.session.files, 'may_close', lambda documents: [].pop()), end(), self.close())"
    code = RUNNING.format(step=step).replace(
        "def begin", "def end():\n    QTimer.singleShot(200, lambda: __import__('os')._exit(7))\n\ndef begin"
    )
    done = run(code)
    assert done.returncode == 7, done.stderr
    assert "pop from empty list" in log(own_folders)


@pytest.mark.parametrize("names", [[], ["missing.loom"]], ids=["alone", "while a dialog is open"])
def test_the_systems_wish_to_end_loses_nothing(own_folders: Path, names: list[str]) -> None:
    code = RUNNING.format(step="print('ready', flush=True)").replace("main([])", f"main({names})")
    code = "\n".join(line for line in code.splitlines() if not line.startswith("question.ask"))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert len(snapshots(own_folders)) == 1


TRAINING = """
import sys
from PySide6.QtCore import QTimer
from gui import app
from gui.window.window import Window

paint = Window._after_paint

def begin(self):
    paint(self)
    trainer = self.session.trainer
    trainer.reports.connect(lambda _: print("steps", flush=True))
    trainer.train(self.session.workspace.current)

Window._after_paint = begin
sys.exit(app.main(["wine-mlp"]))
"""


@pytest.mark.parametrize("wish", [signal.SIGTERM, pytest.param(signal.SIGHUP, marks=pytest.mark.proof)])
def test_a_run_is_kept_when_the_system_wishes_that_we_end(own_folders: Path, wish: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINING],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LAYERLOOM_DATA": str(own_folders / "data")},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "steps\n"
    process.send_signal(wish)
    process.stdout.close()
    assert process.wait(30) == 0
    (record,) = Shelf(own_folders / "data" / "runs").runs()
    assert record.state == "stopped"
    assert record.weights()


def test_a_name_that_is_neither_file_nor_template_is_said() -> None:
    code = RUNNING.format(step="__import__('os')._exit(0)").replace(
        "app.main([])", "app.main(['digits-cmm'])"
    )
    done = run(code)
    assert done.stdout == "said: digits-cmm cannot be opened\n", done.stderr


OFFERED = """
import os
import sys
from PySide6.QtCore import QTimer
from gui import app
from gui.window.window import Window

offer = Window.offer_recovery

def offered(self):
    offer(self)
    QTimer.singleShot(0, self, lambda: look(self))

def look(window):
    page = "editor" if window.editing else "gallery"
    banner = getattr(window, page).banner
    print(page, banner.isVisible(), banner.text.text(), flush=True)
    os._exit(0)

Window.offer_recovery = offered
app.main(sys.argv[1:])
"""


@pytest.mark.parametrize(("arguments", "page"), [((), "gallery"), (("digits-mlp",), "editor")])
def test_what_a_killed_session_left_is_offered_where_one_looks(
    arguments: tuple[str, ...], page: str, own_folders: Path
) -> None:
    run(RUNNING.format(step="(self.session.autosave.flush(), __import__('os')._exit(9))"))
    assert len(snapshots(own_folders)) == 1
    done = run(OFFERED, *arguments)
    assert done.stdout.startswith(f"{page} True Layerloom ended without saving. Rescued: "), done.stderr
    assert "(never saved, today " in done.stdout
