"""Kinds of a person's own: Python files in the plug-in folder, which declare them exactly as the engine does.

    from engine.api import Layer, declare, expression, param, port

    @declare(family="activation", hint="own")
    class Swoosh(Layer):
        '''Lets through what is large, and a little of what is not.'''
        steepness: float = param(1.0, above=True, lo=0, doc="How soon it opens")
        x = port("N *", doc="anything")

        def torch(self, x):
            return expression(f"{{x}} * torch.sigmoid({self.steepness!r} * {{x}})")

What is wrong with a file becomes a `Fault` with its line; the other files are read all the same. Nothing
but the files of that folder is run: a project only names the kinds it needs.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any

from attrs import evolve, frozen

from engine import kinds
from engine.files.folders import data_folder
from engine.files.reading import read_bytes
from engine.kinds import Kind, declaring
from engine.layers import padded
from engine.message import Message, Trouble
from engine.plugins import errors, first_version, module_text, rules, time_limit
from engine.plugins.trial import Effects

LARGEST = 2**22  # bytes of a file
FOLDER = "LAYERLOOM_PLUGINS"
"""The variable that names another folder."""


@frozen
class Fault:
    """What is wrong with a file, and where. Line 0 stands for the whole file."""

    path: Path
    line: int
    message: Message

    @property
    def sentence(self) -> Message:
        """The file, the line and what is wrong, in one sentence."""
        if self.line:
            return Message("{file}, line {line}: {m}", file=self.path.name, line=self.line, m=self.message)
        return Message("{file}: {m}", file=self.path.name, m=self.message)

    def __str__(self) -> str:
        return str(self.sentence)


@frozen(eq=False)
class Plugin:
    """A file: the kinds it declares, and what is wrong with it."""

    path: Path
    text: bytes
    kinds: tuple[type[Kind], ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        """What files and people call it: the name of its file."""
        return self.path.stem


@frozen(eq=False)
class Plugins:
    """What a folder brought: its files, and their kinds that are listed with the engine's own."""

    folder: Path
    files: tuple[Plugin, ...] = ()
    kinds: tuple[type[Kind], ...] = ()
    faults: tuple[Fault, ...] = ()

    def of(self, plugin: Plugin) -> tuple[type[Kind], ...]:
        """The kinds of one file that are listed."""
        return tuple(kind for kind in self.kinds if kind.plugin == plugin.name)

    def faults_of(self, plugin: Plugin) -> tuple[Fault, ...]:
        """What is wrong with one file."""
        return tuple(fault for fault in self.faults if fault.path == plugin.path)


_lock = RLock()
_loaded: Plugins | None = None


def default_folder() -> Path:
    """The folder of plug-ins unless somebody says otherwise: LAYERLOOM_PLUGINS if it is set, else one in the
    user's data.
    """
    chosen = os.environ.get(FOLDER)
    return Path(chosen).expanduser() if chosen else data_folder() / "plugins"


def loaded() -> Plugins:
    """What is loaded now."""
    return _loaded or Plugins(default_folder())


def environment() -> dict[str, str]:
    """The variable that makes a child process load the same folder."""
    return {FOLDER: str(_loaded.folder)} if _loaded is not None else {}


def load(folder: Path | None = None, tried: Callable[[Path, bytes], Effects] | None = None) -> Plugins:
    """Run the files of the folder and list their kinds, in the place of all that was loaded before.

    A file that has not changed is not run again. Never raises for what stands in a file. With `tried`, which
    says how a file did in a process of its own, one that would do harm is refused.
    """
    global _loaded
    folder = (folder if folder is not None else default_folder()).absolute()
    with _lock:
        before = {one.path: one for one in _loaded.files} if _loaded is not None else {}
        files, faults = [], []
        for path in _paths(folder):
            try:
                text = read_bytes(path, LARGEST)
            except Trouble as trouble:
                faults.append(Fault(path, 0, trouble.message))
                continue
            old = before.get(path)
            files.append(old if old is not None and old.text == text else examined(path, text, tried))
        if (
            _loaded is not None
            and _loaded.folder == folder
            and (tuple(files), faults)
            == (
                _loaded.files,
                [fault for fault in _loaded.faults if fault in faults],
            )
        ):
            return _loaded
        if not files and _loaded is None:
            _loaded = Plugins(folder, faults=tuple(faults))
            return _loaded
        taken, clashes = without_clashes(files)
        faults += [fault for one in files for fault in one.faults]
        declaring.join(taken)
        in_order = sorted([*faults, *clashes], key=lambda fault: (fault.path, fault.line))
        _loaded = Plugins(folder, tuple(files), tuple(taken), tuple(in_order))
        return _loaded


def _paths(folder: Path) -> list[Path]:
    """The Python files of the folder itself; names that begin with _ or . are for other purposes."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    return [path for path in entries if path.suffix == ".py" and path.name[0] not in "._"]


# --------------------------------------------------------------------------- one file


def examined(path: Path, text: bytes, tried: Callable[[Path, bytes], Effects] | None) -> Plugin:
    """Run one file, unless it did harm where it was tried. What it did to others is among its faults."""
    effects = tried(path, text) if tried is not None else Effects()
    if effects.refusal is not None:
        return Plugin(path, text, (), (Fault(path, 0, effects.refusal),))
    with effects.undone():
        plugin = read(path, text)
    return evolve(plugin, faults=(*plugin.faults, *(Fault(path, 0, remark) for remark in effects.remarks)))


def read(path: Path, text: bytes) -> Plugin:
    """Run one file and see what it declares. Its kinds are listed nowhere yet."""
    import engine.kinds.catalogue  # noqa: F401  (so that the engine's own pages are not taken for the plug-in's)

    try:
        tree = ast.parse(text, str(path))
        code = compile(tree, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 0) or 0
        reason = getattr(error, "msg", None) or str(error)
        return Plugin(path, text, (), (Fault(path, line, Message("not Python: {reason}", reason=reason)),))
    name = declaring.PLUGINS + path.stem
    module = ModuleType(name, ast.get_docstring(tree))
    module.__file__ = str(path)
    vars(module)["__builtins__"] = first_version.BUILTINS
    sys.modules[name] = module
    linecache.checkcache(str(path))
    try:
        # the output belongs to whoever reads our JSON
        with redirect_stdout(sys.stderr), time_limit.limited(time_limit.READING):
            exec(code, module.__dict__)
    except BaseException as error:  # an interrupt that stands in a file ends that file alone
        declaring.declared_by(name)
        return Plugin(path, text, (), (Fault(path, line_in(path, error), _reason(error)),))
    lines = {part.name: part.lineno for part in tree.body if isinstance(part, ast.ClassDef)}
    good, faults = [], []
    for kind in declaring.declared_by(name):
        kind.plugin = path.stem
        try:
            with time_limit.limited(time_limit.CALLING):
                rules.must_be_legal(kind)
        except BaseException as error:
            line = line_in(path, error) or lines.get(kind.__name__, 0)
            sentence = Message("{kind}: {reason}", kind=kind.__name__, reason=_reason(error))
            faults.append(Fault(path, line, sentence))
            continue
        errors.guard(kind)
        good.append(kind)
    if not good and not faults:
        faults = [Fault(path, 0, Message("declares no kind; a class needs @declare(…) above it"))]
    return Plugin(path, text, tuple(good), tuple(faults))


def line_in(path: Path, error: BaseException) -> int:
    """The last line of the file that an error went through; 0 where it went through none."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == str(path)), 0)


def _reason(error: BaseException) -> Message:
    if isinstance(error, Trouble):
        return error.message
    if isinstance(error, time_limit.TooLong):
        return Message("{words}", words=str(error))
    words = str(error).strip().split("\n")[0][:200]
    return Message("{kind}: {words}", kind=type(error).__name__, words=words or "no reason given")


# --------------------------------------------------------------------------- all files together


def without_clashes(files: Iterable[Plugin]) -> tuple[list[type[Kind]], list[Fault]]:
    """The kinds whose names nobody else has. The engine's own come first, then files by their names."""
    import engine.kinds.catalogue  # noqa: F401  (declares the engine's own)

    owners = {
        name: Message("Layerloom itself")
        for base in declaring.registries()
        for kind in kinds.registry(base).values()
        if not kind.plugin
        for name in rules.names(kind)
    }
    owners |= {("metric", name): Message("Layerloom itself") for name in rules.REPORTED}
    texts = {**padded.MODULES}
    taken: list[type[Kind]] = []
    faults: list[Fault] = []
    for file in files:
        for kind in file.kinds:
            clash = next(rules.clashes(kind, owners, texts), None)
            if clash is not None:
                faults.append(Fault(file.path, line_of(file, kind.__name__), clash))
                continue
            owners |= dict.fromkeys(rules.names(kind), Message("{file}", file=file.path.name))
            text = kind.modules
            texts.update(dict.fromkeys(module_text.parse(text).names if text else (), text))
            taken.append(kind)
    return taken, faults


def line_of(file: Plugin, name: str) -> int:
    """Where a class stands in a file; 0 where it is made in another way."""
    tree = ast.parse(file.text)
    return next((p.lineno for p in tree.body if isinstance(p, ast.ClassDef) and p.name == name), 0)


def to_json(plugins: Plugins) -> dict[str, Any]:
    """What was loaded, for other programs."""
    return {
        "folder": str(plugins.folder),
        "plugins": [
            {"name": one.name, "file": str(one.path), "kinds": [kind.__name__ for kind in plugins.of(one)]}
            for one in plugins.files
        ],
        "problems": [fault_to_json(fault) for fault in plugins.faults],
    }


def fault_to_json(fault: Fault) -> dict[str, Any]:
    """A fault, for other programs."""
    return {"file": str(fault.path), "line": fault.line, "message": str(fault.message)}
