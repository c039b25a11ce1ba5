"""Every problem and every objection, as it is declared: a name of its own, sentences that say all that they
name, and ways out or a reason why there are none.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.analysis.problems import INSIDE, LEFT_OUT, NO_EXIT, UNWIRED, ProblemKind
from engine.kinds.objections import UNEQUAL_SHAPES, ObjectionKind
from engine.message import placeholders
from engine.repairs import propose  # whose import ties all ideas
from engine.repairs.ideas import has_ideas, ideas
from engine.repairs.refusal import REFUSED
from tests.test_rules import ROOT

Declared = ProblemKind | ObjectionKind
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "engine").rglob("*.py"))
}
SENTENCES = ("message", "expected", "received", "why")


def known_in(path: Path) -> dict[str, Declared]:
    """What a page declares or imports, by the names that it has there."""
    text = path.read_text(encoding="utf-8")
    if not (
        "engine.analysis.problems" in text or "engine.kinds.objections" in text or "ObjectionKind(" in text
    ):
        return {}
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return {name: value for name, value in vars(module).items() if isinstance(value, Declared)}


PAGES = {path: known_in(path) for path in TREES}
DECLARED = list({id(kind): kind for page in PAGES.values() for kind in page.values()}.values())


def raised(tree: ast.AST, page: dict[str, Declared]) -> Iterator[tuple[ast.Call, list[Declared]]]:
    """Every call in a function that raises a problem or an objection, with those that it may be: one, or what
    a variable of the function may stand for.
    """
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        chosen = {name: [kind] for name, kind in page.items()}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names = {one.id for one in ast.walk(node.value) if isinstance(one, ast.Name)}
                chosen[node.targets[0].id] = [page[name] for name in sorted(names & page.keys())]
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and chosen.get(node.func.id):
                yield node, chosen[node.func.id]


RAISED = [(path, *each) for path, page in PAGES.items() for each in raised(TREES[path], page)]


def given(call: ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords if keyword.arg is not None}


def test_there_are_many() -> None:
    assert len({kind.name for kind in DECLARED}) > 80
    assert len(RAISED) > 120


@pytest.mark.parametrize("sort", ["ProblemKind", "ObjectionKind"])
def test_each_name_is_declared_once(sort: str) -> None:
    """What is said in other words, by `worded`, keeps the name."""
    made = [
        ast.unparse(node.args[0])
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == sort
    ]
    assert len(made) == len(set(made))
    assert all(name == name.lower() for name in made if name.startswith("'"))


def test_what_is_wrong_inside_a_block_keeps_its_name_at_the_node_that_uses_it() -> None:
    """So the ways out that are found inside help there. No other objection is called as a problem is."""
    problems = {kind.name for kind in DECLARED if isinstance(kind, ProblemKind)}
    objections = {kind.name for kind in DECLARED if isinstance(kind, ObjectionKind)}
    assert problems & objections == {INSIDE.name, NO_EXIT.name}


@pytest.mark.parametrize(
    ("path", "call", "kinds"), RAISED, ids=[f"{path.stem}-{call.lineno}" for path, call, _ in RAISED]
)
def test_every_value_that_a_sentence_names_is_given(
    path: Path, call: ast.Call, kinds: list[Declared]
) -> None:
    for kind in kinds:
        sentences = [getattr(kind, name) for name in SENTENCES if hasattr(kind, name)]
        assert set().union(*map(placeholders, sentences)) <= given(call), kind.name


def test_everything_declared_is_raised_somewhere() -> None:
    used = {id(kind) for _, _, kinds in RAISED for kind in kinds}
    assert [kind for kind in DECLARED if id(kind) not in used] == []


@pytest.mark.parametrize("name", sorted({kind.name for kind in DECLARED}))
def test_there_are_ways_out_or_a_reason_why_there_are_none(name: str) -> None:
    kinds = [kind for kind in DECLARED if kind.name == name]
    settings = any("settings" in given(call) for _, call, which in RAISED if which[0].name == name)
    reason = next((kind.by_hand for kind in kinds if kind.by_hand), "")
    ways_out = settings or has_ideas(kinds[0])
    assert ways_out or reason, "neither ideas, nor settings that would do, nor a reason"
    assert not (ways_out and reason)


def test_every_sentence_says_something() -> None:
    for kind in DECLARED:
        if kind.name != REFUSED.name:  # of which the edit says all there is to say
            assert kind.expected
            assert kind.why
        assert not isinstance(kind, ProblemKind) or kind.message


@pytest.mark.parametrize(
    ("sort", "places"),
    [
        ("Problem", {"engine/analysis/problems.py"}),
        ("Objection", {"engine/kinds/objections.py"}),
    ],
)
def test_nothing_is_wrong_that_is_not_declared(sort: str, places: set[str]) -> None:
    made = {
        path.relative_to(ROOT).as_posix()
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == sort
    }
    assert made == places


def test_a_value_that_is_missing_is_an_error_at_once() -> None:
    with pytest.raises(TypeError, match="doc, pattern"):
        UNWIRED("n1")
    with pytest.raises(TypeError, match="other, place"):
        UNEQUAL_SHAPES(shape="N×3")


def test_other_words_are_the_same_problem() -> None:
    other = LEFT_OUT.worded(message="is not needed")
    assert (other.name, other.level, other.why) == (LEFT_OUT.name, LEFT_OUT.level, LEFT_OUT.why)
    assert str(other("n1").message) == "is not needed"


def test_a_problem_has_ideas_in_one_place() -> None:
    with pytest.raises(ValueError, match="unwired has ideas already"):
        ideas(UNWIRED)(lambda place: iter(()))


def test_every_page_with_ideas_is_read() -> None:
    """A page that nobody imports ties none of its ideas, and nothing else would tell."""
    tied = {
        path.stem
        for path in (ROOT / "engine" / "repairs").glob("*.py")
        if re.search(r"^@(network_)?ideas\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {page.__name__.rsplit(".", 1)[1] for page in propose.PAGES} == tied - {"propose"}
