"""The window as a whole: the gallery, the editor at work, and the editor under odd conditions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QSize
from PySide6.QtTest import QTest

from engine import edits
from engine.data.sets.pictures import Fashion
from engine.data.sets.speech import SpokenDigits
from engine.data.sets.texts import Poems
from engine.data.settings import DataSettings
from engine.kinds import Layer, registry
from engine.store import project_file
from engine.templates import template
from engine.templates.builder import Sketch
from gui.style import theme
from gui.style.apply import apply
from tests.screens.stage import Stage

EPOCHS = 20


def gallery(stage: Stage) -> Iterator[object]:
    """The templates, and networks that were open lately."""
    for id, result in (("digits-cnn", "97.9 %"), ("sunspots-lstm", "MAE 14.8"), ("wine-mlp", None)):
        project = template(id).project()
        path = stage.folder / "networks" / f"{id}.loom"
        path.parent.mkdir(exist_ok=True)
        project_file.save(project, path)
        stage.window.recent.note(path, project.graph.name, result)
    stage.window.show_gallery()
    yield (stage.window,)


def gallery_search(stage: Stage) -> Iterator[object]:
    """What a search leaves, and what the keys stand on."""
    stage.window.show_gallery()
    QTest.keyClicks(stage.window.gallery.field, "wine")
    yield (stage.window,)
    stage.window.gallery.field.set_value("")
    stage.window.gallery.search("")


def gallery_empty(stage: Stage) -> Iterator[object]:
    """The first start of all."""
    entries = stage.window.recent.entries()
    for entry in entries:
        stage.window.recent.drop(entry.path)
    shutil.rmtree(stage.folder / "networks", ignore_errors=True)
    stage.window.show_gallery()
    tabs = stage.window.gallery.tabs
    tabs.setCurrentIndex(1)
    yield (stage.window,)
    tabs.setCurrentIndex(0)


def main_idle(stage: Stage) -> Iterator[object]:
    """A template that was not trained yet."""
    document = stage.open("digits-cnn")
    document.select([next(iter(document.project.graph.nodes))])
    yield (stage.window,)


def main_empty(stage: Stage) -> Iterator[object]:
    """An empty network."""
    stage.window.new()
    stage.panel("training")
    yield (stage.window,)


def main_skip(stage: Stage) -> Iterator[object]:
    """Branches and skips, two networks open."""
    stage.open("sunspots-lstm")
    stage.open("digits-resnet")
    yield (stage.window,)


def main_narrow(stage: Stage) -> Iterator[object]:
    """900 px wide."""
    stage.window.resize(900, 700)
    stage.open("digits-cnn", "n2")
    yield (stage.window,)


def main_high_contrast(stage: Stage) -> Iterator[object]:
    """What the system's setting asks for."""
    stage.open("digits-cnn", "n2")

    def taken() -> object:
        worn = theme.current()
        apply(stage.app, worn.high_contrast())
        stage.settle()
        image = stage.window.grab().toImage()
        apply(stage.app, worn)
        return image

    yield taken


def main_large_text(stage: Stage) -> Iterator[object]:
    """Text at 200 %."""
    apply(stage.app, theme.current(), 2.0)
    stage.open("digits-cnn", "n2")
    yield (stage.window,)
    apply(stage.app, theme.current(), 1.0)


def main_sharp(stage: Stage) -> Iterator[object]:
    """The whole window scaled by 200 %."""
    stage.window.resize(QSize(1200, 800))
    stage.open("digits-cnn", "n2")
    yield (stage.window,)


def main_huge(stage: Stage) -> Iterator[object]:
    """A thousand layers."""
    kinds = registry(Layer)
    sketch = Sketch("A thousand layers")
    x = sketch.chain(sketch.add(kinds["Input"]()), kinds["Conv2d"](out_channels=16, padding=1))
    for block in range(165):
        y = sketch.chain(
            x,
            *(kinds[name]() for name in ("BatchNorm2d", "ReLU")),
            kinds["Conv2d"](out_channels=16, padding=1),
        )
        y = sketch.chain(y, kinds["Dropout"](rate=0.1)) if block % 2 else sketch.chain(y, kinds["GELU"]())
        x = sketch.add(kinds["ReLU"](), sketch.add(kinds["Add"](), y, x))
    sketch.chain(x, kinds["Flatten"](), kinds["Linear"](out_features=10), kinds["Output"]())
    stage.open(sketch.project())
    yield (stage.window,)


def main_trained(stage: Stage) -> Iterator[object]:
    """After the run, a layer selected and the curves read at a place."""
    assert stage.trained is not None
    docks = stage.window.editor.docks
    docks.restore({**docks.state(), "sizes": [232, 312, 186]})
    stage.settle()
    stage.look(stage.trained, "n5")
    panel = stage.window.editor.docks.panel("training")
    plot = panel.charts[0].plot  # type: ignore[attr-defined]  # the panel of the docks
    QTest.mouseMove(plot.viewport(), QPoint(plot.width() * 13 // 100, plot.height() // 2))
    yield (stage.window,)


def _look_at_data(stage: Stage) -> None:
    """Turn to the data, and wait until all of it is there."""
    stage.window.editor.turn_to("data")
    page, document = stage.window.editor.data_page, stage.document

    def there() -> bool:
        view = page.view
        return view is not None and view.overview.settings == document.project.data and not page.sorter.busy

    stage.until(there, "the data")
    stage.settle(200)


def _own_table(stage: Stage) -> None:
    """A table with all that a table can have, opened as a person does."""
    from tests.engine.data.test_own_tables import animals

    place = os.getcwd()
    os.chdir(stage.folder)
    try:
        path = animals().absolute()
    finally:
        os.chdir(place)
    stage.window.open_data(path)
    stage.until(lambda: stage.document.title == path.stem, "the table")
    _look_at_data(stage)
    stage.until(stage.window.editor.data_page.side.network.isVisible, "the suggestion")
    stage.settle(100)


def page_data_table(stage: Stage) -> Iterator[object]:
    """A person's own table, and a network to begin with."""
    _own_table(stage)
    yield (stage.window,)


def page_data_narrow(stage: Stage) -> Iterator[object]:
    """The same, 1,100 px wide."""
    stage.window.resize(1100, 760)
    _own_table(stage)
    yield (stage.window,)


def page_data_pictures(stage: Stage) -> Iterator[object]:
    """Pictures in a grid."""
    project = template("digits-cnn").project()
    stage.open(edits.set_data(project, DataSettings(source=Fashion())))
    _look_at_data(stage)
    yield (stage.window,)


def page_data_pictures_narrow(stage: Stage) -> Iterator[object]:
    """The same, 1,100 px wide."""
    stage.window.resize(1100, 760)
    yield from page_data_pictures(stage)


def page_data_sounds(stage: Stage) -> Iterator[object]:
    """Sounds, each as a wave and a spectrogram."""
    project = template("digits-cnn").project()
    stage.open(edits.set_data(project, DataSettings(source=SpokenDigits())))
    _look_at_data(stage)
    yield (stage.window,)


def page_data_texts(stage: Stage) -> Iterator[object]:
    """Texts as they are read."""
    project = template("digits-cnn").project()
    stage.open(edits.set_data(project, DataSettings(source=Poems())))
    _look_at_data(stage)
    yield (stage.window,)


def main_closed(stage: Stage) -> Iterator[object]:
    """Only the canvas."""
    assert stage.trained is not None
    stage.window.editor.docks.set_bare(True)
    stage.look(stage.trained)
    yield (stage.window,)
    stage.window.editor.docks.set_bare(False)


BEFORE = {
    "gallery": gallery,
    "gallery-search": gallery_search,
    "gallery-empty": gallery_empty,
    "main-idle": main_idle,
    "main-empty": main_empty,
    "main-skip": main_skip,
    "main-narrow": main_narrow,
    "main-high-contrast": main_high_contrast,
    "main-large-text": main_large_text,
    "main-200-percent": main_sharp,
    "main-huge": main_huge,
    "page-data-table": page_data_table,
    "page-data-narrow": page_data_narrow,
    "page-data-pictures": page_data_pictures,
    "page-data-pictures-narrow": page_data_pictures_narrow,
    "page-data-sounds": page_data_sounds,
    "page-data-texts": page_data_texts,
}
AFTER = {"main-trained": main_trained, "main-closed": main_closed}
