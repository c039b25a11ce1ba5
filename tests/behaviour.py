"""Records what the program does, so that two versions of it can be compared file by file.

    python -m tests.behaviour FOLDER [PROJECTS]  # records the version in the current folder
    diff -r OLD NEW                              # says nothing where two versions do the same

Only the command line is used, `python -m engine …`, within this process. So the script asks nothing of how
the pages are laid out: it runs on any version that has the verbs, also from another checkout, by
`python …/tests/behaviour.py FOLDER` in the folder of the version to be recorded. Left out is what depends on
the clock, as times, rates and the moments at which a training reports; paths have placeholders.

With PROJECTS, a folder, every project in it is checked and emitted as well.

Two recordings are alike on one machine with one set of libraries, and OMP_NUM_THREADS=1 as in `make test`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import runpy
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path.cwd()
CASES = Path(sys.argv[2]).absolute() if len(sys.argv) > 2 else None
GOLDEN = Path(__file__).resolve().parent / "engine" / "golden" / "version1"
VERBS = ("train", "check", "code", "export", "new", "templates", "layers", "plugins", "datasets", "runs")
CLOCK = {"seconds", "speed", "steps_per_second", "started", "ended"}
"""What depends on the clock, by its key in JSON."""
MOMENTS = {"step", "rate", "gradient_norm", "seconds"}
"""The curves with a value for every report, which come by the clock."""
FIXED = ("--seed", "0", "--epochs", "1", "--device", "cpu", "--set", "threads=1", "--json")


def words(text: str) -> tuple[str, ...]:
    """The words of a text, for tables that are easily read."""
    return tuple(text.split())


TRAINED = words(
    """
    digits-mlp digits-cnn digits-resnet fashion-cnn wine-mlp sunspots-lstm digits-gru diabetes-mlp
    fashion-lenet digits-inception digits-densenet digits-squeezenet digits-mobilenet digits-unet
    digits-vit backwards-transformer perceptron lenet-5 bidirectional-lstm autoencoder
    variational-autoencoder seq2seq-attention
    """
)
EXPORTED = words(
    """
    wine-mlp digits-cnn sunspots-lstm digits-inception digits-vit backwards-transformer
    bidirectional-lstm variational-autoencoder seq2seq-attention
    """
)
"""These leave in every form; the other trained ones as weights alone."""

INITIALISATIONS = words(
    """
    Default Zeros Ones Constant Uniform Normal TruncatedNormal XavierUniform XavierNormal
    KaimingUniform KaimingNormal Orthogonal
    """
)
CLASS_LOSSES = words(
    """
    CrossEntropy Focal NegativeLogLikelihood Dice Hinge MultiLabelMargin
    """
)
NUMBER_LOSSES = words(
    """
    MeanSquaredError MeanAbsoluteError Huber SmoothL1 PoissonLoss KLDivergence GaussianNLL CosineEmbedding
    HingeEmbedding MarginRanking TripletMargin Minimise
    """
)
VARIANTS: dict[str, tuple[str, ...]] = {
    "iris": ("wine-mlp", "data.source=Iris"),
    "breast-cancer": ("wine-mlp", "data.source=BreastCancer", "linear2.out_features=2"),
    "cancer-binary": (
        *("wine-mlp", "data.source=BreastCancer", "linear2.out_features=1"),
        "output1.loss=BinaryCrossEntropy",
    ),
    "cancer-dice": (
        *("wine-mlp", "data.source=BreastCancer", "linear2.out_features=1", "output1.loss=BinaryDice"),
    ),
    "far-sunspots": ("sunspots-lstm", "data.source.window=12", "data.source.horizon=5"),
    "short-rows": ("backwards-transformer", "data.source.length=5"),
    "sgd": ("wine-mlp", "optimiser=SGD", "optimiser.nesterov=true", "optimiser.weight_decay=0.01"),
    "adam": ("wine-mlp", "optimiser=Adam", "optimiser.amsgrad=true", "epochs=3"),
    "adamw": ("wine-mlp", "optimiser=AdamW", "optimiser.rate=0.01", "epochs=3"),
    "rmsprop": ("wine-mlp", "optimiser=RMSprop", "optimiser.centered=true", "optimiser.momentum=0.5"),
    "step": ("wine-mlp", "schedule=Step", "schedule.every=1", "schedule.by=0.5", "epochs=4"),
    "cosine": ("wine-mlp", "schedule=Cosine", "schedule.warm_up=0.3", "schedule.floor=0.1", "epochs=4"),
    "clipped": ("wine-mlp", "clip=0.1", "epochs=2"),
    "patient": ("wine-mlp", "patience=1", "optimiser.rate=0.5", "epochs=30"),
    "last-weights": ("wine-mlp", "keep_best=false", "optimiser.rate=0.3", "epochs=6"),
    "too-fast": ("diabetes-mlp", "optimiser=SGD", "optimiser.rate=1e30", "epochs=3"),
    "grown": ("diabetes-mlp", "optimiser=SGD", "optimiser.rate=0.9", "epochs=3", "clip=100"),
    "other-parts": ("wine-mlp", "data.seed=7", "data.validation=0.3", "data.test=0.25", "data.scale=range"),
    "unscaled": ("wine-mlp", "data.scale=none", "batch_size=1000"),
    "frozen": ("wine-mlp", "linear1.frozen=true", "linear2.bias=false"),
    "penalties": ("wine-mlp", "linear1.l1=0.001", "linear2.l2=0.01"),
    "weight-norm": ("wine-mlp", "linear1.norm=weight norm"),
    "spectral-norm": ("wine-mlp", "linear1.norm=spectral norm"),
    "weighed": ("wine-mlp", "output1.loss.class_weights=balanced", "output1.loss.label_smoothing=0.1"),
    "weighed-by-hand": ("wine-mlp", 'output1.loss.class_weights="1, 2, 3"', "output1.weight=0.5"),
    "measured": ("wine-mlp", 'output1.metrics=["accuracy", "F1", "AUROC", "top-3 accuracy"]'),
    **{f"begin-{name}": ("wine-mlp", f"linear1.initialisation={name}") for name in INITIALISATIONS},
    **{f"loss-{name}": ("wine-mlp", f"output1.loss={name}") for name in CLASS_LOSSES},
    **{f"loss-{name}": ("diabetes-mlp", f"output1.loss={name}") for name in NUMBER_LOSSES},
}
"""Trainings with other settings, by name. Some are refused: what is said then counts as well."""

WRONG = words(
    """
    epochs speed=9 linear1.colour=1 linear1.=1 =1 linear1.bias=2 linear9.bias=2 optimiser=Magic
    optimiser.speed=1 schedule=Never batch_size=0 batch_size=many data.source=Moon data.test=0.9
    data.scale=up epochs.more=1 clip=0 seed=1.5 linear1.initialisation=Odd output1.loss=Odd
    output1.target=nothing input1.column=x output1.metrics=["speed"] output1.loss.class_weights=1
    linear1.out_features=[1]
    """
)
MISTAKES: tuple[tuple[str, ...], ...] = (
    (),
    ("fly",),
    ("--colour",),
    ("train",),
    ("check",),
    ("export", "1"),
    ("new", "wine-mlp"),
    ("check", "none.loom"),
    ("check", "."),
    ("check", "x" * 5000),
    ("code", "none.loom"),
    ("code", "wine-mlp", "--dialect", "caffe"),
    ("new", "nonsense", "--to", "p.loom"),
    ("new", "wine-mlp", "--to", "w.txt"),
    ("new", "wine-mlp", "--to", "no/such/w.loom"),
    ("new", "wine-mlp", "--to", "there.loom"),
    ("export", "1", "--to", "model.txt"),
    ("export", "1", "--to", "model.onnx"),
    ("export", "none.loom", "--to", "model.onnx"),
    ("export", "wine-mlp", "--to", "model.onnx"),
    ("export", "folder", "--to", "model.onnx"),
    ("export", "1", "--to", "there.onnx"),
    ("export", "1", "--to", "model.py", "--dir", "nowhere"),
    ("layers", "convd2"),
    ("layers", "Xylophone"),
    ("layers", "Conv2d", "Xylophone"),
    ("runs", "--dir", "there.loom"),
    ("runs", "--dir", "nowhere"),
    ("runs", "--dir", "nowhere", "--json"),
    ("plugins", "--check", "none.py"),
    ("plugins", "--check", "folder"),
    ("train", "none.loom"),
    ("train", "wine-mlp", "--colour"),
    ("train", "wine-mlp", "--epochs", "many"),
    ("train", "wine-mlp", "--epochs", "0"),
    ("train", "wine-mlp", "--seed", "-1"),
    ("train", "wine-mlp", "--device", "abacus"),
    ("train", "wine-mlp", "--device", "cuda"),
    ("train", "wine-mlp", "--out", "there.loom"),
    ("train", "wine-mlp", "--out", "folder"),
    *(("train", "wine-mlp", "--set", word) for word in WRONG),
    ("train", "alexnet", "--set", "conv1.stride=500"),
)

LAYER = """
from engine.calls import Call, expression, module
from engine.kinds import Layer, Loss, Optimiser, declare, param
from engine.ports import port, ports


@declare(family={family!r}, hint="own")
class {name}(Layer):
    '''{doc}'''
    times: int = param({default}, lo=1, hi=64, doc="How much longer")
    x = port({pattern!r}, doc="a row")

    def torch(self, x):
        {body}
"""


def own(**facts: str) -> str:
    """A plug-in with one layer that is as it should be but for these facts."""
    usual = {"name": "Own", "family": "dense", "doc": "Own.", "default": "2", "pattern": "N F"}
    return LAYER.format(**{**usual, "body": 'return module("nn.Linear", x.F, self.times * x.F)', **facts})


PLUGINS = {
    "good": own(name="Good"),
    "a-second": own(name="Second", body='print("noise"); return expression("{x} * 2")'),
    "syntax": "def broken(:\n",
    "raises": "x = 1\nraise RuntimeError('at import')\n",
    "exits": "import sys\nsys.exit(3)\n",
    "missing": "import no_such_package\n",
    "old-page": "from engine.no_such_page import module\n",
    "empty": "",
    "nothing": "x = 1\n",
    "clash": own(name="Linear"),
    "reserved": own(name="Unknown"),
    "family": own(family="cars"),
    "ends": own(family="io"),
    "undocumented": own(doc=""),
    "pattern": own(pattern="N F F ?"),
    "illegal": own(default="99"),
    "wrong-type": own(default='"two"'),
    "no-answer": own(body="return None"),
    "no-module": own(body='return module("nn.Nothing", x.F)'),
    "no-attribute": own(body='return module("nn.Linear", x.C, 2)'),
    "divides": own(body="return 1 / 0"),
    "wrong-width": own(body='return module("nn.Linear", x.F + 1, 2)'),
    "modules": own(body="return 0").replace("    def torch", "    modules = 'class ('\n\n    def torch"),
    "optimiser": own()
    + "\n\n@declare(hint='own')\nclass Fast(Optimiser):\n    '''Fast.'''\n    rate = 1.0\n",
    "endless": own(body="while True: pass"),
}
BROKEN = {
    "hello": "hello",
    "nothing": "",
    "breaks-off": '{"format": 1,\n',
    "other-json": '{"a": 1}',
    "a-list": "[1, 2]",
    "newer": '{"format": 99}',
    "format-text": '{"format": "1"}',
    "no-name": '{"format": 1}',
    "no-data": '{"format": 1, "name": "A", "nodes": [], "wires": []}',
    "empty-net": '{"format": 1, "name": "A", "nodes": [], "wires": [], "data": {}, "recipe": {}}',
    "deep": "[" * 100_000,
}


# --------------------------------------------------------------------------- one call


class Recorder:
    """Calls the program in a folder of its own and writes what it says into the folder of the recording."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder = folder
        self.work = work
        self._began = time.monotonic()
        self._places = {
            str(work): "‹work›",
            str(work.resolve()): "‹work›",
            str(ROOT): "‹root›",
            sys.prefix: "‹python›",
            sys.base_prefix: "‹python›",
            str(Path.home()): "‹home›",
        }

    def told(self, what: str) -> None:
        """Say on the terminal how far it is."""
        print(f"{time.monotonic() - self._began:6.1f} s  {what}", file=sys.__stdout__, flush=True)

    def call(self, *words: object) -> tuple[int, str, str]:
        """Call `layerloom …`; gives the exit code, the output and the errors."""
        out, err, before = io.StringIO(), io.StringIO(), sys.argv
        sys.argv = ["layerloom", *map(str, words)]
        try:
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    runpy.run_module("engine", run_name="__main__", alter_sys=True)
                    code = 0
                except SystemExit as end:
                    code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            sys.argv = before
            os.chdir(self.work)
        return code, out.getvalue(), err.getvalue()

    def record(self, name: str, *words: object) -> int:
        """Call, and add what was said to the file of that name. Gives the exit code."""
        code, out, err = self.call(*words)
        if "--json" in words:
            out = timeless(out)
        shown = " ".join(str(word) if len(str(word)) < 200 else f"{str(word)[:20]}…" for word in words)
        parts = [f"$ layerloom {shown}", f"exit {code}"]
        parts += [f"--- {title}\n{text}" for title, text in (("output", out), ("errors", err)) if text]
        self.write(name, "\n".join(parts) + "\n", more=True)
        return code

    def write(self, name: str, text: str, more: bool = False) -> None:
        """Write a text into the recording, with placeholders for the paths of this machine."""
        for path in sorted(self._places, key=len, reverse=True):
            text = text.replace(path, self._places[path])
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a" if more else "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)


def timeless(text: str) -> str:
    """JSON, or a line of it for each report, without what depends on the clock."""
    try:
        return json.dumps(_timeless(json.loads(text)), ensure_ascii=False, indent=1) + "\n"
    except ValueError:
        pass
    lines = []
    for line in text.splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            lines.append(line)
            continue
        if not isinstance(data, dict):
            lines.append(line)
        elif data.get("report") != "progress":  # it comes by the clock
            lines.append(json.dumps(_timeless(data), ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)


def _timeless(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _timeless(value) for key, value in data.items() if key not in CLOCK}
    return [_timeless(one) for one in data] if isinstance(data, list) else data


# --------------------------------------------------------------------------- files in words


def digest(data: bytes) -> str:
    """A short name for bytes."""
    return hashlib.sha256(data).hexdigest()


def in_words(path: Path) -> str:
    """What stands in a file that a training or an export wrote: as text, or tensor by tensor."""
    if path.suffix == ".npz":
        return "".join(_curves(path))
    if path.suffix == ".safetensors":
        return "".join(_safetensors(path))
    if path.suffix == ".pt":
        return "".join(_pickled(path))
    if path.suffix == ".onnx":
        return "".join(_onnx(path))
    if path.suffix == ".pt2":
        return "".join(_archived(path))
    text = path.read_text(encoding="utf-8")
    return timeless(text) if path.suffix == ".json" else text


def _tensor(name: str, array: np.ndarray) -> str:
    return f"{name} {array.dtype} {list(array.shape)} {digest(np.ascontiguousarray(array).tobytes())}\n"


def _curves(path: Path) -> Iterator[str]:
    with np.load(path, allow_pickle=False) as found:
        for name in sorted(set(found.files) - MOMENTS):
            yield _tensor(name, found[name]) if found[name].size > 40 else f"{name} {found[name].tolist()}\n"


def _safetensors(path: Path) -> Iterator[str]:
    from safetensors.numpy import load_file

    yield f"file {digest(path.read_bytes())}\n"
    for name, array in load_file(path).items():
        yield _tensor(name, array)


def _pickled(path: Path) -> Iterator[str]:
    import torch

    for name, tensor in torch.load(path, weights_only=True).items():
        yield _tensor(name, tensor.numpy())


def _onnx(path: Path) -> Iterator[str]:
    import onnx

    model = onnx.load(path)
    yield f"{[(one.domain, one.version) for one in model.opset_import]} {model.producer_name}\n"
    yield from (f"{one.key}: {one.value}\n" for one in model.metadata_props)
    for one in (*model.graph.input, *model.graph.output):
        yield f"{one.name} {' '.join(str(one.type).split())}\n"
    for node in model.graph.node:
        attributes = [
            digest(one.SerializeToString(deterministic=True))[:16]
            if one.HasField("t")
            else onnx.helper.printable_attribute(one)
            for one in node.attribute
        ]
        yield f"{node.op_type} {list(node.input)} {list(node.output)} {attributes}\n"
    for one in model.graph.initializer:
        yield _tensor(one.name, onnx.numpy_helper.to_array(one))


def _archived(path: Path) -> Iterator[str]:
    """The members of a PyTorch program. Its number is drawn anew each time it is saved."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".data/serialization_id"):
                continue
            data = archive.read(name)
            if name.endswith(".pt"):  # an archive itself, with a number of its own
                with zipfile.ZipFile(io.BytesIO(data)) as inner:
                    parts = [one for one in sorted(inner.namelist()) if "serialization_id" not in one]
                    data = b"".join(one.encode() + inner.read(one) for one in parts)
            yield f"{name.partition('/')[2]} {digest(data)}\n"


# --------------------------------------------------------------------------- what is recorded


def record(folder: Path) -> None:
    """Record the version in the current folder."""
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty; choose a new folder for the recording")
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="behaviour-"))
    os.environ |= {"COLUMNS": "100", "LAYERLOOM_DATA": str(work / "data")}
    os.environ |= {"LAYERLOOM_PLUGINS": str(work / "plugins")}
    os.chdir(work)
    recorder = Recorder(folder, work)
    recorder.told(f"recording {find_spec('engine').origin}")  # type: ignore[union-attr]  # it is there
    try:
        _lists(recorder)
        _templates(recorder)
        _files(recorder)
        _mistakes(recorder)
        _plugins(recorder)
        _trainings(recorder)
        _shelf(recorder)
    finally:
        os.chdir(ROOT)
        shutil.rmtree(work, ignore_errors=True)
    recorder.told("done")


def _lists(recorder: Recorder) -> None:
    recorder.record("help/layerloom.txt", "--help")
    for verb in VERBS:
        recorder.record(f"help/{verb}.txt", verb, "--help")
    for verb in ("layers", "datasets", "templates", "plugins", "runs"):
        recorder.record(f"lists/{verb}.txt", verb)
        recorder.record(f"lists/{verb}.json.txt", verb, "--json")
    kinds = [one["kind"] for one in json.loads(recorder.call("layers", "--json")[1])]
    for kind in dict.fromkeys(kinds):
        recorder.record(f"layers/{re.sub(r'[^a-zA-Z0-9]+', '-', kind)}.txt", "layers", kind)
    recorder.told(f"{len(kinds)} kinds")


def _templates(recorder: Recorder) -> None:
    names = [one["id"] for one in json.loads(recorder.call("templates", "--json")[1])]
    for name in names:
        place = f"templates/{name}"
        recorder.record(f"{place}/new.txt", "new", name, "--to", f"{name}.loom")
        recorder.write(f"{place}/project.loom", Path(f"{name}.loom").read_text(encoding="utf-8"))
        _checked(recorder, place, f"{name}.loom")
        recorder.record(f"{place}/check-by-name.txt", "check", name)
    recorder.told(f"{len(names)} templates")


def _checked(recorder: Recorder, place: str, project: str) -> None:
    recorder.record(f"{place}/check.txt", "check", project)
    recorder.record(f"{place}/check.json.txt", "check", project, "--json")
    recorder.record(f"{place}/torch.txt", "code", project)
    recorder.record(f"{place}/keras.txt", "code", project, "--dialect", "keras")


def _files(recorder: Recorder) -> None:
    """Projects that lie about: those of the folder that was named, and those that the first version wrote."""
    for folder, title in ((CASES, "cases"), (GOLDEN / "projects", "version1")):
        if folder is None:
            continue
        found = sorted(folder.rglob("*.loom"))
        if title == "version1":
            _with_golden_plugins(recorder)
        for path in found:
            name = "-".join(path.relative_to(folder).with_suffix("").parts)
            shutil.copy(path, recorder.work / f"{name}.loom")
            _checked(recorder, f"{title}/{name}", f"{name}.loom")
        shutil.rmtree("plugins", ignore_errors=True)
        recorder.told(f"{len(found)} projects of {title}")


def _with_golden_plugins(recorder: Recorder) -> None:
    if (GOLDEN / "plugins").is_dir():
        shutil.copytree(GOLDEN / "plugins", recorder.work / "plugins", dirs_exist_ok=True)


def _mistakes(recorder: Recorder) -> None:
    recorder.call("new", "wine-mlp", "--to", "there.loom")
    Path("folder").mkdir()
    Path("folder", "full.txt").write_text("full")
    Path("there.onnx").write_text("mine")
    for number, words in enumerate(MISTAKES):
        recorder.record(f"mistakes/{number:02d}.txt", *words)
    for name, text in BROKEN.items():
        Path(f"{name}.loom").write_text(text, encoding="utf-8")
        recorder.record(f"mistakes/file-{name}.txt", "check", f"{name}.loom", "--json")
        recorder.record(f"mistakes/file-{name}.txt", "train", f"{name}.loom", "--json")
    Path("binary.loom").write_bytes(b"\xff\xfe\x00\x80")
    recorder.record("mistakes/file-binary.txt", "code", "binary.loom")
    recorder.told(f"{len(MISTAKES) + len(BROKEN)} mistakes")


def _plugins(recorder: Recorder) -> None:
    Path("plugins").mkdir(exist_ok=True)
    Path("tried").mkdir()
    for path in sorted((ROOT / "assets" / "plugins").glob("*.py")):
        shutil.copy(path, "tried")
    for name, text in PLUGINS.items():
        text = text.replace("class Own(", f"class {name.title().replace('-', '')}(")
        Path("tried", f"{name}.py").write_text(text, encoding="utf-8")
    for path in sorted(Path("tried").iterdir()):
        recorder.record(f"plugins/{path.stem}.txt", "plugins", "--check", path)
        if path.stem != "endless":  # it takes its seconds each time
            recorder.record(f"plugins/{path.stem}.txt", "plugins", "--check", path, "--json")
            shutil.copy(path, "plugins")
    recorder.record("plugins/all.txt", "plugins")
    recorder.record("plugins/all.txt", "plugins", "--json")
    recorder.record("plugins/all.txt", "check", "wine-mlp")
    recorder.record("plugins/layers.txt", "layers", "Good", "Swoosh", "SpikingLIF")
    recorder.record("plugins/layers.txt", "layers", "--json", "Good", "Swoosh", "SpikingLIF")
    shutil.rmtree("plugins")
    recorder.told(f"{len(PLUGINS)} plug-ins")


def _trainings(recorder: Recorder) -> None:
    for name in TRAINED:
        _trained(recorder, f"trained/{name}", name, every=name in EXPORTED)
    for name, (template, *settings) in VARIANTS.items():
        words = [word for one in settings for word in ("--set", one)]
        _trained(recorder, f"variants/{name}", template, *words, forms=())
    recorder.told(f"{len(VARIANTS)} variants")
    _with_golden_plugins(recorder)
    for path in sorted((GOLDEN / "projects").glob("*.loom")):
        shutil.copy(path, "project.loom")
        every = path.stem in {"blocks", "own-kinds"}
        _trained(recorder, f"trained/version1-{path.stem}", "project.loom", every=every)
    shutil.rmtree("plugins", ignore_errors=True)


def _trained(
    recorder: Recorder,
    place: str,
    project: str,
    *words: str,
    every: bool = False,
    forms: tuple[str, ...] = (".safetensors",),
) -> None:
    """Train and record the run, then what it is exported to."""
    os.environ["LAYERLOOM_DATA"] = str(recorder.work / "data" / place)  # so that each is run 1
    told = [word for one in ("epochs=", "seed=") for word in words if word.startswith(one)]
    fixed = FIXED if not told else tuple(word for word in FIXED if word not in {"--epochs", "1"})
    code = recorder.record(f"{place}/train.txt", "train", project, *fixed, *words, "--out", "run")
    if Path("run").is_dir():
        for path in sorted(Path("run").iterdir()):
            recorder.write(f"{place}/run/{path.name}.txt", in_words(path))
    if code == 0:
        for form in (".onnx", ".pt2", ".safetensors", ".py") if every else forms:
            Path("export").mkdir()
            recorder.record(
                f"{place}/export{form}.txt", "export", "run", "--to", f"export/net{form}", "--json"
            )
            for path in sorted(Path("export").iterdir()):
                recorder.write(f"{place}/export/{path.name}.txt", in_words(path))
            shutil.rmtree("export")
    shutil.rmtree("run", ignore_errors=True)
    if forms:
        recorder.told(place)


def _shelf(recorder: Recorder) -> None:
    """Runs that the program numbers itself, found again by number and by project."""
    os.environ["LAYERLOOM_DATA"] = str(recorder.work / "shelf")
    recorder.call("new", "wine-mlp", "--to", "mine.loom")
    for words in (
        ("train", "mine.loom", *FIXED),
        ("train", "wine-mlp", *FIXED, "--set", "optimiser.rate=0.01"),
        ("train", "diabetes-mlp", *FIXED, "--set", "optimiser=SGD", "--set", "optimiser.rate=1e30"),
        ("runs", "--json"),
        ("export", "2", "--to", "two.safetensors", "--json"),
        ("export", "2", "--to", "two.safetensors", "--json"),
        ("export", "3", "--to", "three.safetensors", "--json"),
        ("export", "mine.loom", "--to", "mine.safetensors", "--json"),
        ("export", "wine-mlp", "--to", "wine.safetensors", "--json"),
        ("export", "7", "--to", "seven.safetensors", "--json"),
        ("export", "digits-mlp", "--to", "digits.safetensors", "--json"),
    ):
        recorder.record("shelf/calls.txt", *words)
    text = Path("mine.loom").read_text(encoding="utf-8")
    Path("mine.loom").write_text(text.replace('"out_features": 32', '"out_features": 31'), encoding="utf-8")
    recorder.record("shelf/calls.txt", "export", "mine.loom", "--to", "again.safetensors", "--json")
    names = sorted(path.name for path in (recorder.work / "shelf" / "runs").iterdir())
    recorder.write("shelf/names.txt", "".join(f"{name}\n" for name in names))
    recorder.told("the shelf")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("expected the folder of the recording: python -m tests.behaviour FOLDER [PROJECTS]")
    sys.path[:] = [
        str(ROOT),
        *(one for one in sys.path if Path(one or ".").resolve() != Path(__file__).parent),
    ]
    record(Path(sys.argv[1]).absolute())
