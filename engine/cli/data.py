"""`layerloom data` and `layerloom new --data`: what stands in a person's file, and a first network for it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.output import say
from engine.cli.verbs import print_json, usage_errors
from engine.message import Message, Trouble

if TYPE_CHECKING:
    from engine.data.own.table_file import TableFile
    from engine.data.reading.summary import ColumnSummary
    from engine.data.settings import ColumnSettings, DataSettings
    from engine.templates.suggest import Suggestion


def add_choices(parser: ArgumentParser) -> None:
    """Options that say how a file is read, and what its columns are."""
    parser.add_argument("--target", metavar="COLUMN", default="", help="the column to be foretold")
    add_reading(parser)
    add_columns(parser)


def add_reading(parser: ArgumentParser) -> None:
    """Options that say how a file is read, where that is not found by itself."""
    parser.add_argument("--sheet", default="", help="of a spreadsheet; of a database a table or a SELECT")
    parser.add_argument("--encoding", default="", help="such as utf-8, gbk or latin-1")
    parser.add_argument("--separator", default="", help="what stands between two fields")
    parser.add_argument("--decimal", default="", choices=("", ".", ","), help="what stands before decimals")
    parser.add_argument("--header", default="", choices=("", "yes", "no"), help="whether row 1 has the names")


def source_of(options: Namespace, own: TableFile) -> TableFile:
    """A table that is read as the options say, and as `own` where they say nothing."""
    source = own
    for name in ("sheet", "encoding", "separator", "decimal", "header"):
        word = getattr(options, name)
        if word:
            changed = source.with_setting(name, word)
            assert isinstance(changed, type(own))
            source = changed
    return source


def add_columns(parser: ArgumentParser) -> None:
    """Options that say what columns are."""
    parser.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="COLUMN=ROLE",
        help="what a column is for: input, target, weight, group, time or ignore",
    )
    parser.add_argument(
        "--type",
        action="append",
        default=[],
        metavar="COLUMN=TYPE",
        help="what a column is taken for: number, category, embedding, labels, date or text",
    )


def with_columns(data: DataSettings, options: Namespace) -> DataSettings:
    """The data with the types and roles that the options name. Raises `Trouble`."""
    from engine.data import table_types
    from engine.data.columns.column_type import ROLES

    for assignment in options.type:
        name, word = _pair(assignment, "TYPE", data)
        data = table_types.with_column(data, _retyped(_named(data, name), word, data))
    for assignment in options.role:
        name, role = _pair(assignment, "ROLE", data)
        if role not in ROLES:
            raise Trouble(
                "expected a column's role, one of {roles}, received {text}",
                roles=", ".join(ROLES),
                text=assignment,
            )
        data = table_types.with_column(data, _named(data, name).with_setting("role", role))
    return data


def _named(data: DataSettings, name: str) -> ColumnSettings:
    """The column of that name. Raises `Trouble`."""
    found = next((one for one in data.columns if one.name == name), None)
    if found is None:
        names = ", ".join(one.name for one in data.columns[:20])
        raise Trouble("There is no column {name}: expected one of {names}.", name=name, names=names)
    return found


def _retyped(column: ColumnSettings, word: str, data: DataSettings) -> ColumnSettings:
    """A column taken for something else; its names are read from the file. Raises `Trouble`."""
    from engine.data.columns.categories import EMBEDDING
    from engine.data.columns.column_type import ColumnType
    from engine.data.own.file_source import FileSource
    from engine.data.rereading import taken_for
    from engine.kinds import registry

    kinds = {kind.label(): kind for kind in registry(ColumnType).values()}
    kind = kinds.get("category" if word == EMBEDDING else word)
    if kind is None:
        raise Trouble(
            "{name} was to be {word}: expected one of {kinds}.",
            name=column.name,
            word=word,
            kinds=", ".join([*kinds, EMBEDDING]),
        )
    assert isinstance(data.source, FileSource)
    found = taken_for(kind, data.source.read().columns[column.name])
    if found is None:
        raise Trouble(
            "{name} was to be {word}, but its values are none. Choose another type for it.",
            name=column.name,
            word=word,
        )
    if word == EMBEDDING:
        found = found.with_setting("encoding", EMBEDDING)
    return column.with_setting("type", found)


def _pair(assignment: str, what: str, data: DataSettings) -> tuple[str, str]:
    """A column and what it is to be. Its name may have equals signs of its own."""
    name, equals, word = assignment.rpartition("=")
    if not equals or not data.columns:
        raise Trouble(
            "expected COLUMN={what}, for data of your own, received {text}", what=what, text=assignment
        )
    return name, word


def opened(path: Path, options: Namespace) -> DataSettings:
    """The data of a file, read and taken as the options say. Raises `Trouble`, and `Usage` for what the
    options name and is not there.
    """
    from engine.data.opening import open_data
    from engine.data.own.table_file import TableFile

    source = source_of(options, TableFile())
    found_by_itself = path.is_dir() or source == TableFile()
    data = open_data(path, options.target, None if found_by_itself else source)
    with usage_errors():
        return with_columns(data, options)


def data(options: Namespace) -> int:
    """What there is in a file, what was noticed, and what would be learnt from it."""
    found = opened(options.file, options)
    facts = _facts(found)
    if options.json:
        print_json(facts)
        return 0
    _say(found, facts)
    return 0


def suggestion(options: Namespace) -> Suggestion:
    """A first network for the data that the options name."""
    from engine.data.table_types import class_counts
    from engine.templates.suggest import suggest

    found = opened(options.data, options)
    return suggest(found, counts=class_counts(found))


def _facts(data: DataSettings) -> dict[str, Any]:
    """All that is known of a table, or of other data, as plain JSON."""
    from engine.data.own.table_file import TableFile
    from engine.data.split import sizes
    from engine.data.table_types import class_counts
    from engine.templates.suggest import suggest

    facts = _of_table(data) if isinstance(data.source, TableFile) else _of_files(data)
    try:
        from engine.data.prepare import schema

        known = schema(data)
        parts = sizes(known, data)
        drawn = suggest(data, counts=class_counts(data))
    except Trouble as trouble:
        return facts | {"problem": str(trouble)}
    return facts | {
        "inputs": {name: known.columns[name].shaped.json() for name in known.inputs},
        "targets": {name: known.columns[name].shaped.json() for name in known.targets},
        "parts": {"train": parts.train, "validation": parts.validation, "test": parts.test},
        "suggests": [str(drawn.network), str(drawn.training)],
    }


def _of_table(data: DataSettings) -> dict[str, Any]:
    from engine.data.findings import findings
    from engine.data.overview import overview
    from engine.data.own.table_file import TableFile, table

    source = data.source
    assert isinstance(source, TableFile)
    content = table(source.place, source.format)
    of_column = {one.name: one for one in source.summaries()}
    told = {f"{name}: {note.message}" for name, one in of_column.items() for note in one.notes}
    found = [str(one.message) for one in findings(overview(data)) if one.level != "success"]
    return {
        "path": source.path,
        "rows": content.frame.height,
        "read": _read(content.format),
        "columns": [_column(one, of_column[one.name]) for one in data.columns],
        "skipped": [_left_out(one) for one in content.skipped],
        "noticed": [
            *(str(note) for note in content.notes),
            *(f"{one.was or one.place} is called {one.name}" for one in content.renamed),
            *(one for one in found if one not in told),
        ],
    }


def _of_files(data: DataSettings) -> dict[str, Any]:
    """What is known of texts, or of files in a folder, without opening more of them than was needed."""
    from engine.data.own.file_source import FileSource

    source = data.source
    assert isinstance(source, FileSource)
    return {
        "path": source.path,
        "rows": source.samples,
        "read": {"as": source.label()},
        "columns": [_taken_for(one) for one in data.columns],
        "skipped": [],
        "noticed": [],
    }


def _read(format: Any) -> dict[str, Any]:
    """How it was read, as far as that matters for such a file."""
    return {
        name: value
        for name in ("kind", "separator", "decimal", "encoding", "header", "sheet")
        if (value := getattr(format, name)) not in ("", None)
    }


def _left_out(skipped: Any) -> dict[str, Any]:
    return {"place": skipped.place, "reason": str(skipped.reason), "count": skipped.count}


def _taken_for(column: ColumnSettings) -> dict[str, Any]:
    """What a column is taken for."""
    target = column.role == "target"
    classes = getattr(column.type, "names", ())
    facts = {
        "name": column.name,
        "type": column.type.label(),
        "role": column.role,
        "becomes": column.type.in_words(target) if column.role in {"input", "target"} else None,
        "classes": list(classes) if classes else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _column(column: ColumnSettings, summary: ColumnSummary) -> dict[str, Any]:
    facts = {
        "missing": summary.missing,
        "distinct": summary.distinct,
        "lowest": summary.lowest,
        "highest": summary.highest,
        "mean": summary.mean,
        "deviation": summary.deviation,
        "examples": list(summary.examples[:3]),
        "noticed": [str(note.message) for note in summary.notes],
    }
    facts = _taken_for(column) | facts
    return {name: value for name, value in facts.items() if value is not None}


def _say(data: DataSettings, facts: dict[str, Any]) -> None:
    """The same for a person."""
    from engine.cli.progress import table

    read = ", ".join(f"{name} {_shown(value)}" for name, value in facts["read"].items())
    say(Message("{path}: {rows} row{n:|s}", path=facts["path"], rows=f"{facts['rows']:,}", n=facts["rows"]))
    say(Message("read as {how}", how=read))
    rows: list[tuple[object, ...]] = [("column", "type", "role", "missing", "values", "becomes")]
    rows += [
        (
            one["name"][:40],
            one["type"],
            one["role"],
            one.get("missing") or "",
            _values(one),
            one.get("becomes", ""),
        )
        for one in facts["columns"]
    ]
    say(table(rows, right=frozenset({3})))
    for one in facts["columns"]:
        for note in one.get("noticed", ()):
            say(Message("{name}: {note}", name=one["name"], note=note))
    for left in facts["skipped"]:
        say(Message("left out: {count}, the first is {place}: {reason}", **left))
    for note in facts["noticed"]:
        say(note)
    if "problem" in facts:
        say(facts["problem"])
        return
    say(Message("{train} to train, {validation} to validate, {test} to test", **facts["parts"]))
    say(
        Message(
            "suggested network: {network} {training}",
            **dict(zip(("network", "training"), facts["suggests"], strict=True)),
        )
    )


def _shown(value: object) -> str:
    words = {"\t": "tab", ",": "comma", ";": "semicolon", "True": "yes", "False": "no"}
    return words.get(str(value), str(value))


def _values(column: dict[str, Any]) -> str:
    """The range of numbers, or how many names there are."""
    if "mean" in column:
        return f"{column['lowest']:.4g} … {column['highest']:.4g}"
    if "lowest" in column:
        return f"{column['lowest']} … {column['highest']}"
    classes = column.get("classes", ())
    first = ", ".join((classes or column.get("examples", ()))[:8])
    return f"{column.get('distinct', len(classes))}: {first}"[:48] if first else ""
