"""A program that is packed into one file, as PyInstaller does: its processes begin with that file too."""

from __future__ import annotations

import sys


def begin_where_asked() -> None:
    """Do what this process was started for, where another one started it, and end with that. To be called
    before anything else.
    """
    if getattr(sys, "frozen", False):
        import multiprocessing
        from multiprocessing.spawn import freeze_support

        multiprocessing.freeze_support()  # that of the packer, or Python's own, which minds Windows alone
        freeze_support()
