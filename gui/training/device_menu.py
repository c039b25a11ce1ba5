"""Where the network in front is trained: the choice of device and threads, an edit of its recipe like
any other.
"""

from __future__ import annotations

import sys
from functools import cache

from attrs import evolve
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from engine import edits
from engine.hardware.device import choose_threads, usable_cores
from engine.message import Message
from gui.document.checker import torch_is_imported
from gui.document.workspace import Workspace
from gui.text.words import filled
from gui.training.run_info import samples_a_step


def tr(text: str) -> str:
    return QCoreApplication.translate("device", text)


def devices() -> tuple[tuple[str, str], ...]:
    """What can be chosen here, with its name. GPUs are listed once torch is there to find them."""
    options = (("auto", tr("Choose automatically")), ("cpu", tr("CPU")))
    return options + _gpus() if torch_is_imported() else options


@cache
def _gpus() -> tuple[tuple[str, str], ...]:
    """The GPUs here, which torch takes a while to look for."""
    torch, options = sys.modules["torch"], []
    if torch.cuda.is_available():
        options.append(("cuda", str(torch.cuda.get_device_name(0))))
    if torch.backends.mps.is_available():
        options.append(("mps", tr("Apple GPU")))
    return tuple(options)


def device_text(workspace: Workspace) -> str:
    """Where the network in front would be trained now: `CPU, 2 threads`."""
    document = workspace.current
    recipe, analysis = document.project.recipe, document.analysis
    device = recipe.device
    if device == "auto":
        if not torch_is_imported():
            return tr("Auto")
        device = next((id for id, _ in reversed(devices()) if id in {"cuda", "mps"}), "cpu")
    if device != "cpu":
        return dict(devices()).get(device, device.upper())
    if recipe.threads is None and analysis is None:
        return tr("CPU")
    macs = analysis.macs if analysis is not None else 0
    threads = choose_threads(recipe.threads, macs, samples_a_step(document.project))
    return filled(tr("CPU, {n} thread{n:|s}"), n=threads)


class DeviceMenu(QMenu):
    """Devices, then threads. Choosing is one undoable edit."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Device"), parent)
        self._workspace = workspace
        self.aboutToShow.connect(self.refill)
        self.triggered.connect(self._choose)

    def refill(self) -> None:
        """List what can be chosen now."""
        self.clear()
        recipe = self._workspace.current.project.recipe
        listed = list(devices())
        if recipe.device not in dict(listed):
            listed.append((recipe.device, tr("{device}, not options here").format(device=recipe.device)))
        self._options("device", listed, recipe.device)
        self.addSeparator()
        counts = sorted({1, 2, *(2**i for i in range(2, 8)), usable_cores(), recipe.threads or 1})
        threads: list[tuple[int | None, str]] = [(None, tr("Threads by the network's size"))]
        for n in counts:
            if n <= max(usable_cores(), recipe.threads or 1):
                threads.append((n, filled(tr("{n} thread{n:|s}"), n=n)))
        self._options("threads", threads, recipe.threads)

    def _options(
        self, name: str, options: list[tuple[str, str]] | list[tuple[int | None, str]], now: object
    ) -> None:
        group = QActionGroup(self)
        for value, text in options:
            act = self.addAction(text)
            act.setCheckable(True)
            act.setChecked(value == now)
            act.setData((name, value))
            group.addAction(act)

    def _choose(self, act: QAction) -> None:
        name, value = act.data()
        document = self._workspace.current
        label = Message("Choose the device") if name == "device" else Message("Choose the threads")
        document.do(edits.set_recipe, evolve(document.project.recipe, **{name: value}), label=label)
