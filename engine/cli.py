"""Everything without a window: `layerloom train digits.loom`, or `python -m engine train digits.loom`.

An error is one sentence on the error stream; the exit code is 2 for a wrong use, 1 for a failure.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from engine.message import Message, Trouble

if TYPE_CHECKING:
    from engine.graph import Project
    from engine.run import Run
    from engine.runs import Record

VERBS = ("train", "check", "code", "export", "new", "templates", "layers", "plugins", "datasets", "runs")


class Usage(Exception):
    """A call that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Usage(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb. Gives the exit code and never raises, unless `--debug` asks for the traceback."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign still shows the rest
    try:
        options = _parser().parse_args([word for word in arguments if word != "--debug"])
        if options.run is not _plugins:
            from engine import plugin_verb

            plugin_verb.load()
        code = int(options.run(options) or 0)
        sys.stdout.flush()
        return code
    except SystemExit as end:  # --help was printed
        return int(end.code or 0)
    except Usage as usage:
        print(usage, file=sys.stderr)
        return 2
    except Trouble as trouble:
        if debug:
            raise
        print(trouble, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if debug:
            raise
        print(
            Message(
                "An unexpected error: {kind}: {text}. The same call with --debug shows where.",
                kind=type(error).__name__,
                text=error,
            ),
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="layerloom", description="Draw a neural network, watch it learn, take it with you.")
    verbs = parser.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)

    def verb(name: str, run: Any, text: str, as_json: bool = True) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = verbs.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        if as_json:
            one.add_argument("--json", action="store_true", help="print JSON for other programs")
        return one

    train = verb("train", _train, "train a project and keep the run")
    _project(train)
    train.add_argument("--epochs", type=int, help="instead of the project's own number")
    train.add_argument("--device", help="auto, cpu, cuda or mps")
    train.add_argument("--seed", type=int, help="starts every random choice")
    train.add_argument("--out", type=Path, metavar="DIR", help="the run's folder; else a numbered one")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a setting: batch_size=64, optimiser.rate=0.01, data.test=0.2, conv1.out_channels=16",
    )
    check = verb(
        "check", _check, "shapes, parameters, multiply-adds and problems; exit code 1 if it cannot train"
    )
    _project(check)
    code = verb("code", _code, "print the source of a project, in PyTorch or in Keras", as_json=False)
    _project(code)
    code.add_argument("--dialect", choices=("torch", "keras"), default="torch", help="torch is what trains")
    export = verb("export", _export, "write a trained model and prove that it gives the same numbers")
    export.add_argument(
        "run_or_project", metavar="RUN|PROJECT", help="a run's number or folder, or a project's latest run"
    )
    export.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="by ending: .onnx .pt2 .safetensors .py"
    )
    export.add_argument("--dir", type=Path, help="where runs are kept, if not in the user's data folder")
    new = verb("new", _new, "write a template as a project file", as_json=False)
    new.add_argument("template", metavar="TEMPLATE")
    new.add_argument("--to", type=Path, required=True, metavar="PROJECT")
    verb("templates", _templates, "list the templates")
    verb("layers", _layers, "list the layers with settings, ports and help")
    own = verb("plugins", _plugins, "list the layers of your own, and what is wrong with their files")
    own.add_argument("--check", type=Path, metavar="FILE", help="try every layer that a file declares")
    verb("datasets", _datasets, "list the built-in data sets")
    runs = verb("runs", _runs, "list the runs that are kept")
    runs.add_argument("--dir", type=Path, help="where they are kept, if not in the user's data folder")
    return parser


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", help="a .loom file, or the name of a template")


# --------------------------------------------------------------------------- verbs


def _train(options: argparse.Namespace) -> int:
    from engine.run import Run
    from engine.settings_path import set_by_path
    from engine.terminal import Bar

    project, path = _load(options.project)
    if options.out is not None and options.out.is_file():
        raise Usage(f"expected a folder for the run, but {options.out} is a file")
    given = {name: getattr(options, name) for name in ("epochs", "device", "seed")}
    assignments = [f"{name}={value}" for name, value in given.items() if value is not None]
    with _asked():
        for assignment in [*assignments, *options.set]:
            project = set_by_path(project, assignment)
    run = Run(project, options.out, path=path)
    bar = Bar()
    failed = False
    run.start()
    with _stop_on_interrupt(run):
        while True:
            active = run.active
            for report in run.poll():
                if options.json:
                    print(json.dumps(report.json()), flush=True)
                else:
                    bar.show(report)
                if type(report).__name__ == "Failed":
                    failed = True
                    print(report.message, file=sys.stderr)  # type: ignore[union-attr]  # a Failed has one
            if not active:
                break
            time.sleep(0.05)
    return 1 if failed else 0


class _stop_on_interrupt:
    """Ctrl+C stops the run and keeps what it learnt; a second one ends the program."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> None:
        def stop(*_: object) -> None:
            self._run.stop()
            signal.signal(signal.SIGINT, self._before)

        self._before = signal.signal(signal.SIGINT, stop)

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)


def _check(options: argparse.Namespace) -> int:
    from engine import describe
    from engine.check import check
    from engine.terminal import table

    project, _ = _load(options.project)
    found = check(project)
    if options.json:
        _print(describe.analysis(found))
        return 0 if found.trainable else 1
    rows: list[tuple[object, ...]] = [("layer", "kind", "output", "parameters", "multiply-adds")]
    for id in project.graph.order:
        node, facts = project.graph.nodes[id], found.nodes[id]
        shape = " ".join(map(str, facts.outputs.values())) or ("" if facts.known else "?")
        rows.append((node.name, node.kind.label(), shape, f"{facts.parameters:,}", f"{facts.macs:,}"))
    rows.append(("", "", "", f"{found.parameters:,}", f"{found.macs:,}"))
    print(table(rows, right=frozenset({3, 4})))
    for problem in found.problems:
        named = project.graph.nodes.get(problem.node)
        print(
            f"{problem.level}: {named.name + ' ' if named else ''}{problem.message}. {problem.why}".rstrip()
        )
        for repair in problem.repairs:
            delta = repair.parameters_delta or 0
            print(f"    {repair.title} ({delta:+,} parameters)")
    return 0 if found.trainable else 1


def _code(options: argparse.Namespace) -> int:
    from engine.check import check
    from engine.emit import emit
    from engine.emit_keras import emit_keras

    analysis = check(_load(options.project)[0])
    source = emit(analysis.project, analysis)
    if options.dialect == "keras":
        source = keras = emit_keras(analysis.project, analysis)
        print(source.text, end="")
        for id, reason in keras.missing.items():
            name = analysis.project.graph.nodes[id].name
            print(Message("{name} has no Keras form: {reason}", name=name, reason=reason), file=sys.stderr)
        if keras.missing:
            return 1
    else:
        print(source.text, end="")
    if not source.complete:
        first = analysis.problems[0]
        named = analysis.project.graph.nodes.get(first.node)
        print(
            f"the code is not finished: {named.name + ' ' if named else ''}{first.message}", file=sys.stderr
        )
    return 0 if source.complete else 1


def _export(options: argparse.Namespace) -> int:
    from engine.exports import export, format_of
    from engine.exports.formats import proof_name

    with _asked():
        format_of(options.to)
    if options.to.is_file() and not options.to.with_name(proof_name(options.to.name)).exists():
        raise Trouble(
            "{path} is there already and is no earlier export; choose another name, or remove it first",
            path=options.to,
        )
    record = _record(options.run_or_project, options.dir)
    proof = export(record, options.to)
    if options.json:
        _print(proof.json())
    else:
        print(
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


def _new(options: argparse.Namespace) -> int:
    from engine import store
    from engine.templates import template

    path: Path = options.to
    if path.exists():
        raise Trouble("{path} is there already; choose another name, or remove it first", path=path)
    with _asked():
        chosen = template(options.template)
    store.save(chosen.project(), path)
    return 0


def _templates(options: argparse.Namespace) -> int:
    from engine import describe
    from engine.templates import famous, templates

    found = describe.templates((*templates(), *famous()))
    rows = [(one["id"], one["title"], f"{one['parameters']:,} parameters", one["line"]) for one in found]
    return _listed(options, found, rows, right=frozenset({2}))


def _layers(options: argparse.Namespace) -> int:
    from engine import describe

    found = describe.layers()
    return _listed(options, found, [(one["kind"], one["family"], one["doc"]) for one in found])


def _plugins(options: argparse.Namespace) -> int:
    from engine import plugin_verb

    if options.check is not None:
        return plugin_verb.check(options.check, options.json)
    return plugin_verb.listed(options.json)


def _datasets(options: argparse.Namespace) -> int:
    from engine import describe

    found = describe.datasets()
    return _listed(
        options, found, [(one["kind"], f"{one['samples']:,} samples", one["doc"]) for one in found]
    )


def _runs(options: argparse.Namespace) -> int:
    from engine import describe
    from engine.runs import Shelf

    found = describe.runs(Shelf(options.dir).runs())
    rows = [
        (one["number"], one["title"], one["state"], one["started"] or "", one["problem"] or one["folder"])
        for one in found
    ]
    if not rows and not options.json:
        print(Message("No runs yet. layerloom train PROJECT makes one."))
    return _listed(options, found, rows)


# --------------------------------------------------------------------------- parts


@contextmanager
def _asked() -> Iterator[None]:
    """Within it, what is wrong is wrong in the call itself."""
    try:
        yield
    except Trouble as trouble:
        raise Usage(str(trouble)) from trouble


def _listed(
    options: argparse.Namespace,
    found: list[dict[str, Any]],
    rows: Iterable[Iterable[object]],
    right: frozenset[int] = frozenset(),
) -> int:
    from engine.terminal import table

    if options.json:
        _print(found)
    elif found:
        print(table(rows, right))
    return 0


def _print(value: Any) -> None:
    plain = (sys.stdout.encoding or "utf-8").lower() not in {"utf-8", "utf8"}
    print(json.dumps(value, ensure_ascii=plain, indent=2))


def _load(name: str) -> tuple[Project, Path | None]:
    """The project of a file, or of a template where no file is called so. With the file's path."""
    from engine import store
    from engine.templates import famous, template, templates

    path = Path(name)
    if not path.exists() and name in {one.id for one in (*templates(), *famous())}:
        return template(name).project(), None
    return store.load(path), path


def _record(name: str, folder: Path | None) -> Record:
    """The run that a number, a run's folder, or a project file names."""
    from engine.runs import Record, Shelf

    shelf, path = Shelf(folder), Path(name)
    if name.isdecimal() and not path.exists():
        return shelf.run(int(name))
    if path.is_dir():
        return Record(path)
    project, file = _load(name)
    record = shelf.latest(file, None if file else project.fingerprint)
    if record is None:
        raise Trouble("{name} has no finished run; train it first: layerloom train {name}", name=name)
    return record
