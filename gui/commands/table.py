"""Everything a person can do: menus, tool bar, shortcuts and the command search are made from this list."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt

from gui import settings
from gui.canvas import bindings
from gui.commands import dialogs
from gui.commands.action import Action, Turn, always, editing, on_canvas
from gui.commands.conditions import (
    a_past_run,
    inside_a_block,
    some_blocks,
    some_layers,
    some_sharing,
    something,
)
from gui.style import theme

if TYPE_CHECKING:
    from gui.session import Session


def switch_theme() -> None:
    """Wear dark in the place of light, and light in the place of dark."""
    settings.prefer(theme="light" if theme.current().dark else "dark")


def toggle_full_screen(session: Session) -> None:
    """Fill the screen, or no longer."""
    window = session.window
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


_ = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)


def _train_enabled(session: Session) -> bool:
    """While another network trains, or what this one was before an edit, Train asks whether it may take its
    place.
    """
    trainer = session.running_trainer()
    return session.editing and (trainer is None or not trainer.is_of_now(session.workspace.current))


def _running(session: Session) -> bool:
    return session.running_trainer() is not None


def _paused(session: Session) -> bool:
    trainer = session.running_trainer()
    return trainer is not None and trainer.paused


def _pause(session: Session) -> None:
    trainer = session.running_trainer()
    if trainer is not None:
        trainer.resume() if trainer.paused else trainer.pause()


ACTIONS: tuple[Action, ...] = (
    # file
    Action("new", _("actions", "New network"), lambda s: s.new(), "new", ("Ctrl+N",), enabled=always),
    Action(
        "gallery",
        _("actions", "Gallery…"),
        lambda s: s.gallery_wanted.emit(),
        "grid",
        ("Ctrl+Shift+N",),
        _("actions", "Start from a template"),
        enabled=editing,
        words="templates start",
    ),
    Action(
        "open", _("actions", "Open…"), lambda s: s.files.open_dialog(), "open", ("Ctrl+O",), enabled=always
    ),
    Action(
        "open_data",
        _("actions", "Open data…"),
        lambda s: s.data_files.ask(),
        "table",
        ("Ctrl+Shift+O",),
        _("actions", "Learn from a file of your own: a table of any kind"),
        enabled=always,
        words="import csv excel parquet own file table",
    ),
    Action(
        "open_data_folder",
        _("actions", "Open a folder of data…"),
        lambda s: s.data_files.ask(folder=True),
        "image",
        tip=_("actions", "Learn from pictures, sounds, videos or texts of your own, a file each"),
        enabled=always,
        words="import directory own pictures images sounds videos texts classes",
    ),
    Action(
        "reopen",
        _("actions", "Reopen the last one"),
        lambda s: s.files.reopen(),
        "recent",
        ("Ctrl+Shift+T",),
        enabled=lambda s: s.files.can_reopen(),
    ),
    Action("save", _("actions", "Save"), lambda s: s.files.save(s.workspace.current), "save", ("Ctrl+S",)),
    Action(
        "save_as",
        _("actions", "Save as…"),
        lambda s: s.files.save_as(s.workspace.current),
        "save",
        ("Ctrl+Shift+S",),
    ),
    Action(
        "reload",
        _("actions", "Reload from disk"),
        lambda s: s.files.reload(s.workspace.current),
        "",
        tip=_("actions", "Take the file as it is on disk; undo brings this back"),
        enabled=lambda s: s.editing and s.workspace.current.path is not None,
    ),
    Action(
        "export",
        _("actions", "Export…"),
        dialogs.export,
        "export",
        ("Ctrl+E",),
        words="onnx pt2 safetensors python",
    ),
    Action(
        "close", _("actions", "Close"), lambda s: s.close_document(s.workspace.current), "close", ("Ctrl+W",)
    ),
    Action(
        "settings",
        _("actions", "Settings…"),
        dialogs.open_settings,
        "settings",
        ("Ctrl+,",),
        enabled=always,
        words="preferences options theme folders",
    ),
    Action(
        "quit",
        _("actions", "Quit"),
        lambda s: s.window.close(),
        "",
        ("Ctrl+Q",),
        enabled=always,
        words="exit leave",
    ),
    # edit
    Action(
        "undo",
        _("actions", "Undo"),
        lambda s: s.workspace.current.undo(),
        "undo",
        ("Ctrl+Z",),
        enabled=lambda s: s.editing and s.workspace.current.history.undo_label is not None,
    ),
    Action(
        "redo",
        _("actions", "Redo"),
        lambda s: s.workspace.current.redo(),
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        enabled=lambda s: s.editing and s.workspace.current.history.redo_label is not None,
    ),
    on_canvas("cut", _("actions", "Cut"), bindings.CUT, "cut", enabled=some_layers),
    on_canvas("copy", _("actions", "Copy"), bindings.COPY, "copy", enabled=some_layers),
    on_canvas("paste", _("actions", "Paste"), bindings.PASTE),
    on_canvas("duplicate", _("actions", "Duplicate"), bindings.DUPLICATE, enabled=some_layers),
    on_canvas(
        "delete",
        _("actions", "Delete"),
        bindings.DELETE,
        "trash",
        tip=_("actions", "Take the layers away and join what they stood between, where it fits"),
        enabled=something,
        words="remove heal",
    ),
    on_canvas(
        "delete_leaving_gap",
        _("actions", "Delete and leave a gap"),
        bindings.DELETE_LEAVING_GAP,
        tip=_("actions", "Take the layers away and every wire at them"),
        enabled=something,
        words="remove break",
    ),
    on_canvas(
        "dissolve",
        _("actions", "Dissolve"),
        bindings.DISSOLVE,
        tip=_("actions", "Take the layers away and join their wires"),
        enabled=some_layers,
    ),
    on_canvas(
        "knife",
        _("actions", "Cut wires"),
        bindings.KNIFE,
        tip=_("actions", "Drag across wires to cut them"),
        words="knife disconnect",
    ),
    on_canvas(
        "mute",
        _("actions", "Mute"),
        bindings.MUTE,
        "mute",
        tip=_("actions", "Let the wire go through the layers as if they were not there"),
        enabled=some_layers,
    ),
    on_canvas("rename", _("actions", "Rename"), bindings.RENAME, enabled=some_layers),
    on_canvas(
        "fold",
        _("actions", "Fold into a block…"),
        bindings.FOLD,
        "block",
        tip=_("actions", "Make one block of the selected layers, to be used again and repeated"),
        enabled=some_layers,
        words="group collapse subgraph",
    ),
    on_canvas(
        "unfold",
        _("actions", "Unfold the block"),
        bindings.UNFOLD,
        tip=_("actions", "Put the layers of the block in its place"),
        enabled=some_blocks,
        words="ungroup expand",
    ),
    on_canvas(
        "open_block",
        _("actions", "Open the block"),
        bindings.OPEN_BLOCK,
        tip=_("actions", "Show and edit what is inside; every use of the block follows"),
        enabled=some_blocks,
        words="enter inside edit",
    ),
    on_canvas(
        "leave_block",
        _("actions", "Leave the block"),
        bindings.LEAVE_BLOCK,
        tip=_("actions", "Go back to what the open block stands in"),
        enabled=inside_a_block,
        words="up back parent out",
    ),
    on_canvas(
        "share_weights",
        _("actions", "Share weights with…"),
        bindings.SHARE,
        "link",
        tip=_("actions", "Let layers use the weights of one of them: siamese networks, tied embeddings"),
        enabled=some_layers,
        words="tie siamese twin same",
    ),
    on_canvas(
        "unshare",
        _("actions", "Give it weights of its own"),
        bindings.UNSHARE,
        enabled=some_sharing,
        words="unshare untie",
    ),
    on_canvas("select_all", _("actions", "Select all"), bindings.SELECT_ALL),
    on_canvas("add", _("actions", "Add a layer…"), bindings.SEARCH, "plus", words="insert"),
    on_canvas("tidy", _("actions", "Tidy"), bindings.TIDY, "tidy", words="layout arrange align"),
    Action(
        "find_layer",
        _("actions", "Find a layer…"),
        dialogs.find_layer,
        "search",
        ("Ctrl+F",),
        _("actions", "Find a layer by its name, its kind or a setting, also inside blocks"),
        words="search go to locate",
    ),
    Action(
        "find",
        _("actions", "Find a command…"),
        dialogs.find_command,
        "search",
        ("Ctrl+K",),
        enabled=always,
    ),
    # view
    on_canvas("fit", _("actions", "Fit the network"), bindings.FIT, "fit", words="zoom whole"),
    on_canvas(
        "fit_selection",
        _("actions", "Fit the selection"),
        bindings.FIT_SELECTION,
        words="zoom",
    ),
    on_canvas("zoom_in", _("actions", "Zoom in"), bindings.ZOOM_IN, "plus"),
    on_canvas("zoom_out", _("actions", "Zoom out"), bindings.ZOOM_OUT, "minus"),
    on_canvas("zoom_reset", _("actions", "Zoom to 100 %"), bindings.ZOOM_RESET),
    Action(
        "turn_page",
        _("actions", "Turn to the data"),
        lambda s: s.page_wanted.emit("network" if s.workspace.current.page == "data" else "data"),
        "table",
        ("Ctrl+Shift+D",),
        _("actions", "Look at the data of the network, or at the network again"),
        words="samples columns table page",
        turn=Turn(
            lambda s: s.editing and s.workspace.current.page == "data",
            _("actions", "Turn to the network"),
            "network",
        ),
    ),
    Action(
        "panels",
        _("actions", "Only the canvas"),
        lambda s: s.docks.set_bare(not s.docks.bare),
        "",
        ("F9",),
        _("actions", "Hide all panels, or bring them back"),
        checked=lambda s: s.editing and s.docks.bare,
    ),
    Action(
        "reset_panels",
        _("actions", "Put all panels back"),
        lambda s: s.docks.reset(),
        words="layout dock",
    ),
    Action(
        "next_tab",
        _("actions", "Next network"),
        lambda s: s.workspace.step(1),
        "",
        ("Ctrl+Tab", "Ctrl+PgDown"),
        enabled=lambda s: s.editing and len(s.workspace.documents) > 1,
    ),
    Action(
        "previous_tab",
        _("actions", "Previous network"),
        lambda s: s.workspace.step(-1),
        "",
        ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
        enabled=lambda s: s.editing and len(s.workspace.documents) > 1,
    ),
    Action(
        "theme",
        _("actions", "Switch between dark and light"),
        lambda s: switch_theme(),
        "theme",
        ("Ctrl+Shift+L",),
        enabled=always,
        words="theme colours night",
    ),
    Action(
        "full_screen",
        _("actions", "Full screen"),
        toggle_full_screen,
        "",
        ("F11",),
        enabled=always,
        checked=lambda s: s.window.isFullScreen(),
    ),
    # train
    Action(
        "train",
        _("actions", "Train"),
        lambda s: s.trainer.train(s.workspace.current),
        "play",
        ("Ctrl+Return", "F5"),
        _("actions", "Train the network"),
        enabled=_train_enabled,
        words="run start fit learn",
    ),
    Action(
        "go_on",
        _("actions", "Go on with the run…"),
        dialogs.go_on_with_last,
        "play",
        (),
        _("actions", "Train the last run further from where it ended, to more epochs"),
        enabled=a_past_run,
        words="resume continue more epochs",
    ),
    Action(
        "pause",
        _("actions", "Pause"),
        _pause,
        "pause",
        ("F6",),
        _("actions", "Pause the training, or go on"),
        enabled=_running,
        words="resume continue",
        turn=Turn(_paused, _("actions", "Go on"), "play"),
    ),
    Action(
        "stop",
        _("actions", "Stop"),
        lambda s: s.stop_run(),
        "stop",
        ("Shift+F5",),
        _("actions", "Stop the training and keep the run"),
        enabled=_running,
    ),
    # help
    Action(
        "shortcuts",
        _("actions", "Keyboard shortcuts"),
        dialogs.show_shortcuts,
        "keyboard",
        ("F1",),
        enabled=always,
        words="help keys",
    ),
    Action("log", _("actions", "Open the log folder"), dialogs.open_log, "", enabled=always),
    Action(
        "about",
        _("actions", "About Layerloom"),
        dialogs.show_about,
        "info",
        enabled=always,
        words="version",
    ),
)
