"""The data panel: which set, its parts and columns, and its first samples."""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine import edits
from engine.data.prepare import prepare
from engine.data.schema import Raw
from engine.data.sets import known
from engine.data.sets.known import Mnist
from engine.data.sets.pictures import Digits, Fashion
from engine.data.sets.series import Sunspots
from engine.data.sets.speech import SpokenDigits
from engine.data.sets.tables import Diabetes, Wine
from engine.data.sets.texts import FirstNames, Poems
from engine.data.sets.toys import Spirals, Xor
from engine.data.sets.videos import DIRECTIONS, MovingDigits
from engine.data.settings import DataSettings
from engine.files.download import Progress, Remote, Stopped
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.message import Message, Trouble
from gui import settings
from gui.controls import IconButton
from gui.document.workspace import Workspace
from gui.panels.data import recordings
from gui.panels.data.data import DataPanel
from gui.panels.data.recordings import QDesktopServices
from gui.panels.data.samples import SamplesView, first_samples
from gui.style import theme
from gui.style.ramps import picture
from tests.gui.panels.panel_story import breathe, chain, cnn, opened, shown, with_data


@pytest.fixture
def work(gui: object) -> Workspace:
    settings.remember("form/more", True)
    return opened(cnn())


@pytest.fixture
def panel(qtbot: QtBot, work: Workspace) -> DataPanel:
    data = DataPanel(work)
    shown(qtbot, data, 232, 760)
    wait(qtbot, data)
    return data


def wait(qtbot: QtBot, panel: DataPanel) -> None:
    """Until the samples of the present data are on the screen."""
    qtbot.waitUntil(lambda: panel.shown == panel.workspace.current.project.data, timeout=20_000)
    qtbot.waitUntil(lambda: not panel.worker.busy)


def test_it_shows_the_set_its_parts_and_its_columns(panel: DataPanel) -> None:
    assert panel.form.fields()[("source",)].currentText() == "Digits"
    prepared = prepare(DataSettings())
    shown_parts = [fact.value.text() for fact in (panel.train, panel.validation, panel.test)]
    assert shown_parts == [f"{len(part):,}" for part in (prepared.train, prepared.validation, prepared.test)]
    assert "image (input, N×1×8×8)" in panel.columns.text()
    assert "label (target, 10 classes)" in panel.columns.text()
    assert len(panel.view.samples.pictures) == 12
    assert panel.about.text() == f"{Digits.doc()}\n{Digits.use}"
    assert panel.origin.text() == f"Source: {Digits.source}\nLicence: {Digits.licence}"


def test_it_says_why_a_small_set_tests_on_more_than_its_share(
    qtbot: QtBot, panel: DataPanel, work: Workspace
) -> None:
    assert not panel.raised.isVisible()
    panel.form.fields()[("source",)].value_changed.emit("Iris")
    breathe(qtbot)
    assert panel.test.value.text() == "30"
    assert panel.raised.isVisible()
    assert panel.raised.text() == (
        "Test holds 30 samples, more than its share: fewer say little about a network."
    )
    panel.form.fields()[("test",)].value_changed.emit(0.3)
    breathe(qtbot)
    assert panel.test.value.text() == "45"
    assert not panel.raised.isVisible()


def test_it_says_which_classes_are_too_few_for_every_part(
    qtbot: QtBot, panel: DataPanel, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not panel.unshared.isVisible()
    raw = Wine().load()
    cultivars = np.where(np.arange(len(raw.columns["cultivar"])) < 2, 2, 0)
    monkeypatch.setattr(Wine, "load", lambda self: Raw({**raw.columns, "cultivar": cultivars}))
    work.current.do(edits.set_data, DataSettings(source=Wine(), seed=31), label=Message("Wine"))
    panel.refresh()
    wait(qtbot, panel)
    assert panel.unshared.isVisible()
    assert panel.unshared.text().endswith(
        f"too few of {prepare(DataSettings(source=Wine(), seed=31)).schema.classes[2]}."
    )


def test_another_set_is_one_step(qtbot: QtBot, panel: DataPanel, work: Workspace) -> None:
    panel.form.fields()[("source",)].value_changed.emit("Wine")
    breathe(qtbot)
    assert work.current.project.data.source == Wine()
    assert "features (input, N×13)" in panel.columns.text()
    assert panel.reading.isVisible()
    wait(qtbot, panel)
    assert panel.view.samples.table[0][0] == "alcohol, % vol"
    work.current.undo()
    assert work.current.project == cnn()


def test_settings_of_the_source_are_offered(qtbot: QtBot, panel: DataPanel, work: Workspace) -> None:
    panel.form.fields()[("source",)].value_changed.emit("Sunspots")
    breathe(qtbot)
    window = panel.form.fields()[("source", "window")]
    window.value_changed.emit(12)
    assert work.current.project.data.source == Sunspots(window=12)


def test_shares_that_leave_too_little_are_told_in_a_sentence(qtbot: QtBot, gui: object) -> None:
    from engine.data.sets.tables import Iris

    data = DataSettings(source=Iris(), validation=0.5, test=0.5)
    work = opened(with_data(chain(Input(), Linear(), Output()), data))
    panel = DataPanel(work)
    shown(qtbot, panel, 300, 700)
    wait(qtbot, panel)
    assert panel.trouble.isVisible()
    assert "Too few samples" in panel.trouble.text.text()
    assert panel.train.value.text() == "?"


def test_what_cannot_be_read_is_told_in_a_sentence(
    qtbot: QtBot, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(settings: DataSettings) -> None:
        raise Trouble("The file is gone.")

    monkeypatch.setattr("gui.panels.data.data.prepare", refuse)
    panel = DataPanel(work)
    shown(qtbot, panel, 300, 700)
    wait(qtbot, panel)
    assert panel.trouble.text.text() == "The file is gone."
    assert panel.trouble.isVisible()


def test_hidden_it_reads_nothing(qtbot: QtBot, work: Workspace) -> None:
    panel = DataPanel(work)
    qtbot.addWidget(panel)
    work.current.do(lambda project: with_data(project, evolve(project.data, seed=3)), label="Seed")
    qtbot.wait(200)
    assert panel.shown is None
    assert not panel.worker.busy


def test_an_edit_of_the_network_reads_nothing_again(
    qtbot: QtBot, panel: DataPanel, work: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import edits
    from engine.message import Message

    asked: list[object] = []
    monkeypatch.setattr(panel.worker, "run", asked.append)
    work.current.do(edits.set_param, "n2", "out_channels", 5, label=Message("Set"))
    qtbot.wait(200)
    assert asked == []


def test_samples_are_in_their_own_units() -> None:
    table = first_samples(prepare(DataSettings(source=Wine()))).table
    raw = Wine().load().columns["features"]
    first = prepare(DataSettings(source=Wine())).train.rows[0]
    assert table[0][1][0] == pytest.approx(raw[first][0], rel=1e-5)
    target = first_samples(prepare(DataSettings(source=Diabetes())))
    assert float(target.names[0]) > 20  # a progression, not a standardised value


def test_a_series_is_shown_whole_and_in_order() -> None:
    samples = first_samples(prepare(DataSettings(source=Sunspots())))
    prepared = prepare(DataSettings(source=Sunspots()))
    assert [len(part) for part in samples.series] == [
        len(prepared.train),
        len(prepared.validation),
        len(prepared.test),
    ]
    assert samples.series[0][0] == pytest.approx(Sunspots().load().columns["next"][0, 0], rel=1e-4)


def test_pictures_run_along_the_ramp_of_amounts(gui: object) -> None:
    ramp = theme.current().amounts
    image = picture(np.array([[[0.0], [1.0]]]), ramp)
    assert image.pixelColor(0, 0).name() == ramp[0].name()
    assert image.pixelColor(1, 0).name() == ramp[-1].name()
    coloured = picture(np.array([[[1.0, 0.0, 0.0]]]), ramp)
    assert coloured.pixelColor(0, 0).name() == "#ff0000"


EVERY_FORM = (Digits(), Fashion(), Wine(), Sunspots(), SpokenDigits(), MovingDigits())


@pytest.mark.parametrize("source", EVERY_FORM, ids=lambda s: s.label())
def test_samples_of_every_form_are_painted(qtbot: QtBot, gui: object, source: object) -> None:
    view = SamplesView()
    qtbot.addWidget(view)
    view.set_samples(first_samples(prepare(DataSettings(source=source))))
    view.resize(204, view.heightForWidth(204))
    assert view.height() > 80
    image = view.grab().toImage()
    colours = {image.pixelColor(x, y).rgb() for x in range(0, 204, 3) for y in range(0, view.height(), 3)}
    assert len(colours) > 4
    assert view.accessibleName()


def test_texts_are_shown_in_their_signs(qtbot: QtBot) -> None:
    names = first_samples(prepare(DataSettings(source=FirstNames())))
    assert all(text.isalpha() and text.islower() for text in names.texts)
    assert set(names.names) <= {"female", "male"}
    poems = first_samples(prepare(DataSettings(source=Poems())))
    assert all("，" in text or "。" in text for text in poems.texts)
    view = SamplesView()
    qtbot.addWidget(view)
    view.resize(232, 100)
    view.set_samples(poems)
    assert view.accessibleName().startswith(f"{poems.texts[0]}: {poems.names[0]}")
    assert view.heightForWidth(232) == len(poems.texts) * theme.px(38)
    assert not view.grab().isNull()


def test_points_are_shown_in_the_plane(qtbot: QtBot) -> None:
    view = SamplesView()
    qtbot.addWidget(view)
    view.set_samples(first_samples(prepare(DataSettings(source=Spirals(arms=5)))))
    view.resize(232, view.heightForWidth(232))
    assert view.accessibleName() == "700 points in the plane"
    image = view.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(232) for y in range(232)}
    assert {colour.name() for colour in theme.current().series} <= colours
    few, many = (first_samples(prepare(DataSettings(source=one))) for one in (Xor(), Spirals(arms=9)))
    heights = []
    for samples in (few, many):
        view.set_samples(samples)
        heights.append(view.heightForWidth(232))
    assert heights[1] - heights[0] == 2 * theme.px(20)


def test_a_sound_is_shown_and_played_as_it_is(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = first_samples(prepare(DataSettings(source=SpokenDigits())))
    raw, rows = SpokenDigits().load(), prepare(DataSettings(source=SpokenDigits())).train.rows
    assert samples.names == tuple(str(raw.columns["digit"][row]) for row in rows[: recordings.SHOWN])
    for sound, row in zip(samples.sounds, rows, strict=False):
        assert sound.wave is not None
        np.testing.assert_allclose(sound.wave, raw.columns["wave"][row, 0], atol=1e-5)
        assert sound.spectrum is not None
        assert sound.spectrum.shape == (40, 41)
    view = SamplesView()
    qtbot.addWidget(view)
    view.set_samples(samples)
    view.resize(232, view.heightForWidth(232))
    buttons = view.findChildren(IconButton)
    assert [button.accessibleName() for button in buttons] == [f"Play {name}" for name in samples.names]
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    heard, rate = soundfile.read(opened[0])
    assert rate == 8000
    np.testing.assert_allclose(heard, raw.columns["wave"][rows[1], 0], atol=1e-4)
    view.set_samples(first_samples(prepare(DataSettings(source=Wine()))))
    qtbot.waitUntil(lambda: not view.findChildren(IconButton))


def test_a_video_is_shown_as_its_frames_in_order(qtbot: QtBot) -> None:
    samples = first_samples(prepare(DataSettings(source=MovingDigits())))
    raw, rows = MovingDigits().load(), prepare(DataSettings(source=MovingDigits())).train.rows
    assert len(samples.videos) == len(samples.names) == recordings.SHOWN
    for video, name, row in zip(samples.videos, samples.names, rows, strict=False):
        np.testing.assert_allclose(video[..., 0], raw.columns["video"][row, :, 0] / 16, atol=1e-5)
        assert name == tuple(DIRECTIONS)[raw.columns["direction"][row]]
    view = SamplesView()
    qtbot.addWidget(view)
    view.set_samples(samples)
    assert view.accessibleName() == f"Videos of {', '.join(samples.names)}"


def test_a_well_known_set_is_fetched_when_a_person_asks_for_it(
    qtbot: QtBot, panel: DataPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path))
    asked: list[str] = []
    go_on = threading.Event()

    def fetch(remote: Remote, folder: Path, progress: Progress, stopped: Callable[[], bool]) -> Path:
        asked.append(remote.name)
        progress(remote.size // 2)
        while not go_on.wait(0.01):
            if stopped():
                raise Stopped
        folder.mkdir(parents=True, exist_ok=True)
        count = Mnist.train if "train" in remote.name else Mnist.test
        shape = (count, 28, 28) if "images" in remote.name else (count,)
        head = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
        labels = (np.arange(np.prod(shape)) % 10).astype(np.uint8)
        (folder / remote.name).write_bytes(head + labels.tobytes())
        return folder / remote.name

    monkeypatch.setattr(known, "fetch", fetch)
    monkeypatch.setattr(Mnist, "train", 600)
    monkeypatch.setattr(Mnist, "test", 200)
    assert not panel.fetch.isVisible()
    panel.form.fields()[("source",)].value_changed.emit("Mnist")
    breathe(qtbot)
    wait(qtbot, panel)
    assert asked == []
    assert panel.trouble.text.text().startswith("MNIST is not on this machine: expected ")
    assert panel.fetch.said.text() == (
        "Fetched once, 12 MB from storage.googleapis.com; or taken from a folder that has its files."
    )
    panel.fetch.fetch.click()
    qtbot.waitUntil(lambda: panel.fetch.said.text() == "5.0 of 12 MB")
    panel.fetch.stop.click()
    qtbot.waitUntil(lambda: panel.fetch.said.text().startswith("Stopped."))
    assert panel.fetch.fetch.isVisible()
    go_on.set()
    panel.fetch.fetch.click()
    qtbot.waitUntil(lambda: not panel.fetch.isVisible())
    wait(qtbot, panel)
    assert len(asked) == 5
    assert not panel.trouble.isVisible()
    assert len(panel.view.samples.pictures) == 12


def test_what_cannot_be_fetched_is_said(
    qtbot: QtBot, panel: DataPanel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path))

    def fetch(*_: object) -> Path:
        raise Trouble("There is no network.")

    monkeypatch.setattr(known, "fetch", fetch)
    panel.form.fields()[("source",)].value_changed.emit("Cifar10")
    breathe(qtbot)
    wait(qtbot, panel)
    panel.fetch.fetch.click()
    qtbot.waitUntil(lambda: panel.fetch.said.text() == "There is no network.")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    panel.fetch.take.click()
    qtbot.waitUntil(lambda: "is not the file of CIFAR-10" in panel.fetch.said.text())
    assert panel.fetch.fetch.isVisible()
    panel.form.fields()[("source",)].value_changed.emit("Wine")
    breathe(qtbot)
    assert not panel.fetch.isVisible()
    wait(qtbot, panel)


def test_data_of_ones_own_is_asked_for_and_nothing_is_set_before(qtbot: QtBot, panel: DataPanel) -> None:
    before = panel.workspace.current.project
    asked: list[object] = []
    panel.open_wanted.connect(asked.append)
    panel.form.fields()[("source",)].value_changed.emit("TableFile")
    panel.form.fields()[("source",)].value_changed.emit("FolderFiles")
    breathe(qtbot)
    assert asked == [False, True]
    assert panel.workspace.current.project is before
    assert panel.form.fields()[("source",)].currentText() == "Digits"
