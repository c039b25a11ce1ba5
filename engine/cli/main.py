"""Everything without a window: `layerloom train digits.loom`, or `python -m engine train digits.loom`.

An error is one sentence on the error stream; the exit code is 2 for a wrong use, 1 for a failure.
"""

from __future__ import annotations

import argparse
import errno
import io
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from engine.cli import data as data_verb
from engine.cli import new as new_verb
from engine.cli import predict as predict_verb
from engine.cli import train as train_verb
from engine.cli import verbs
from engine.cli.output import ENDINGS, complain, lead_nowhere, only_of_the_verb, open_closed_streams
from engine.cli.verbs import Usage
from engine.message import Message, Trouble

VERBS = (
    "train",
    "check",
    "code",
    "export",
    "new",
    "data",
    "predict",
    "templates",
    "layers",
    "plugins",
    "datasets",
    "runs",
)
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""What the system says where printing finds no room."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        wrong = re.match(r"argument VERB: invalid choice: '(.*?)'", message)
        near = get_close_matches(wrong[1], VERBS, 1) if wrong is not None else []
        meant = f" (perhaps {near[0]} is meant)" if near else ""
        raise Usage(f"{message}{meant}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb. Gives the exit code and never raises, unless `--debug` asks for the traceback."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign still shows the rest
    try:
        options = _parser().parse_args([word for word in arguments if word != "--debug"])
        with only_of_the_verb(debug), _wishes_heard():
            if options.run is not verbs.plugins:
                from engine.cli import plugins

                plugins.load()
            code = int(options.run(options) or 0)
        sys.stdout.flush()
        return code
    except SystemExit as end:  # --help was printed
        return int(end.code or 0)
    except Usage as usage:
        complain(Message("{usage}", usage=usage))
        return 2
    except Trouble as trouble:
        if debug:
            raise
        complain(trouble)
        return 1
    except BrokenPipeError:  # the reader of our output has enough
        lead_nowhere(sys.stdout)
        lead_nowhere(sys.stderr)
        return 141  # as the signal would have ended us, which is no failure in a shell
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.errno in UNWRITABLE and error.filename is None:
            lead_nowhere(sys.stdout)
            reason = error.strerror or type(error).__name__
            complain(Message("The output could not be written: {reason}.", reason=reason))
            return 1
        if debug:
            raise
        complain(
            Message(
                "An unexpected error: {kind}: {text}. The same call with --debug shows where.",
                kind=type(error).__name__,
                text=error,
            )
        )
        return 1


@contextmanager
def _wishes_heard() -> Iterator[None]:
    """Within it the system's wish that we end, or a terminal that is closed, is as Ctrl+C: what is under way
    is cleared up. Who asked that such a signal be ignored, as `nohup` does, is obeyed.
    """
    before = {}
    for number in ENDINGS:
        if signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="layerloom", description="Draw a neural network, watch it learn, take it with you.")
    subparsers = parser.add_subparsers(metavar="VERB", required=True, parser_class=_Parser)

    def verb(name: str, run: Any, text: str, as_json: bool = True) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = subparsers.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        if as_json:
            one.add_argument("--json", action="store_true", help="print JSON for other programs")
        return one

    train = verb("train", train_verb.train, "train a project and keep the run")
    _project(train, optional=True)
    train.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with a run that was interrupted, stopped or is done: its number or folder",
    )
    train.add_argument("--epochs", type=int, help="instead of the project's own number")
    train.add_argument("--device", help="auto, cpu, cuda or mps")
    train.add_argument("--seed", type=int, help="starts every random choice")
    train.add_argument("--out", type=Path, metavar="DIR", help="the run's folder; else a numbered one")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a setting: batch_size=64, optimiser.rate=0.01, data.test=0.2, conv1.out_channels=16, "
        "block1.conv1.out_channels=16; add a step on the way of a column: data.image+=ShiftAndTurn:shift=3",
    )
    data_verb.add_columns(train)
    check = verb(
        "check", verbs.check, "shapes, parameters, multiply-adds and problems; exit code 1 if it cannot train"
    )
    _project(check)
    code = verb("code", verbs.code, "print the source of a project, in PyTorch or in Keras", as_json=False)
    _project(code)
    code.add_argument("--dialect", choices=("torch", "keras"), default="torch", help="torch is what trains")
    export = verb("export", verbs.export, "write a trained model and prove that it gives the same numbers")
    export.add_argument(
        "run_or_project", metavar="RUN|PROJECT", help="a run's number or folder, or a project's latest run"
    )
    export.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="by ending: .onnx .pt2 .safetensors .py"
    )
    export.add_argument("--dir", type=Path, help="where runs are kept, if not in the user's data folder")
    new = verb(
        "new",
        new_verb.new,
        "write a template, or a first network for data of your own, as a project file",
        as_json=False,
    )
    new.add_argument("template", metavar="TEMPLATE", nargs="?")
    new.add_argument("--data", type=Path, metavar="FILE", help="the table to learn from, of your own")
    new.add_argument("--to", type=Path, required=True, metavar="PROJECT")
    data_verb.add_choices(new)
    data = verb(
        "data", data_verb.data, "tell what stands in a file of your own, and which network would suit it"
    )
    data.add_argument(
        "file", type=Path, metavar="FILE", help="CSV, Excel, Parquet, Arrow, JSON lines, SQLite"
    )
    data_verb.add_choices(data)
    predict = verb("predict", predict_verb.predict, "let a trained network answer for new data of your own")
    predict.add_argument(
        "run_or_project", metavar="RUN|PROJECT", help="a run's number or folder, or a project's latest run"
    )
    predict.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        nargs="?",
        help="a table without the target, or a folder of files",
    )
    predict.add_argument(
        "--prompt", metavar="TEXT", help="instead of a file: a text that the network goes on with"
    )
    predict.add_argument("--length", type=int, default=200, help="with --prompt: tokens at most")
    predict.add_argument(
        "--temperature", type=float, default=1.0, help="with --prompt: 0 takes the likeliest, more is bolder"
    )
    predict.add_argument("--seed", type=int, default=0, help="with --prompt: starts the choices by chance")
    predict.add_argument("--to", type=Path, metavar="CSV", help="where the answers go; else they are printed")
    predict.add_argument("--dir", type=Path, help="where runs are kept, if not in the user's data folder")
    data_verb.add_reading(predict)
    verb("templates", verbs.templates, "list the templates")
    layers = verb(
        "layers",
        verbs.layers,
        "list layers, losses, metrics and all else to choose from, or tell all about one",
    )
    layers.add_argument("names", nargs="*", metavar="NAME", help="what to tell all about: Conv2d, Adam")
    own = verb("plugins", verbs.plugins, "list the layers of your own, and what is wrong with their files")
    own.add_argument("--check", type=Path, metavar="FILE", help="try every kind that a file declares")
    sets = verb("datasets", verbs.datasets, "list the data sets, or fetch a well-known one")
    sets.add_argument("--get", metavar="NAME", help="fetch a well-known set once: mnist, cifar-10 …")
    sets.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="with --get: take its files from there",
    )
    runs = verb("runs", verbs.runs, "list the runs that are kept")
    runs.add_argument("--dir", type=Path, help="where they are kept, if not in the user's data folder")
    return parser


def _project(parser: argparse.ArgumentParser, optional: bool = False) -> None:
    nargs = "?" if optional else None
    help = "a .loom file, or the name of a template"
    parser.add_argument("project", metavar="PROJECT", nargs=nargs, help=help)
