"""Rules that hold the architecture: what may import what, how files are named."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Container, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGINE = sorted((ROOT / "engine").rglob("*.py"))
SOURCES = [*ENGINE, *sorted((ROOT / "gui").rglob("*.py"))]
TEXTS = [
    path
    for folder in ("engine", "gui", "tests", "assets")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md", ".toml", ".json", ".loom", ".svg", ".qss", ".txt"}
] + [path for path in sorted(ROOT.glob("*")) if path.suffix in {".md", ".toml"} or path.name == "Makefile"]
WINDOW = {"PySide6", "PyQt5", "PyQt6", "shiboken6", "pyqtgraph", "gui"}
HEAVY = {"torch", "sklearn", "onnx", "onnxscript", "onnxruntime", "safetensors"}
BANNED = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "core", "misc"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path, *, everywhere: bool) -> Iterator[str]:
    """The packages that a page imports; only those at its top where they are not asked for everywhere."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if everywhere else iter(_at_the_top(tree.body))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


def _at_the_top(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run on import, those for the type checker left out."""
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield from _at_the_top([*node.body, *node.orelse])


@pytest.mark.parametrize("path", ENGINE, ids=name)
def test_the_engine_knows_no_window(path: Path) -> None:
    assert not WINDOW & set(imported(path, everywhere=True))


def test_no_files_import_each_other_in_a_circle() -> None:
    """Imports within functions and those for types count: files in a circle cannot be understood apart."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in SOURCES}
    pages = {module.removesuffix(".__init__"): path for module, path in modules.items()}
    arrows = {module: set(_pages_imported(path, pages)) - {module} for module, path in pages.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(f"imported in a circle: {' ← '.join(error.args[1])}")


def _pages_imported(path: Path, pages: Container[str]) -> Iterator[str]:
    """The pages of the program that a page imports, wherever the import stands in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in pages)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                page = f"{node.module}.{alias.name}"
                yield from (one for one in (page if page in pages else node.module,) if one in pages)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_name_says_what_a_thing_is(path: Path) -> None:
    assert not BANNED & set(re.split(r"[_.]", path.stem))
    assert not BANNED & set(path.relative_to(ROOT).parts)


ONE_NAME_FOR_TWO = {"Constant", "Dice"}
"""Kinds of two sorts, told apart by what they are a setting of; project files have their names."""


def test_a_class_has_a_name_of_its_own() -> None:
    """So that a search for a name finds one thing."""
    classes = [
        node.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert {one for one, times in Counter(classes).items() if times > 1} == ONE_NAME_FOR_TWO


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_page_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        said = ast.get_docstring(tree) or ""
        assert said[-1:] in {".", ":"} or "\n" in said, "the first words of a page are a sentence"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_nothing_is_left_to_be_done(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    for line in text.splitlines():
        if "# type: ignore" in line:
            assert re.search(r"# type: ignore\[[\w, -]+\]\s+#? ?\S|#.*# type: ignore", line), (
                f"no reason: {line}"
            )


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_no_page_knows_this_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|Users|work|root|mnt|opt)/\w", text)
    assert not re.search(r"\b(pypi|files\.pythonhosted)\.org\b", text)


def test_the_list_of_pages_is_not_empty() -> None:
    assert len(ENGINE) > 40
    assert len(SOURCES) > 80
    assert len(TEXTS) > len(SOURCES)


@pytest.mark.parametrize(
    "module",
    [
        *(
            "engine.cli.main",
            "engine.templates",
            "engine.analysis.check",
            "engine.edits",
            "engine.store.project_file",
            "engine.project.history",
        ),
        *(
            "engine.project.layout",
            "engine.codegen.emit",
            "engine.repairs.propose",
            "engine.repairs.refusal",
            "engine.cli.describe",
            "engine.runs.shelf",
        ),
        *("engine.runs.thread", "engine.exports", "engine.kinds.catalogue", "engine.data.settings"),
    ],
)
def test_the_window_can_show_itself_before_torch_is_there(module: str) -> None:
    heavy = imports_of(module) & (HEAVY | WINDOW)
    assert not heavy


_COLD: dict[str, set[str]] = {}


def imports_of(module: str) -> set[str]:
    """Top-level packages in a fresh process after importing a module."""
    if not _COLD:
        code = (
            "import sys, importlib\n"
            "for name in sys.argv[1:]:\n"
            "    importlib.import_module(name)\n"
            "    print(name, *sorted({one.split('.')[0] for one in sys.modules}))\n"
        )
        every = sorted(
            {
                *(
                    "engine.kinds.catalogue",
                    "engine.data.settings",
                    "engine.project.history",
                    "engine.edits",
                    "engine.project.layout",
                ),
                *(
                    "engine.store.project_file",
                    "engine.templates",
                    "engine.analysis.check",
                    "engine.codegen.emit",
                    "engine.repairs.propose",
                ),
                *(
                    "engine.repairs.refusal",
                    "engine.runs.shelf",
                    "engine.cli.describe",
                    "engine.runs.thread",
                    "engine.exports",
                    "engine.cli.main",
                ),
            }
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *every], capture_output=True, text=True, check=True, cwd=ROOT
        )
        for line in done.stdout.splitlines():
            first, *rest = line.split()
            _COLD[first] = set(rest)
    return _COLD[module]


def test_colours_are_the_themes_alone() -> None:
    """A colour outside the theme would not follow it from light to dark."""
    allowed = {"tokens.py"}
    for path in SOURCES:
        if path.name in allowed or "theme" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.fullmatch(
                    r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?(?:[0-9a-fA-F]{2})?", node.value
                ), f"{name(path)}:{node.lineno}"


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "benchmarks").glob("*.py")), ids=name)
def test_a_benchmark_takes_what_is_public(path: Path) -> None:
    """What is private changes without anyone who thinks of a page that is run now and then."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
            assert ast.unparse(node) == "os._exit" or ast.unparse(node.value) == "self", ast.unparse(node)
