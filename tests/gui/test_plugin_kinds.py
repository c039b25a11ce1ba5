"""Kinds of every family in a plug-in: forms offer them once they are there, and show those that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine import edits, kinds
from engine.data.source import Source
from engine.message import Message
from engine.optim.optimiser import Optimiser, Schedule
from engine.plugins import loading
from gui.document.workspace import Workspace
from gui.forms.several import SeveralField
from gui.panels.data.data import DataPanel
from gui.panels.inspector.layer_page import LayerPage
from gui.panels.training.recipe import RecipePanel
from gui.plugins import PluginLoader
from tests.engine.projects import table

SAMPLE = Path(__file__).parents[2] / "assets" / "plugins" / "every-kind.py"


@pytest.fixture
def folder(own_folders: Path) -> Iterator[Path]:
    """The usual folder of plug-ins, in the test's own place. Afterwards none is loaded."""
    own = loading.default_folder()
    own.mkdir(parents=True)
    yield own
    loading.load(own / "none")
    loading._loaded = None


def test_forms_offer_kinds_that_came_and_show_those_that_went(
    gui: object, folder: Path, qtbot: QtBot
) -> None:
    work = Workspace(table(), held=True)
    own = PluginLoader(work)
    recipe, data, layer = RecipePanel(work), DataPanel(work), LayerPage(work)
    for panel in (recipe, data, layer):
        qtbot.addWidget(panel)
        panel.show()
    (output,) = (id for id, node in work.current.project.graph.nodes.items() if not node.kind.outputs)
    layer.show_layers((output,))

    def load() -> None:
        with qtbot.waitSignal(work.kinds_changed, timeout=20_000):
            own.load()
        recipe.refresh()
        data.refresh()

    def offered(panel: RecipePanel | DataPanel, name: str) -> list[str]:
        choice = panel.form.fields()[(name,)]
        return [choice.itemText(i) for i in range(choice.count())]

    def metrics() -> list[str]:
        field = layer.settings.form.fields()[("metrics",)]
        assert isinstance(field, SeveralField)
        return list(field.chips)

    assert "Signum" not in offered(recipe, "optimiser")
    assert "Matthews" not in metrics()
    path = folder / "every.py"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    load()
    assert "Signum" in offered(recipe, "optimiser")
    assert "InverseRoot" in offered(recipe, "schedule")
    assert "Whorls" in offered(data, "source")
    assert "Matthews" in metrics()
    losses = layer.settings.form.fields()[("loss",)]
    assert "PolyLoss" in [losses.itemText(i) for i in range(losses.count())]

    project = work.current.project
    signum, root = kinds.registry(Optimiser)["Signum"](), kinds.registry(Schedule)["InverseRoot"]()
    with_both = project.recipe.with_setting("optimiser", signum).with_setting("schedule", root)
    work.current.do(edits.set_recipe, with_both, label=Message("Set"))
    whorls = project.data.with_setting("source", kinds.registry(Source)["Whorls"]())
    work.current.do(edits.set_data, whorls, label=Message("Set"))
    path.unlink()
    load()
    assert "Signum" not in offered(recipe, "optimiser")
    assert recipe.form.fields()[("optimiser",)].placeholderText() == "Signum"
    assert data.form.fields()[("source",)].placeholderText() == "Whorls"
    assert "not found" in data.trouble.text.text()
    assert "Matthews" not in metrics()
