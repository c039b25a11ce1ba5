"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.data.own import permission


@pytest.fixture(autouse=True)
def _data_of_anybody() -> Iterator[None]:
    """A window that a test opened asks no longer which data may be read once the test has ended."""
    yield
    permission.set_gate(None)
