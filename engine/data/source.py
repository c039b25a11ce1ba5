"""How a source of data is declared: its title and licence, what its data looks like, and the data itself."""

from __future__ import annotations

from typing import ClassVar

from engine.data.schema import Raw, Schema
from engine.data.signs import Written
from engine.kinds.declaring import Kind, role, stated
from engine.kinds.unreadable import Absent
from engine.message import Trouble


@role
class Source(Kind):
    """Where data comes from, and on what terms."""

    title: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    """What its makers allow. Empty for what the program makes up itself."""

    @classmethod
    def complete(cls) -> None:
        """Take the licence from its docstring."""
        cls.licence = stated(cls, "Licence")

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__

    def schema(self) -> Schema:
        """What the data looks like, without reading it."""
        raise NotImplementedError(type(self).__name__)  # every source says it

    def load(self) -> Raw:
        """The data itself: each column samples× its shape, in its own units. Raises `Trouble` where it cannot
        be read.
        """
        raise NotImplementedError(type(self).__name__)  # every source reads its own

    def signs(self, column: str) -> Written | None:
        """What the numbers of a written column stand for; None where nobody can write it. May read the data,
        and raises `Trouble` as `load` does.
        """
        return None


class AbsentSource(Absent, Source):
    """Data of a plug-in that is not there, or that has changed."""

    def schema(self) -> Schema:
        """Raises `Trouble` with the reason."""
        raise self._trouble()

    def load(self) -> Raw:
        """Raises `Trouble` with the reason."""
        raise self._trouble()

    def _trouble(self) -> Trouble:
        return Trouble("The data {name} cannot be read: {reason}", name=self.kind_name, reason=self.reason)


Source.absent = AbsentSource
