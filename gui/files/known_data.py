"""Which data this person opened, so that a project of somebody else cannot have other files read.

What counts is not who made a project but whether this person ever pointed at the data that it names: a mark
in the file could be copied, and a hash of it breaks with every edit elsewhere. So each place that was opened,
dropped, located or allowed here is remembered, with whatever lies below it; data below the folder of a
project's own file came with that project, and needs no question.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from weakref import ref

from PySide6.QtCore import QObject

from engine.data.own import permission
from engine.data.own.file_source import FileSource
from engine.files.checked_json import file_path
from gui import settings
from gui.document.document import Document
from gui.document.workspace import Workspace

MOST = 500
"""Places that are remembered, the newest ones."""
_NAME = "data"


class KnownData(QObject):
    """Answers whether data may be read, for all that runs in this process."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._places = [os.path.normcase(one) for one in settings.kept_rows(_NAME, file_path())]
        here = ref(self)

        def gate(place: Path) -> bool:
            known = here()
            return known is None or known.allowed(place)

        permission.set_gate(gate)

    def allow(self, place: Path) -> None:
        """This person wants it read, now and later."""
        name = os.path.normcase(os.path.abspath(place))
        others = [one for one in self._places if one != name]
        self._places = [*others[1 - MOST :], name]
        store = settings.store()
        store.setValue(_NAME, json.dumps(self._places))
        store.sync()

    def allowed(self, place: Path) -> bool:
        """Whether it may be read."""
        name = os.path.normcase(os.path.abspath(place))
        if any(name == one or name.startswith(one + os.sep) for one in self._places):
            return True
        return any(_beside(document, name) for document in self._workspace.documents)


def _beside(document: Document, name: str) -> bool:
    """Whether data lies below the folder of a document's own file, and is what that document names."""
    source = document.project.data.source
    if document.path is None or not isinstance(source, FileSource):
        return False
    if os.path.normcase(os.path.abspath(source.path)) != name:
        return False
    folder = os.path.normcase(os.path.realpath(document.path.parent))
    real = os.path.normcase(os.path.realpath(name))  # a link may lead out of the folder
    return real.startswith(folder + os.sep)
