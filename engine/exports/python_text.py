"""The text of an exported Python file: the network's own source, and around it what makes it of use."""

from __future__ import annotations

import builtins
import json
import keyword
import textwrap
from collections.abc import Sequence

from attrs import evolve

from engine.codegen.emit import emit
from engine.codegen.source import SourceCode
from engine.data.scale import Scaler
from engine.exports.model import End, Model
from engine.exports.python_records import RESERVED, RecordText, record_text
from engine.kinds.code import literal
from engine.kinds.identifiers import identifier

WIDTH = 100


def text(model: Model, weights: str) -> str:
    """The whole file. `weights` is the name of the file beside it that holds the weights."""
    source = _source(model)
    imports, _, network = source.text.partition("\n\n\n")
    columns = _words([end.column.name for end in model.inputs], set())
    rows = record_text(model.prepared, [end.column.name for end in model.inputs])
    answers = _words([_answer_name(end, model.outputs) for end in model.outputs], set(columns))
    parts = [
        [f'"""{_title(model)}, trained with Layerloom. It needs torch alone."""'],
        [
            *([rows.imports[0]] if rows is not None and rows.imports else []),
            *(rows.imports[1:] if rows is not None else ()),
            "from pathlib import Path",
            "",
            "import torch",
            *(line for line in imports.splitlines() if line != "import torch"),
            "",
            f"WEIGHTS = {_quoted(weights)}  # beside this file",
            *_constants(model.outputs),
            *(rows.constants if rows is not None else ()),
        ],
        network.rstrip("\n").split("\n"),
        _load(source.class_name),
        *([function.strip("\n")] for function in (rows.functions if rows is not None else ())),
        _prepare(model.inputs, columns) if rows is None else _prepare_records(rows, model.inputs, columns),
        _answer(model.outputs, answers),
        _example(model.inputs, columns, answers, rows),
    ]
    head, *rest = ["\n".join(part) for part in parts]
    return head + "\n\n" + "\n\n\n".join(rest) + "\n"


def _source(model: Model) -> SourceCode:
    """The network's source, with a class name that nothing else in the file has."""
    source = model.source
    if source.class_name in {"Path", "WEIGHTS", *RESERVED, *map(_classes_name, model.outputs)}:
        graph = model.project.graph
        return emit(evolve(model.project, graph=evolve(graph, name=f"{graph.name} network")))
    return source


def _title(model: Model) -> str:
    name = "".join(c for c in model.project.graph.name if c.isprintable() and c not in '"\\')
    return name.strip() or "A network"


# --------------------------------------------------------------------------- parts


def _constants(outputs: Sequence[End]) -> list[str]:
    constants = {_classes_name(end): end.classes for end in outputs if end.classes}
    lines = []
    for name, classes in constants.items():
        line = f"{name} = ({', '.join(map(_quoted, classes))}{',' if len(classes) == 1 else ''})"
        if len(line) > WIDTH:
            line = f"{name} = (\n" + "".join(f"    {_quoted(one)},\n" for one in classes) + ")"
        lines.append(line)
    return lines


def _load(class_name: str) -> list[str]:
    return [
        "def load(path=None):",
        '    """The trained network, ready to answer. Weights are read from path, or beside this file."""',
        f"    network = {class_name}()",
        "    path = Path(__file__).with_name(WEIGHTS) if path is None else path",
        '    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))',
        "    return network.eval()",
    ]


def _prepare(inputs: Sequence[End], names: Sequence[str]) -> list[str]:
    lines = [
        f"def prepare({', '.join(names)}):",
        '    """A batch in the units of the data, as the network takes it.',
        "",
        *(f"    {name}: {_described(end)}" for name, end in zip(names, inputs, strict=True)),
        '    """',
    ]
    for name, end in zip(names, inputs, strict=True):
        dtype = "int64" if end.shape.dtype == "int" else "float64"
        lines.append(f"    {name} = torch.as_tensor({name}, dtype=torch.{dtype})")
        lines += _scaled(name, end)
    return _returning(lines, names)


def _scaled(name: str, end: End) -> list[str]:
    """Lines that scale what stands in a variable, in double precision; none for whole numbers."""
    if end.shape.dtype == "int":
        return []
    numbers, (offset, size) = _numbers(end.scaler or Scaler())
    value = f"({name} - {offset})" if offset != "0.0" else name
    value = f"({value} / {size})" if size != "1.0" else value
    return [*numbers, f"    {name} = {value}.float()"]


def _prepare_records(rows: RecordText, inputs: Sequence[End], names: Sequence[str]) -> list[str]:
    """`prepare` for rows as they stand in a table."""
    lines = [
        "def prepare(records):",
        '    """Rows as they stand in the table, each a dict by column, as the network takes them.',
        "",
        "    What is not known may be missing or None.",
        '    """',
        "    records = [records] if isinstance(records, dict) else records",
    ]
    for name, end in zip(names, inputs, strict=True):
        calls = rows.inputs[end.column.name]
        if end.shape.dtype == "int":
            lines.append(f"    {name} = torch.tensor([{calls[0]} for record in records])")
            continue
        lines += [f"    {name} = torch.tensor(", "        [", "            ["]
        lines += [f"                {call}," for call in calls]
        lines += ["            ]", "            for record in records", "        ],"]
        lines += ["        dtype=torch.float64,", "    )", *_scaled(name, end)]
    return _returning(lines, names)


def _answer(outputs: Sequence[End], names: Sequence[str]) -> list[str]:
    lines = [f"def answer({', '.join(names)}):", '    """What the numbers of the network mean."""']
    for name, end in zip(names, outputs, strict=True):
        classes = _classes_name(end) if end.classes else ""
        if end.task == "classes":
            lines.append(f"    {name} = {name}.argmax(1)")
            if classes and len(end.shape.dims) == 2:
                lines.append(f"    {name} = [{classes}[i] for i in {name}.tolist()]")
        elif end.task == "binary":
            lines.append(f"    {name} = {name} > 0")
            if classes and end.shape.size == 1:
                lines.append(f"    {name} = [{classes}[i] for i in {name}.flatten().tolist()]")
        elif end.task == "log":
            lines.append(f"    {name} = {name}.exp().reshape({_dims(end.column.shape)})")
        elif end.scaler is not None:
            numbers, (offset, size) = _numbers(end.scaler)
            lines.append(f"    {name} = {name}.double().reshape({_dims(end.column.shape)})")
            value = f"{name} * {size}" if size != "1.0" else name
            value = f"{value} + {offset}" if offset != "0.0" else value
            lines += [*numbers, f"    {name} = ({value}).float()"]
    return _returning(lines, names)


def _returning(lines: list[str], names: Sequence[str]) -> list[str]:
    """End with `return`, on the last line itself where that makes the only value."""
    head = f"    {names[0]} = "
    if len(names) == 1 and lines[-1].startswith(head):
        return [*lines[:-1], "    return " + lines[-1].removeprefix(head)]
    return [*lines, f"    return {', '.join(names)}"]


def _example(
    inputs: Sequence[End], columns: Sequence[str], answers: Sequence[str], rows: RecordText | None
) -> list[str]:
    lines = ['if __name__ == "__main__":', "    network = load()"]
    if rows is not None:
        lines.append(f"    record = {rows.example}  # put one of your own here")
        inputs, columns = (), ["record"]
    star = "*" if len(inputs) > 1 or (rows is not None and len(rows.inputs) > 1) else ""
    for name, end in zip(columns, inputs, strict=False):
        dtype = ", dtype=torch.int64" if end.shape.dtype == "int" else ""
        lines.append(
            f"    {name} = torch.zeros({_dims(end.shape.sample, 1)}{dtype})  # put one of your own here"
        )
    return [
        *lines,
        "    with torch.no_grad():",
        f"        {', '.join(answers)} = network({star}prepare({', '.join(columns)}))",
        f"    print(answer({', '.join(answers)}))",
    ]


# --------------------------------------------------------------------------- pieces


def _numbers(scaler: Scaler) -> tuple[list[str], list[str]]:
    """Lines that make offset and size of a scaler, and what to write for each: a number stands for itself."""
    lines, words = [], []
    for word, value in (("offset", scaler.offset), ("size", scaler.size)):
        while isinstance(value, tuple) and len(value) == 1:
            value = value[0]
        if isinstance(value, tuple):
            filled = _filled(literal(value).replace(",)", ")"), "        ")
            lines += [f"    {word} = torch.tensor(", *filled[:-1], filled[-1] + ","]
            lines += ["        dtype=torch.float64,", "    )"]
        words.append(word if isinstance(value, tuple) else repr(value))
    return lines, words


def _described(end: End) -> str:
    column = end.column
    words = [f"N×{'×'.join(map(str, column.shape))}" if column.shape else "N", column.doc, column.unit]
    if column.lo is not None and column.hi is not None:
        words.append(f"{column.lo:g} to {column.hi:g}")
    return _harmless(", ".join(word for word in words if word))


def _harmless(words: str) -> str:
    return "".join(c for c in words if c.isprintable() and c not in '"\\')


def _quoted(words: str) -> str:
    """A text as Python writes it. JSON's form is the same where it does not escape what is printable."""
    return json.dumps(words, ensure_ascii=False)


def _answer_name(end: End, outputs: Sequence[End]) -> str:
    if len(outputs) > 1:
        return end.name
    return "scores" if end.task == "classes" else "prediction"


def _classes_name(end: End) -> str:
    return f"{identifier(end.column.name, 'column').upper()}_CLASSES"


def _words(wanted: Sequence[str], taken: set[str]) -> list[str]:
    """Names for variables, each its own and none that Python or this file needs."""
    names: list[str] = []
    for name in wanted:
        plain = identifier(name, "value")
        while plain in _RESERVED or plain in taken or plain in names:
            plain += "_"
        names.append(plain)
    return names


def _dims(shape: Sequence[int], samples: int = -1) -> str:
    return ", ".join(map(str, (samples, *shape)))


def _filled(text: str, indent: str) -> list[str]:
    """A long value over as many lines as it needs."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent} ",
        break_long_words=False,
        break_on_hyphens=False,
    )


_RESERVED = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "torch", "nn", "F", "network", "path", "self"}
    | {"load", "prepare", "answer", "offset", "size", "i"}
    | RESERVED
)
