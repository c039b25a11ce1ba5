"""What each verb of the command line does with the options it was given. Each gives its exit code."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from engine.cli.output import complain, say, stream
from engine.message import Message, Trouble, counted, shown

if TYPE_CHECKING:
    from engine.project.graph import Node
    from engine.project.project import Project
    from engine.runs.record import Record


LONGEST_NAME = 80


class Usage(Exception):
    """A call that cannot be understood."""


# --------------------------------------------------------------------------- verbs


def check(options: Namespace) -> int:
    from engine.analysis.check import check as analyse
    from engine.cli import describe
    from engine.cli.progress import table
    from engine.repairs.propose import propose_each

    project, _ = load(options.project)
    analysis = analyse(project)
    if options.json:
        print_json(describe.analysis(analysis))
        return 0 if analysis.trainable else 1
    rows: list[tuple[object, ...]] = [("layer", "kind", "output", "parameters", "multiply-adds")]
    for id in project.graph.order:
        node, facts = project.graph.nodes[id], analysis.nodes[id]
        shape = " ".join(map(str, facts.outputs.values())) or ("" if facts.known else "?")
        known = facts.known or node.kind.family == "io"
        parameters = f"{facts.parameters:,}" if known else "?"
        macs = f"{facts.macs:,}" if known and not facts.uncounted else "?"
        rows.append((_beginning(node).rstrip(), node.kind.label(), shape, parameters, macs))
    sums = (_sum(analysis.parameters, analysis.sized), _sum(analysis.macs, analysis.counted))
    rows.append(("", "", "", *sums))
    say(table(rows, right=frozenset({3, 4})))
    unsought = 0
    for problem, repairs in propose_each(analysis.problems):
        where = _beginning(project.graph.nodes.get(problem.node))
        say(f"{problem.level}: {where}{problem.message}. {problem.why}".rstrip())
        unsought += repairs is None
        for repair in repairs or ():
            delta = repair.parameters_delta or 0
            say(f"    {repair.title} ({'+' if delta >= 0 else ''}{counted(delta, 'parameter')})")
    if unsought:
        more = counted(unsought, "more problem")
        say(f"Ways out of {more} were not sought. Repair the others, then check again.")
    return 0 if analysis.trainable else 1


def code(options: Namespace) -> int:
    from engine.analysis.check import check as analyse
    from engine.codegen.emit import emit
    from engine.codegen.keras.emit import emit_keras

    analysis = analyse(load(options.project)[0])
    source = emit(analysis.project, analysis)
    if options.dialect == "keras":
        source = keras = emit_keras(analysis.project, analysis)
        say(source.text, end="")
        for id, reason in keras.missing.items():
            name = analysis.project.graph.nodes[id].name
            complain(Message("{name} has no Keras form: {reason}", name=name, reason=reason))
        if keras.missing:
            return 1
    else:
        say(source.text, end="")
    if not source.complete:
        first = analysis.problems[0]
        where = _beginning(analysis.project.graph.nodes.get(first.node))
        complain(f"the code is not finished: {where}{first.message}")
    return 0 if source.complete else 1


def export(options: Namespace) -> int:
    from engine.exports import export as write
    from engine.exports import format_of
    from engine.exports.formats import proof_name
    from engine.runs import reached

    with usage_errors():
        format_of(options.to)
    if options.to.is_file() and not options.to.with_name(proof_name(options.to.name)).exists():
        raise Trouble(
            "{path} is there already and is no earlier export; choose another name, or remove it first",
            path=options.to,
        )
    record = named_run(options.run_or_project, options.dir)
    _warn_of_edits(options.run_or_project, record)
    proof = write(record, options.to)
    if proof.caution:
        complain(proof.caution)
    _warn_of_little_training(options, record)
    if options.json:
        print_json({**proof.json(), "run": reached.facts(record)})
    else:
        say(Message("Exported: {run}", run=reached.sentence(record)))
        say(
            Message(
                "{file} opens in {runtime} and gives the same numbers: on {rows} samples the largest "
                "difference is {largest:.1e}, and {allowed:.0e} is allowed",
                file=options.to,
                runtime=proof.runtime,
                rows=proof.rows,
                largest=proof.largest,
                allowed=proof.allowed,
            )
        )
    return 0


def templates(options: Namespace) -> int:
    from engine.cli import describe
    from engine.templates import famous
    from engine.templates import templates as small

    entries = describe.templates((*small(), *famous()))
    rows = [
        (one["id"], one["title"], counted(one["parameters"], "parameter"), one["line"]) for one in entries
    ]
    return _print_list(options, entries, rows, right=frozenset({2}))


def layers(options: Namespace) -> int:
    from engine.cli import describe_kinds

    with usage_errors():
        classes = describe_kinds.named(options.names) if options.names else describe_kinds.every()
    if options.names and not options.json:
        width = min(get_terminal_size((100, 24)).columns, 120)
        say("\n\n".join(describe_kinds.page(cls, width) for cls in classes))
        return 0
    rows = [(cls.__name__, cls.family or describe_kinds.role_of(cls), cls.doc()) for cls in classes]
    return _print_list(options, [describe_kinds.kind(cls) for cls in classes], rows)


def plugins(options: Namespace) -> int:
    from engine.cli import plugins as plugin_verb

    if options.check is not None:
        return plugin_verb.check(options.check, options.json)
    return plugin_verb.listed(options.json)


def datasets(options: Namespace) -> int:
    from engine.cli import describe, fetching

    if options.get is not None:
        with usage_errors():
            wanted = fetching.named(options.get)
        return fetching.get(wanted, options.folder, options.json)
    if options.folder is not None:
        raise Usage("expected --get NAME before --from DIR: which set is in that folder?")
    entries = describe.datasets()
    return _print_list(
        options,
        entries,
        [(one["kind"], counted(one["samples"], "sample"), one["doc"]) for one in entries],
    )


def runs(options: Namespace) -> int:
    from engine.cli import describe
    from engine.runs.shelf import Shelf

    shelf = Shelf(options.dir)
    if shelf.folder.is_file():
        raise Trouble("expected a folder of runs, but {path} is a file", path=shelf.folder)
    entries = describe.runs(shelf.runs())
    rows = [
        (one["number"], one["title"], one["state"], one["started"] or "", one["problem"] or one["folder"])
        for one in entries
    ]
    if not rows and not options.json:
        say(Message("No runs yet. layerloom train PROJECT makes one."))
    return _print_list(options, entries, rows)


# --------------------------------------------------------------------------- parts


@contextmanager
def usage_errors() -> Iterator[None]:
    """Within it, what is wrong is wrong in the call itself."""
    try:
        yield
    except Trouble as trouble:
        raise Usage(str(trouble)) from trouble


def _beginning(layer: Node | None) -> str:
    """A layer's name as a line about it begins, cut where it is as long as a line."""
    if layer is None:
        return ""
    name = shown(layer.name)
    return f"{name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + '…'} "


def _sum(value: int, whole: bool) -> str:
    """A sum in words: where parts of it are not known it is the least that there can be."""
    if whole:
        return f"{value:,}"
    return str(Message("at least {count}", count=f"{value:,}")) if value else "?"


def _print_list(
    options: Namespace,
    entries: list[dict[str, Any]],
    rows: Iterable[Iterable[object]],
    right: frozenset[int] = frozenset(),
) -> int:
    from engine.cli.progress import table

    if options.json:
        print_json(entries)
    elif entries:
        say(table(rows, right))
    return 0


def print_json(value: Any) -> None:
    """Print a value for other programs."""
    plain = (stream().encoding or "utf-8").lower() not in {"utf-8", "utf8"}
    say(json.dumps(value, ensure_ascii=plain, indent=2))


def load(name: str) -> tuple[Project, Path | None]:
    """The project of a file, or of a template where no file is called so. With the file's path."""
    from engine.store import project_file
    from engine.templates import named

    try:
        template = named(name)
    except OSError as error:  # a name that no file can have
        raise Trouble(
            "{name} cannot be read: {reason}", name=f"{name[:60]}…", reason=error.strerror or str(error)
        ) from None
    return (project_file.load(Path(name)), Path(name)) if template is None else (template.project(), None)


def _warn_of_edits(name: str, record: Record) -> None:
    """Say so where a project file holds another network by now than its run, which is what is exported."""
    path = Path(name)
    if path.is_file() and load(name)[0].network != record.project.network:
        text = Message(
            "{name} holds another network than run {number}, its last one; what is exported is what was "
            "trained. To export the file's network, train it first: layerloom train {name}",
            name=name,
            number=record.number,
        )
        complain(text)


def _warn_of_little_training(options: Namespace, record: Record) -> None:
    """Say so where a run was hardly trained, or where another one is better than a project's newest."""
    from engine.runs import reached
    from engine.runs.shelf import Shelf

    if reached.hardly_trained(record):
        text = "Run {number} was stopped within its first epoch, so its network has hardly learnt anything."
        complain(Message(text, number=record.number))
    if options.run_or_project.isdecimal() or Path(options.run_or_project).is_dir():
        return  # a person chose this very run
    better = reached.better(record, Shelf(options.dir).runs())
    if better is not None:
        complain(
            Message(
                "The newest run was exported, but {better} did better on the validation data. To export that "
                "one: layerloom export {place} --to {to}",
                better=reached.sentence(better),
                place=str(better.number) if options.dir is None else better.folder,
                to=options.to,
            )
        )


def named_run(name: str, folder: Path | None) -> Record:
    """The run that a number, a run's folder, or a project file names."""
    from engine.runs.draft import UNDER_WAY
    from engine.runs.record import Record
    from engine.runs.shelf import Shelf

    shelf, path = Shelf(folder), Path(name)
    if name.isdecimal() and not path.exists():
        return shelf.run(int(name))
    killed = path.with_name(path.name + UNDER_WAY) if path.name else path  # before it came to its place
    for folder in (path, killed):
        if folder.is_dir():
            return Record(folder)
    project, file = load(name)
    record = shelf.latest(file, None if file else project.fingerprint)
    if record is None:
        raise Trouble("{name} has no finished run; train it first: layerloom train {name}", name=name)
    return record
