"""Code that does not end is ended, and nothing of that is left in the thread."""

from __future__ import annotations

import sys

import pytest

from engine.plugins.time_limit import TooLong, limited


def traced() -> int:
    """Call a function while a trace function looks on, as a debugger does."""
    seen: list[str] = []

    def look(frame: object, event: str, argument: object) -> object:
        seen.append(event)
        return look

    def watched() -> int:
        return 1

    before = sys.gettrace()
    sys.settrace(look)  # type: ignore[arg-type]
    try:
        watched()
    finally:
        sys.settrace(before)
    return len(seen)


def endless() -> None:
    while True:
        pass


def test_a_loop_without_end_is_ended_and_the_thread_can_be_traced_afterwards() -> None:
    with pytest.raises(TooLong), limited(0.05):
        endless()
    assert traced() >= 3


def test_what_ends_in_time_leaves_nothing_behind() -> None:
    with limited(60):
        pass
    assert traced() >= 3
