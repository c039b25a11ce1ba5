"""A person's own table on the command line: what stands in it, a network for it, a training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.store import project_file
from tests.engine.cli.terminal import Call


@pytest.fixture
def houses() -> Path:
    """A table with a semicolon, decimal commas and names in GBK, as a spreadsheet of another country
    writes it.
    """
    chance = np.random.default_rng(0)
    lines = ["编号;面积;城市;年份;价格"]
    for row in range(120):
        size, city = chance.uniform(40, 160), row % 3
        area = "" if row == 5 else f"{size:.1f}".replace(".", ",")
        price = f"{size * (2 + city):.1f}".replace(".", ",")
        lines.append(f"A{row:04};{area};{('北京', '上海', '广州')[city]};{1990 + row % 30};{price}")
    path = Path("房子 表.csv")
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    return path


def test_what_stands_in_a_file_is_told(call: Call, houses: Path) -> None:
    code, out, err = call("data", houses)
    assert (code, err) == (0, "")
    for words in ("120 rows", "separator semicolon", "decimal comma", "gb", "编号: All values are different"):
        assert words in out
    assert "84 to train, 18 to validate, 18 to test" in out
    assert "suggested network: 价格 is a number" in out


def test_the_same_as_json(call: Call, houses: Path) -> None:
    code, out, _ = call("data", houses, "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["rows"] == 120
    assert facts["read"]["separator"] == ";"
    columns = {one["name"]: one for one in facts["columns"]}
    assert {name: (one["type"], one["role"]) for name, one in columns.items()} == {
        "编号": ("category", "ignore"),
        "面积": ("number", "input"),
        "城市": ("category", "input"),
        "年份": ("number", "input"),
        "价格": ("number", "target"),
    }
    assert columns["面积"]["missing"] == 1
    assert columns["城市"]["classes"] == ["上海", "北京", "广州"]
    assert 40 <= columns["面积"]["lowest"] < columns["面积"]["highest"] <= 160
    assert facts["inputs"] == {"features": ["N", 5]}
    assert facts["parts"] == {"train": 84, "validation": 18, "test": 18}
    assert len(facts["suggests"]) == 2


def test_types_roles_and_target_are_chosen_in_words(call: Call, houses: Path) -> None:
    options = ("--target", "城市", "--role", "价格=ignore", "--type", "年份=category", "--json")
    facts = json.loads(call("data", houses, *options)[1])
    columns = {one["name"]: one for one in facts["columns"]}
    assert columns["城市"]["role"] == "target"
    assert columns["价格"]["role"] == "ignore"
    assert columns["年份"]["becomes"] == "one-hot, 30 numbers"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--role", "价格=nothing"), "expected a column's role, one of input, target"),
        (("--role", "no=ignore"), "There is no column no: expected one of 编号, 面积"),
        (("--type", "年份=colour"), "年份 was to be colour: expected one of number, "),
        (("--type", "城市=number"), "城市 was to be number, but its values are none"),
        (("--type", "年份"), "expected COLUMN=TYPE"),
    ],
)
def test_what_is_not_there_is_said(call: Call, houses: Path, options: tuple[str, ...], sentence: str) -> None:
    code, out, err = call("data", houses, *options)
    assert (code, out) == (2, "")
    assert sentence in err


def test_a_target_that_is_not_there_is_said(call: Call, houses: Path) -> None:
    assert call("data", houses, "--target", "x")[0] == 1
    assert call("data", "nowhere.csv") == (
        1,
        "",
        "There is no file or folder nowhere.csv. Check its name and the folder.\n",
    )


def test_what_cannot_be_learnt_from_is_told_all_the_same(call: Call) -> None:
    Path("one.csv").write_text("a,b\n" + "1,x\n" * 40, encoding="utf-8")
    code, out, err = call("data", "one.csv")
    assert (code, err) == (0, "")
    assert "All values are the same" in out


def test_a_project_for_it_is_written_and_trained(call: Call, houses: Path) -> None:
    code, out, err = call("new", "--data", houses, "--target", "价格", "--to", "a.loom")
    assert (code, err) == (0, "")
    assert out.startswith("价格 is a number: ")
    assert project_file.load(Path("a.loom")).data.source.path == str(houses.absolute())  # type: ignore[attr-defined]  # a table's
    code, out, _ = call("train", "a.loom", "--epochs", 2, "--role", "年份=ignore", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["metrics"]["test"]["rmse"] > 0


@pytest.mark.parametrize("words", [("--to", "a.loom"), ("wine-mlp", "--data", "b.csv", "--to", "a.loom")])
def test_new_wants_a_template_or_data(call: Call, words: tuple[str, ...]) -> None:
    code, _, err = call("new", *words)
    assert code == 2
    assert "expected a TEMPLATE or --data FILE" in err


def test_a_trained_network_answers_for_new_rows(call: Call, houses: Path) -> None:
    call("new", "--data", houses, "--to", "a.loom")
    call("train", "a.loom", "--epochs", 2)
    Path("new.csv").write_text("面积,城市,年份\n100.5,北京,1999\n,上海,2001\n", encoding="utf-8")
    code, out, err = call("predict", "a.loom", "new.csv")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "面积,城市,年份,价格 predicted"
    assert all(float(line.rpartition(",")[2]) > 0 for line in lines[1:])
    facts = json.loads(call("predict", 1, "new.csv", "--to", "b.csv", "--json")[1])
    assert facts["foretold"] == ["价格 predicted"]
    assert facts["predictions"][0]["面积"] == 100.5
    assert Path("b.csv").read_text(encoding="utf-8") == out
    assert "is there already" in call("predict", 1, "new.csv", "--to", "b.csv")[2]


def test_a_run_of_a_set_that_comes_with_the_program_has_no_file(call: Call) -> None:
    call("train", "wine-mlp", "--epochs", 1)
    Path("new.csv").write_text("a\n1\n", encoding="utf-8")
    code, _, err = call("predict", 1, "new.csv")
    assert code == 1
    assert "expected one that learnt from a file of your own" in err


def test_texts_and_folders_are_told_as_well(call: Call) -> None:
    Path("names.txt").write_text("\n".join(f"{first}n{last}" for first in "ABCDE" for last in "aeiou"))
    code, out, err = call("data", "names.txt")
    assert (code, err) == (0, "")
    for words in ("25 rows", "text file", "what comes next in text is one of 14 tokens", "perplexity"):
        assert words in out
    for number in range(40):
        path = Path("texts", "ab"[number % 2], f"{number}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{'sun' if number % 2 else 'snow'} number {number}")
    code, out, err = call("data", "texts", "--json")
    facts = json.loads(out)
    assert (code, err) == (0, "")
    assert [(one["name"], one["type"], one["role"]) for one in facts["columns"]] == [
        ("text", "text", "input"),
        ("class", "category", "target"),
    ]
    assert facts["suggests"]


def test_a_text_file_is_learnt_from_and_gone_on_with(call: Call) -> None:
    Path("names.txt").write_text("\n".join(f"{first}n{last}" for first in "ABCDE" for last in "aeiou"))
    assert call("new", "--data", "names.txt", "--to", "names.loom")[0] == 0
    assert call("train", "names.loom", "--epochs", "2", "--out", "run")[0] == 0
    code, out, err = call("predict", "run", "--prompt", "An", "--seed", "1")
    assert (code, err) == (0, "")
    assert out.startswith("An")
