"""Well-known sets: fetched once from a network, here of this machine alone, or taken from a folder."""

from __future__ import annotations

import gzip
import hashlib
import io
import socket
import struct
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from engine.cli.main import main
from engine.data.sets import known
from engine.data.sets.known import (
    GROUPS,
    THINGS,
    Cifar10,
    Cifar100,
    Emnist,
    FashionMnist,
    Kmnist,
    Known,
    Mnist,
    get,
    known_sets,
    take,
)
from engine.files.download import Remote, Stopped
from engine.message import Trouble

TRAIN, TEST = 6, 4
EVERY = (Mnist, FashionMnist, Kmnist, Emnist, Cifar10, Cifar100)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))


class Server:
    """Serves files of the test on this machine alone, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.ranges = True
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wanted = self.headers.get("Range", "")
                served.asked.append((self.path, wanted))
                data = served.files.get(self.path)
                if data is None:
                    self.send_error(404)
                    return
                begin = int(wanted[6:-1]) if wanted and served.ranges else 0
                self.send_response(206 if begin else 200)
                self.send_header("Content-Length", str(len(data) - begin))
                self.end_headers()
                self.wfile.write(data[begin:])

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{name}"

    def remote(self, name: str, data: bytes, *before: str) -> Remote:
        self.files[f"/{name}"] = data
        hash = hashlib.sha256(data).hexdigest()
        return Remote(name, (*before, self.address(name)), len(data), hash)


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.server.shutdown()
    one.server.server_close()
    one.thread.join()


def idx(values: np.ndarray) -> bytes:
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return gzip.compress(head + values.astype(np.uint8).tobytes(), mtime=0)


def pictures(classes: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(0)
    images = chance.integers(256, size=(TRAIN + TEST, *shape), dtype=np.uint8)
    return images, np.arange(TRAIN + TEST) % classes


def small(
    source: type[Known], server: Server, monkeypatch: pytest.MonkeyPatch
) -> tuple[np.ndarray, np.ndarray]:
    """Put a tiny copy of a set on the server, and let the set expect it. Gives its pictures and classes."""
    monkeypatch.setattr(source, "train", TRAIN)
    monkeypatch.setattr(source, "test", TEST)
    names = [remote.name for remote in source.remotes]
    if source in (Cifar10, Cifar100):
        images, labels = pictures(10, (3, 32, 32))
        before = [labels] if source is Cifar10 else [labels // 2, labels]
        rows = np.hstack([*(one[:, None] for one in before), images.reshape(len(images), -1)]).astype(
            np.uint8
        )
        *train, test = source.unpacked
        parts = [*np.array_split(rows[:TRAIN], len(train)), rows[TRAIN:]]
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, part in zip((*train, test), parts, strict=True):
                entry = tarfile.TarInfo(name)
                entry.size = part.nbytes
                archive.addfile(entry, io.BytesIO(part.tobytes()))
        contents = [packed.getvalue()]
    else:
        images, labels = pictures(10, (28, 28))
        seen = images.swapaxes(1, 2) if source is Emnist else images
        contents = [idx(one) for one in (seen[:TRAIN], labels[:TRAIN], seen[TRAIN:], labels[TRAIN:])]
        images = images[:, None]
        if source is Emnist:
            monkeypatch.setattr(Emnist, "PARTS", dict.fromkeys(Emnist.PARTS, (TRAIN, TEST)))
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for place, name in enumerate(Emnist.unpacked):
                    archive.writestr(name, contents[place % 4])
            contents = [packed.getvalue()]
    remotes = tuple(server.remote(name, data) for name, data in zip(names, contents, strict=True))
    monkeypatch.setattr(source, "remotes", remotes)
    return images, labels


@pytest.mark.parametrize("source", EVERY)
def test_a_set_is_fetched_once_and_read(
    source: type[Known], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = small(source, server, monkeypatch)
    with pytest.raises(Trouble, match=rf"is not on this machine: expected .* datasets --get {source.id}”"):
        source().load()
    assert server.asked == []
    told: list[int] = []
    get(source, told.append)
    assert told == sorted(told)
    assert told[-1] == source.size()
    assert source.is_there()
    raw = source().load()
    assert np.array_equal(raw.columns["image"], images)
    assert np.array_equal(raw.columns["label"], labels)
    assert raw.own_test is not None
    assert raw.own_test.tolist() == list(range(TRAIN, TRAIN + TEST))
    asked = len(server.asked)
    get(source)
    assert len(server.asked) == asked
    assert {path.name for path in source.folder().iterdir()} == {path.name for path in source.files()}


@pytest.mark.parametrize("source", EVERY)
def test_a_set_says_what_it_is_without_being_there(source: type[Known]) -> None:
    for options in [{}] if source not in (Emnist,) else [{"part": "balanced"}, {"part": "digits"}]:
        schema = source(**options).schema()  # type: ignore[arg-type]  # the options of one of them
        assert schema.own_test > 0
        assert len(schema.classes) == len(set(schema.classes)) > 9
    assert all(len(remote.sha256) == 64 and remote.size > 0 for remote in source.remotes)
    assert not source.folder().exists()


def test_a_hundred_things_lie_in_twenty_groups(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (len(THINGS), len(GROUPS)) == (100, 20)
    _, labels = small(Cifar100, server, monkeypatch)
    get(Cifar100)
    groups = Cifar100(classes="20 classes")
    assert groups.schema().classes == GROUPS
    assert np.array_equal(groups.load().columns["label"], labels // 2)


@pytest.mark.parametrize("ranges", [True, False], ids=["goes on", "begins anew"])
def test_what_was_stopped_goes_on(ranges: bool, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    images, _ = small(Mnist, server, monkeypatch)
    monkeypatch.setattr("engine.files.download._PIECE", 1000)
    told: list[int] = []
    with pytest.raises(Stopped):
        get(Mnist, told.append, lambda: bool(told) and told[-1] > 2000)
    assert not Mnist.is_there()
    server.ranges = ranges
    get(Mnist)
    assert np.array_equal(Mnist().load().columns["image"], images)
    first = [wanted for path, wanted in server.asked if "train-images" in path]
    assert first == ["", "bytes=3000-"]


def test_another_file_is_refused_and_the_next_address_is_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(Mnist, server, monkeypatch)
    name = Mnist.remotes[0].name
    good = server.files[f"/{name}"]
    server.files["/other"] = bytes(len(good))
    server.files["/short"] = good[:-1]
    addresses = tuple(map(server.address, ("nowhere", "other", "short")))
    first = Remote(name, addresses, len(good), Mnist.remotes[0].sha256)
    monkeypatch.setattr(Mnist, "remotes", (first, *Mnist.remotes[1:]))
    with pytest.raises(Trouble) as caught:
        get(Mnist)
    text = str(caught.value)
    assert text.startswith(f"{name} could not be fetched: expected {len(good):,} bytes")
    assert "404 " in text
    assert "another file" in text
    assert f"{len(good) - 1:,} bytes" in text
    assert list(Mnist.folder().iterdir()) == []
    again = Remote(name, (*addresses, server.address(name)), len(good), first.sha256)
    monkeypatch.setattr(Mnist, "remotes", (again, *Mnist.remotes[1:]))
    get(Mnist)
    assert Mnist.is_there()


def test_without_a_network_it_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/x.gz"
        monkeypatch.setattr(Mnist, "remotes", (Remote("x.gz", (address,), 10, "0" * 64),))
        with pytest.raises(Trouble, match=r"^x\.gz could not be fetched: .*refused.* put the file into "):
            get(Mnist)


def test_files_that_are_there_are_taken_where_they_are_the_right_ones(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, _ = small(Cifar10, server, monkeypatch)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    assert main(["datasets", "--get", "cifar-10", "--from", str(tmp_path)]) == 1
    assert "is not the file of CIFAR-10: expected" in capsys.readouterr().err
    archive.write_bytes(b"another")
    with pytest.raises(Trouble, match="received 7 bytes that are others"):
        take(Cifar10, tmp_path)
    archive.write_bytes(server.files[f"/{archive.name}"])
    assert main(["datasets", "--get", "cifar-10", "--from", str(tmp_path)]) == 0
    assert "CIFAR-10 is in " in capsys.readouterr().out
    assert archive.is_file()
    assert server.asked == []
    assert np.array_equal(Cifar10().load().columns["image"], images)


def test_the_command_line_fetches_and_names_what_there_is(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small(Kmnist, server, monkeypatch)
    assert main(["datasets", "--get", "kmnist", "--json"]) == 0
    assert '"set": "kmnist"' in capsys.readouterr().out
    assert Kmnist.is_there()
    assert main(["datasets", "--get", "mnits"]) == 2
    assert "perhaps mnist is meant" in capsys.readouterr().err
    assert main(["datasets", "--from", "."]) == 2
    assert set(known_sets()) == {one.id for one in EVERY}


def test_damaged_files_are_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    small(Mnist, server, monkeypatch)
    get(Mnist)
    path = Mnist.files()[0]
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(Trouble, match=r"train-images"):
        Mnist().load()
    path.write_bytes(idx(np.zeros((TRAIN - 1, 28, 28))))
    with pytest.raises(Trouble, match="holds another set than MNIST: expected pictures 10×1×28×28"):
        Mnist().load()
    small(Cifar10, server, monkeypatch)
    monkeypatch.setattr(Cifar10, "unpacked", ("../evil.bin",))
    with pytest.raises(Trouble, match=r"cannot be unpacked: expected \.\./evil\.bin in it"):
        known.get(Cifar10)
