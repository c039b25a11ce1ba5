"""A person's own kinds, loaded aside: the open projects follow them, and so does all that lists kinds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmapCache

from engine.message import Message
from gui import settings
from gui.background import Worker
from gui.style import kind_icons

if TYPE_CHECKING:
    from engine.plugins.loading import Plugins
    from gui.document.workspace import Workspace


class PluginLoader(QObject):
    """Loads the plug-in folder when it is asked to, and anew when a person comes back to the program: beside
    the interface thread.
    """

    changed = Signal(object)
    """What was loaded, a `Plugins`."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self.plugins: Plugins | None = None
        """What was loaded last; None until the folder was read once."""
        self._asked = False
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self.changed.connect(workspace.kinds_changed)
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._read_again)

    @property
    def busy(self) -> bool:
        """Whether files are being read."""
        return self._worker.busy

    def load(self) -> None:
        """Read what is new or changed in the folder."""
        self._asked = True
        self._worker.run(_load)

    def _read_again(self, state: Qt.ApplicationState) -> None:
        """A file may have been changed in an editor meanwhile, or removed."""
        if state == Qt.ApplicationState.ApplicationActive and self.plugins is not None and not self.busy:
            self._worker.run(_load)

    def _take(self, plugins: Plugins) -> None:
        before, self.plugins = self.plugins, plugins
        if plugins.kinds != (before.kinds if before is not None else ()):
            self._renew()
        known = [str(fault) for fault in before.faults] if before is not None else []
        new = [fault for fault in plugins.faults if str(fault) not in known]
        if new:
            self._workspace.say(Message("Plug-in {fault}", fault=new[0].sentence))
        if self._asked or plugins is not before:
            self._asked = False
            self.changed.emit(plugins)

    def _renew(self) -> None:
        """Let everything that was made of the former kinds be made of those of now."""
        from engine.plugins.refresh import Refresher  # here, where a plug-in changed: most people have none

        kind_icons.forget()
        QPixmapCache.clear()
        refresher = Refresher()
        for document in self._workspace.documents:
            document.renew(refresher.project)


def _load() -> Plugins:
    from engine.plugins import loading, trial  # here, aside: they import much of the engine

    return loading.load(plugins_folder(), trial.tried)


def plugins_folder() -> Path:
    """Where plug-ins are looked for: what the environment says, else what the person chose, else the usual
    place.
    """
    from engine.plugins.loading import FOLDER, default_folder  # when it is asked for: after the first paint

    chosen = settings.preferences().plugins
    return Path(chosen) if chosen and not os.environ.get(FOLDER) else default_folder()
