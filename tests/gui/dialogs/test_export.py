"""The export dialog: what it offers, how an export goes on beside it, and how it ends, well or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.cli.settings import set_by_path
from engine.exports import FORMATS, Proof
from engine.message import Message, Trouble
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.templates import templates
from gui import settings
from gui.dialogs.export import ExportDialog
from gui.document.workspace import Workspace
from gui.style.apply import apply
from gui.training.trainer import Trainer

PROOF = Proof("wine.onnx", "onnxruntime 1.22", 2.4e-7, 1e-4, 28, (1, 7), 3.0)


class FakeExport:
    """Stands for the child process; a test says how far it is and how it ends."""

    def __init__(self, folder: Path, path: Path) -> None:
        self.folder, self.path = folder, path
        self.done = False
        self.outcome: Proof | Trouble = PROOF
        self.told: list[tuple[float, Message]] = []

    def poll(self) -> list[tuple[float, Message]]:
        told, self.told = self.told, []
        return told

    def result(self, timeout: float | None = None) -> Proof:
        if isinstance(self.outcome, Trouble):
            raise self.outcome
        return self.outcome

    def cancel(self) -> None:
        self.outcome = Trouble("The export was cancelled. Nothing was written.")
        self.done = True


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf with two runs of the same network."""
    folder = tmp_path_factory.mktemp("kept")
    project = next(one for one in templates() if one.id == "wine-mlp").project()
    for epochs in (1, 2):
        run = Run(edits.set_recipe(project, evolve(project.recipe, epochs=epochs)), shelf=Shelf(folder))
        run.start()
        assert run.wait(60)
    return folder


@pytest.fixture
def dialog(qtbot: QtBot, gui: QApplication, own_folders: Path, kept: Path) -> ExportDialog:
    settings.prefer(runs=str(kept))
    settings.remember("export_folder", str(own_folders))
    project = next(one for one in templates() if one.id == "wine-mlp").project()
    work = Workspace(project)
    dialog = ExportDialog(work, Trainer(work))
    dialog.start = FakeExport  # type: ignore[assignment]  # it stands for an Export
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.runs))
    return dialog


def going(dialog: ExportDialog) -> FakeExport:
    dialog.go.click()
    export = dialog.export
    assert isinstance(export, FakeExport)
    return export


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_it_grows_with_what_it_says_so_that_nothing_is_cut(
    dialog: ExportDialog, gui: QApplication, qtbot: QtBot, scale: float
) -> None:
    apply(gui, "light", scale)
    layout = dialog.layout()
    assert layout is not None
    for format in FORMATS:
        dialog.format.value_changed.emit(format.ending)
        dialog.format.set_value(format.ending)
        dialog._failed(Trouble("{word}", word="A sentence that needs several lines. " * 6))
        qtbot.waitUntil(lambda: dialog.height() >= layout.totalHeightForWidth(dialog.width()))
        assert dialog.form.height() >= dialog.form.sizeHint().height()
        assert dialog.about.height() >= dialog.about.heightForWidth(dialog.about.width())


def test_without_a_run_it_says_what_to_do(qtbot: QtBot, gui: QApplication) -> None:
    work = Workspace()
    dialog = ExportDialog(work, Trainer(work))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.empty.isVisible)
    assert dialog.empty.text.text().startswith("Nothing to export yet.")
    assert not dialog.go.isEnabled()


def test_the_best_run_of_the_network_is_proposed(dialog: ExportDialog, own_folders: Path) -> None:
    assert dialog.chosen is not None
    losses = {row.number: row.validation or 0.0 for row in dialog.runs}
    assert list(losses) == [2, 1]
    assert losses[2] < losses[1]
    assert dialog.chosen.number == 2
    texts = [dialog.run.itemText(place) for place in range(dialog.run.count())]
    assert ["(best)" in text for text in texts] == [True, False]
    assert all("validation loss" in text for text in texts)
    rows = dialog.runs
    dialog._read([evolve(row, epochs=50.0, kept_epoch=34.0) for row in rows])
    assert "weights of epoch 34," in dialog.run.itemText(0), "not the epochs that were gone through"
    dialog._read([evolve(row, validation=0.0) if row.number == 1 else row for row in rows])
    assert dialog.chosen.number == 1, "not the newest, where another is better"
    dialog._read(rows)
    assert Path(dialog.path.value()) == own_folders / "wine-mlp.onnx"
    assert dialog.about.text().endswith("Writes wine-mlp.onnx, wine-mlp.onnx.proof.json.")
    assert not dialog.caution.isVisible()


def test_a_run_that_was_asked_for_is_chosen(qtbot: QtBot, gui: QApplication, kept: Path) -> None:
    settings.prefer(runs=str(kept))
    work = Workspace()
    dialog = ExportDialog(work, Trainer(work), None, kept / "0001-wine-mlp")
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: bool(dialog.runs))
    assert dialog.chosen is not None
    assert dialog.chosen.number == 1


def test_a_failed_run_is_called_one_before_it_is_exported(
    qtbot: QtBot, gui: QApplication, own_folders: Path
) -> None:
    project = next(one for one in templates() if one.id == "wine-mlp").project()
    project = set_by_path(set_by_path(project, "optimiser=SGD"), "optimiser.rate=1e30")
    run = Run(project, shelf=Shelf(own_folders / "runs"))
    run.start()
    assert run.wait(60)
    settings.prefer(runs=str(own_folders / "runs"))
    work = Workspace(project)
    dialog = ExportDialog(work, Trainer(work))
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(dialog.runs))
    assert dialog.caution.isVisible()
    assert dialog.caution.text().startswith(
        "This run failed, and its weights are those of its last good moment"
    )
    assert dialog.go.isEnabled()


def test_format_and_ending_follow_each_other(dialog: ExportDialog, own_folders: Path) -> None:
    dialog.format.segments()[2].click()
    assert dialog.path.value().endswith("wine-mlp.safetensors")
    assert "wine-mlp.json" in dialog.about.text()
    dialog.ask_path = lambda path: str(own_folders / "model.py")
    dialog.browse.click()
    assert dialog.format.value() == ".py"
    dialog.ask_path = lambda path: str(own_folders / "without an ending")
    dialog.browse.click()
    assert dialog.path.value().endswith("without an ending.py")


def test_progress_stands_there_and_then_the_largest_difference(
    qtbot: QtBot, dialog: ExportDialog, kept: Path
) -> None:
    export = going(dialog)
    assert export.folder == kept / "0002-wine-mlp"
    assert dialog.bar.isVisible()
    assert not dialog.form.isEnabled()
    export.told.append((0.5, Message("Opening {file} again", file="wine-mlp.onnx")))
    qtbot.waitUntil(lambda: dialog.progress.text() == "Opening wine-mlp.onnx again")
    export.done = True
    qtbot.waitUntil(lambda: dialog.export is None)
    assert dialog.proof is PROOF
    text = dialog.banner.text.text()
    assert "the largest difference on 28 validation samples, in batches of 1 and 7, is 2.4e-7" in text
    assert "wine-mlp.onnx.proof.json" in text
    assert dialog.form.isEnabled()


def test_the_button_stays_where_it_is_and_a_proof_goes_with_its_file(
    qtbot: QtBot, dialog: ExportDialog, gui: QApplication
) -> None:
    def place() -> QPoint:
        gui.processEvents()
        qtbot.wait(20)
        return dialog.go.mapToGlobal(dialog.go.rect().center())

    stands = place()
    for segment in dialog.format.segments():
        segment.click()
        assert place() == stands
    export = going(dialog)
    assert place() == stands, "while it works, too"
    assert dialog.go.isVisible()
    assert not dialog.go.isEnabled()
    export.done = True
    qtbot.waitUntil(lambda: dialog.export is None)
    assert dialog.banner.isVisible()
    assert place() == stands
    dialog.format.segments()[0].click()
    assert not dialog.banner.isVisible()
    assert dialog.proof is None
    assert place() == stands


def test_cancelling_ends_the_export_and_leaves_the_dialog(qtbot: QtBot, dialog: ExportDialog) -> None:
    going(dialog)
    assert dialog.close_button.text() == "Cancel"
    dialog.close_button.click()
    qtbot.waitUntil(lambda: dialog.export is None)
    assert dialog.banner.text.text() == "The export was cancelled. Nothing was written."
    assert dialog.isVisible()
    assert dialog.close_button.text() == "Close"
    dialog.close_button.click()
    assert not dialog.isVisible()


def test_what_goes_wrong_is_a_sentence(qtbot: QtBot, dialog: ExportDialog) -> None:
    export = going(dialog)
    export.outcome = Trouble("wine-mlp.onnx gives other numbers than the network.")
    export.done = True
    qtbot.waitUntil(lambda: dialog.export is None)
    assert dialog.banner.text.text() == "wine-mlp.onnx gives other numbers than the network."
    assert dialog.proof is None


def test_a_place_that_cannot_be_written_is_refused_at_once(dialog: ExportDialog) -> None:
    from engine.exports import start

    dialog.start = start
    dialog.path.set_value("/nowhere/at all/x.onnx")
    dialog.go.click()
    assert dialog.export is None
    assert dialog.banner.text.text().startswith("There is no folder /nowhere")


def test_a_file_that_exists_is_overwritten_only_when_allowed(dialog: ExportDialog, own_folders: Path) -> None:
    (own_folders / "wine-mlp.onnx").write_text("mine")
    asked: list[str] = []

    def answer(title: str, text: str, choices: object) -> str:
        asked.append(title)
        return "overwrite" if len(asked) > 1 else ""

    dialog.ask = answer
    dialog.go.click()
    assert dialog.export is None
    dialog.go.click()
    assert dialog.export is not None
    assert asked == ["wine-mlp.onnx exists already"] * 2
    dialog.export.cancel()
