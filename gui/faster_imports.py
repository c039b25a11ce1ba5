"""What PySide does at every import, and nobody here has a use for."""

from __future__ import annotations

import sys


def read_no_sources() -> None:
    """Keep PySide from reading the source of every module that is imported from now on.

    It looks there for its own name, so that a `from __feature__ import …` in one module leaves all others
    alone. Nothing here switches features. Reading makes importing torch a fifth slower, with Python's lock
    held, and Python keeps what was read: 130 MB. A PySide that does not read is left as it is.
    """
    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda module: False
