"""Where the program starts: verbs go to the engine's command line, everything else opens the window."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.crash import CrashHandler
    from gui.window.window import Window

HELP = """\
usage: layerloom [PROJECT.loom | TEMPLATE ...]   open the window: on a project, a template, or the gallery
       layerloom VERB ...                        without a window, see below
       layerloom --version

Without a display a project or template that is named is trained in the terminal instead.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `layerloom`. Gives the exit code."""
    from engine.hardware.frozen import begin_where_asked

    begin_where_asked()
    arguments = list(sys.argv[1:] if argv is None else argv)
    from engine.cli.output import open_closed_streams

    open_closed_streams()
    try:
        if arguments and (code := _in_the_terminal(arguments)) is not None:
            return code
        from gui.display import missing

        if reason := missing():
            return _without_window(arguments, reason)
        return _window(arguments)
    except KeyboardInterrupt:  # while it starts; later on each part has its own way to end
        return 130


def _in_the_terminal(arguments: list[str]) -> int | None:
    """Do what needs no window. None where the arguments are names of projects and templates."""
    from engine.cli.main import VERBS
    from engine.cli.main import main as command_line

    if arguments[0] in VERBS:
        return command_line(arguments)
    if arguments[0] in ("-h", "--help"):
        print(HELP, flush=True)
        try:
            return command_line(["--help"])
        except SystemExit as end:  # argparse ends like this after its help
            return int(end.code or 0)
    if arguments == ["--version"]:
        from importlib.metadata import version

        print(f"layerloom {version('layerloom')}")
        return 0
    if fault := _mistyped(arguments):
        print(fault, file=sys.stderr)
        return 2
    for argument in arguments:
        if argument.startswith("-"):
            print(f"there is no option {argument}; see layerloom --help", file=sys.stderr)
            return 2
    return None


def _mistyped(arguments: list[str]) -> str:
    """What is wrong where the first word is meant as a verb and is none; else ""."""
    from difflib import get_close_matches

    from engine.cli.main import VERBS
    from engine.message import Trouble
    from engine.templates import famous, named, templates

    word = arguments[0]
    verbs = get_close_matches(word, VERBS, 1)
    if word.startswith("-") or not (verbs or len(arguments) > 1):
        return ""
    try:
        named(word)
    except Trouble:
        known = [f"the verb {verb}" for verb in verbs]
        ids = [one.id for one in (*templates(), *famous())]
        known += [f"the template {id}" for id in get_close_matches(word, ids, 1)]
        near = f"{' or '.join(known)} comes near; " if known else ""
        return f"there is no verb, file or template called {word}; {near}see layerloom --help"
    except OSError:  # a name that no file can have: opening it says so
        pass
    return ""


def _without_window(arguments: list[str], reason: str) -> int:
    """Say that no window can be opened, and train what was asked for in the terminal."""
    from engine.cli.main import main as command_line

    if not arguments:
        print(
            f"The window cannot be opened: {reason}. Name a project or a template to train it in the "
            "terminal; see layerloom --help.",
            file=sys.stderr,
        )
        return 1
    print(f"The window cannot be opened: {reason}. Training {arguments[0]} in the terminal.", file=sys.stderr)
    return command_line(["train", arguments[0]])


HAND_OVER = 0.0005
"""Seconds after which a thread that computes hands Python's lock over. Painting takes it anew for nearly
every call of Qt, so that a frame would wait many times the usual 5 ms for a thread that seeks or checks.
"""


def _window(arguments: list[str]) -> int:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until `CrashHandler` listens: imports in C abort
    warnings.simplefilter("ignore")  # what libraries warn of is for who programs with them
    gc.disable()  # until the first paint: nearly all that is made before it is kept
    sys.setswitchinterval(HAND_OVER)
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from gui.faster_imports import read_no_sources

    read_no_sources()
    from gui import settings
    from gui.style.apply import STYLED, apply
    from gui.window.window import Window

    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(["layerloom", "-style", "fusion"])
    app.setProperty(STYLED, True)
    app.setApplicationName("Layerloom")
    app.setApplicationDisplayName("Layerloom")
    app.setDesktopFileName("layerloom")
    wish = settings.preferences()
    apply(app, wish.theme, wish.text_size / 100)
    window = Window(later=not arguments and wish.show_gallery, held=True)
    start = Start(app, window, arguments)
    window.painted.connect(start.go_on)
    window.show()
    QTimer.singleShot(0, window, start.tell)  # within the event loop: what ends that ends its dialogs too
    code = app.exec()
    start.end()
    return int(code)


class Start:
    """Opens what was named, and makes torch ready after the first paint, beside the interface thread."""

    def __init__(self, app: QApplication, window: Window, arguments: list[str]) -> None:
        from engine.files.checked_json import file_path, items
        from engine.message import Trouble
        from gui import settings

        self.app, self.window = app, window
        self.crash_handler: CrashHandler | None = None
        self._troubles: list[tuple[str, Trouble]] = []
        names = arguments
        if not names and not settings.preferences().show_gallery:
            kept = settings.remembered("open", items(file_path())) or []
            names = [name for name in kept if Path(name).is_file()]
        for name in names:
            try:
                self._open(name)
            except Trouble as trouble:
                self._troubles.append((name, trouble))

    def _open(self, name: str) -> None:
        from engine.templates import named

        template = named(name)
        if template is None:
            self.window.session.files.load(Path(name))
        else:
            self.window.start(template.project())

    def tell(self) -> None:
        """Say what could not be opened, and what a killed session left."""
        for name, trouble in self._troubles:
            title = self.window.tr("{name} cannot be opened").format(name=Path(name).name)
            self.window.session.files.show_error(title, trouble)
        if self.window.furnished:
            self.window.offer_recovery()

    def go_on(self) -> None:
        """After the first paint: be ready for what may go wrong, import the rest in a thread, and then
        torch.
        """
        from gui.background import Worker
        from gui.garbage import Garbage
        from gui.style.emblem import window_icon

        self.garbage = Garbage(self.window)
        self.app.setWindowIcon(window_icon())
        self.listen()

        if self.window.furnished:
            self.warm_up()
            return
        self._worker = Worker(self.window)
        self._worker.done.connect(self._furnish)
        self._worker.run(import_parts)

    def listen(self) -> None:
        """Log from now on, and catch what no one caught."""
        from gui.crash import CrashHandler, open_log

        open_log()
        self.crash_handler = CrashHandler(self.app, self.window)

    def end(self) -> None:
        """The event loop has ended. A run that was stopped with it is kept before the process goes."""
        if self.crash_handler is not None:
            self.crash_handler.deaf()
            if self.crash_handler.wished and self.window.furnished:
                self.window.session.keep_run()

    def _furnish(self, _: object) -> None:
        self.window.furnish()
        self.window.offer_recovery()
        self.warm_up()

    def warm_up(self) -> None:
        """Import torch, beside the interface thread, and check the documents as soon as it is there."""
        from PySide6.QtCore import QTimer

        from gui import settings

        self.window.session.plugins.load()
        settings.make_private()
        threading.Thread(target=_warm_up, name="warm up", daemon=True).start()
        self._waiting = QTimer(self.window, interval=40)
        self._waiting.timeout.connect(self.look_for_torch)
        self._waiting.start()

    def look_for_torch(self) -> None:
        """Begin to check as soon as torch is imported."""
        from gui.document.checker import torch_is_imported

        if torch_is_imported():
            self._waiting.stop()
            self.window.session.workspace.checker.release()
            self.window.tool_bar.refresh()


def _warm_up() -> None:
    """Import torch, and then look after what can wait."""
    from engine.hardware.device import warm_up
    from gui.files.known_folders import collect_leftovers

    warm_up()
    collect_leftovers()


def import_parts() -> None:
    """Import what the window needs once somebody does something."""
    for name in (
        "gui.session",
        "gui.commands.table",
        "gui.window.outside_changes",
        "gui.window.tool_bar",
        "gui.window.editor",
        "gui.canvas.widget",
    ):
        importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main())
