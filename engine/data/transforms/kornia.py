"""What kornia computes for us. It is an extra of the program: 31 MB on disk and half a second to import, for
a few steps that most trainings never go; what PyTorch does in a line or two is done without it.
"""

from __future__ import annotations

from typing import Any

from engine.message import Trouble


def kornia() -> Any:
    """The library. Raises `Trouble` where it is not installed."""
    try:
        import kornia as library
    except ImportError:
        raise Trouble(
            "This step of the data is computed by kornia, which is not installed. Install it with "
            "pip install 'layerloom[augment]', or take the step out."
        ) from None
    return library
