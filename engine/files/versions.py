"""Which programs computed: what a run must name to be made again."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """The versions of Layerloom, Python and the libraries that numbers depend on."""
    known = {"python": platform.python_version(), "platform": platform.platform()}
    for name in ("layerloom", "torch", "numpy", "scikit-learn"):
        try:
            known[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # run from a checkout that was never installed
            known[name] = "unknown"
    return known
