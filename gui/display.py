"""Whether a window can be opened at all. Qt ends the process where it cannot, so this is found out
before Qt starts.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

NEEDS_NONE = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def missing() -> str:
    """Why no window can be opened, as half a sentence, or "" where one can."""
    if sys.platform != "linux":
        return ""
    wanted = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if wanted in NEEDS_NONE:
        return ""
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if not x11 and not wayland:
        return "no display is set"
    if wayland and wanted in ("", "wayland") and _wayland_answers(wayland) and _loads("libqwayland.so"):
        return ""
    if not x11:
        return f"the Wayland display {wayland} does not answer"
    return _x11_trouble(x11)


def _x11_trouble(name: str) -> str:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return "Qt's system libraries for X11 are missing (libxcb)"
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = (ctypes.c_char_p, ctypes.c_void_p)
    for function in (xcb.xcb_connection_has_error, xcb.xcb_disconnect):
        function.argtypes = (ctypes.c_void_p,)
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        return f"the display {name} does not answer"
    return (
        "" if _loads("libqxcb.so") else "Qt's system libraries for X11 are missing (such as libxcb-cursor0)"
    )


def _wayland_answers(name: str) -> bool:
    import socket

    path = name if name.startswith("/") else str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / name)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def _loads(plugin: str) -> bool:
    """Whether Qt's plugin for a kind of display has all the libraries it needs."""
    spec = importlib.util.find_spec("PySide6")
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    if folder is None:
        return True
    path = Path(folder) / "Qt" / "plugins" / "platforms" / plugin
    if not path.is_file():  # Qt of the system, which lies elsewhere
        return True
    try:
        ctypes.CDLL(str(path))
    except OSError:
        return False
    return True
