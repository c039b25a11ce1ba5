"""Well-known sets that are too large to come with the program: fetched once, when a person asks for it.

The sizes and hashes are those that TensorFlow Datasets keeps in `url_checksums`. A set is read from the
folder of fetched sets alone; where it is not there, nothing else is read in its place.
"""

from __future__ import annotations

import shutil
import string
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, ClassVar

import numpy as np

from engine import kinds
from engine.data.reading.arrays import read_arrays
from engine.data.reading.cifar import read_cifar
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets.pictures import CLOTHES
from engine.data.source import Source
from engine.files.atomic import os_errors_in_words, write_bytes
from engine.files.download import Progress, Remote, fetch, is_whole
from engine.files.folders import sets_folder
from engine.kinds import declare, param, settings
from engine.message import Message, Trouble

LARGEST = 1 << 30
"""Bytes that a file within an archive may have."""


@settings
class Known(Source):
    """What the well-known sets share: files somewhere, and a folder where they are kept."""

    family = "pictures"
    id: ClassVar[str] = ""
    """What it is called on the command line, and its folder."""
    remotes: ClassVar[tuple[Remote, ...]] = ()
    unpacked: ClassVar[tuple[str, ...]] = ()
    """The files that are needed of an archive; none where the files themselves are fetched."""
    train: ClassVar[int] = 60_000
    test: ClassVar[int] = 10_000

    @classmethod
    def folder(cls) -> Path:
        """Where its files are kept."""
        return sets_folder() / cls.id

    @classmethod
    def files(cls) -> tuple[Path, ...]:
        """The files that it is read from."""
        names = [Path(name).name for name in cls.unpacked] or [remote.name for remote in cls.remotes]
        return tuple(cls.folder() / name for name in names)

    @classmethod
    def is_there(cls) -> bool:
        """Whether all its files are on this machine."""
        return all(path.is_file() for path in cls.files())

    @classmethod
    def size(cls) -> int:
        """How many bytes are fetched for it."""
        return sum(remote.size for remote in cls.remotes)

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """The pictures N×channels×height×width and their classes N, those for testing last."""
        raise NotImplementedError(type(self).__name__)  # every set reads its own

    def load(self) -> Raw:
        """Training pictures first, then the test pictures that the set itself sets aside."""
        if not self.is_there():
            missing = next(path for path in self.files() if not path.is_file())
            raise Trouble(
                "{title} is not on this machine: expected {file} in {folder}. Fetch it ({size} MB) with "
                "“layerloom datasets --get {id}” or in the panel Data, or put its files there.",
                title=self.title,
                file=missing.name,
                folder=str(self.folder()),
                size=f"{max(1, round(self.size() / 1e6)):,}",
                id=self.id,
            )
        images, labels = self.pictures()
        known = self.schema()
        shape = (known.samples, *known.columns["image"].shape)
        if images.shape != shape or labels.shape != shape[:1]:
            raise Trouble(
                "{folder} holds another set than {title}: expected pictures {expected}, received {images} "
                "with labels {labels}. Remove that folder and fetch the set again.",
                folder=str(self.folder()),
                title=self.title,
                expected="×".join(map(str, shape)),
                images="×".join(map(str, images.shape)),
                labels="×".join(map(str, labels.shape)),
            )
        count = known.samples
        return Raw(
            {"image": images, "label": labels.astype(np.int64)}, np.arange(count - known.own_test, count)
        )


def known_sets() -> dict[str, type[Known]]:
    """Every well-known set, by what it is called on the command line."""
    return {cls.id: cls for cls in kinds.registry(Source).values() if issubclass(cls, Known)}


def get(
    known: type[Known], progress: Progress = lambda done: None, stopped: Callable[[], bool] = lambda: False
) -> None:
    """Fetch what is missing of a set. `progress` is told how many of its `size` bytes are there.

    Raises `Stopped` where `stopped` says so, to go on another time, and `Trouble` where it cannot be fetched.
    """
    if known.is_there():
        progress(known.size())
        return
    before = 0
    for remote in known.remotes:
        path = fetch(remote, known.folder(), partial(_further, progress, before), stopped)
        before += remote.size
        if known.unpacked:
            _unpack(path, known)


def _further(progress: Progress, before: int, done: int) -> None:
    progress(before + done)


def take(known: type[Known], folder: Path) -> None:
    """Read a set's files from a folder where they lie already, and keep copies. Raises `Trouble` where one is
    missing or is another file.
    """
    for remote in known.remotes:
        path = folder / remote.name
        if not is_whole(path, remote):
            raise Trouble(
                "{path} is not the file of {title}: expected {size} bytes with the SHA-256 {hash}…, {found}. "
                "Choose the folder with the files as their makers give them.",
                path=str(path),
                title=known.title,
                size=f"{remote.size:,}",
                hash=remote.sha256[:8],
                found=_found(path),
            )
    with os_errors_in_words(known.folder()):
        known.folder().mkdir(parents=True, exist_ok=True)
    for remote in known.remotes:
        if known.unpacked:
            _unpack(folder / remote.name, known, keep=True)
        else:
            place = known.folder() / remote.name
            with os_errors_in_words(place):
                shutil.copyfile(folder / remote.name, place)


def _found(path: Path) -> Message:
    if not path.is_file():
        return Message("received no file")
    return Message("received {size} bytes that are others", size=f"{path.stat().st_size:,}")


def _unpack(archive: Path, known: type[Known], keep: bool = False) -> None:
    """Take what is needed out of an archive, each file whole or not at all, and nothing else."""
    for name in known.unpacked:
        try:
            with _member(archive, name) as member:
                data = member.read(LARGEST)
        except (OSError, EOFError, KeyError, zlib.error, tarfile.TarError, zipfile.BadZipFile) as error:
            raise Trouble(
                "{path} cannot be unpacked: expected {name} in it, received {reason}. Fetch it again.",
                path=str(archive),
                name=name,
                reason=str(error) or type(error).__name__,
            ) from None
        write_bytes(known.folder() / Path(name).name, data)
    if not keep:
        with os_errors_in_words(archive):
            archive.unlink()


@contextmanager
def _member(archive: Path, name: str) -> Iterator[IO[bytes]]:
    """A file within an archive, open for reading."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped, zipped.open(name) as member:
            yield member
    else:
        with tarfile.open(archive) as packed:
            found = packed.extractfile(name)
            if found is None:
                raise KeyError(f"{name} is no file")
            with found:
                yield found


# --------------------------------------------------------------------------- the MNIST family


@settings
class IdxSet(Known):
    """Grey pictures of 28×28 in the four files of MNIST."""

    classes: ClassVar[tuple[str, ...]] = tuple(string.digits)
    doc_of_label: ClassVar[str] = "the class of the picture"

    def schema(self) -> Schema:
        """A picture and its class."""
        return schema_of(
            Column("image", (1, 28, 28), doc="a grey picture, bright ink on dark ground", lo=0, hi=255),
            target=Column("label", (), "int", self.classes, doc=self.doc_of_label),
            samples=self.train + self.test,
            own_test=self.test,
        )

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """The four files in their order: pictures and labels to train, then those to test."""
        arrays = [next(iter(read_arrays(path).values())) for path in self.files()]
        images, labels = np.concatenate(arrays[::2]), np.concatenate(arrays[1::2])
        return images[:, None], labels


def _four(addresses: tuple[str, ...], *facts: tuple[int, str]) -> tuple[Remote, ...]:
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    return tuple(
        Remote(f"{name}-ubyte.gz", tuple(f"{one}{name}-ubyte.gz" for one in addresses), size, sha256)
        for name, (size, sha256) in zip(names, facts, strict=True)
    )


@declare(
    title="MNIST",
    hint="70,000 handwritten digits, 28×28; to fetch",
    search="handwriting digits classification lecun download",
)
class Mnist(IdxSet):
    """Handwritten digits as grey pictures of 28×28 pixels, 60,000 to learn from and 10,000 to test.

    The set that everybody knows, to compare with what others reached.

    Source: Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998.

    Licence: CC BY-SA 3.0, as commonly stated; its makers' page says none.
    """

    id = "mnist"
    doc_of_label = "the digit that was written"
    remotes = _four(
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    )


@declare(
    title="Fashion-MNIST",
    hint="70,000 articles of clothing, 28×28; to fetch",
    search="fashion zalando clothes classification download",
)
class FashionMnist(IdxSet):
    """Clothes as grey pictures of 28×28 pixels, 60,000 to learn from and 10,000 to test.

    All of it, where the tenth that comes with the program is not enough.

    Source: H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, Zalando Research, 2017.

    Licence: MIT, © 2017 Zalando SE.
    """

    id = "fashion-mnist"
    classes = CLOTHES
    doc_of_label = "the kind of clothing"
    remotes = _four(
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    )


@declare(
    title="KMNIST",
    hint="70,000 cursive Japanese characters, 28×28; to fetch",
    search="kuzushiji japanese hiragana characters classification download",
)
class Kmnist(IdxSet):
    """Cursive Japanese characters as grey pictures of 28×28 pixels, 60,000 to learn from, 10,000 to test.

    In the form of MNIST, and harder: one character is written in several ways.

    Source: T. Clanuwat et al., Deep learning for classical Japanese literature, 2018; ROIS-DS CODH.

    Licence: CC BY-SA 4.0.
    """

    id = "kmnist"
    classes = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    doc_of_label = "the character that was written"
    remotes = _four(
        ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        (18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    )


BALANCED = "balanced"
_MERGED = "cijklmopsuvwxyz"  # small letters that look like their capitals


def _emnist(part: str) -> tuple[str, ...]:
    return tuple(
        f"gzip/emnist-{part}-{side}-{what}-ubyte.gz"
        for side in ("train", "test")
        for what in ("images-idx3", "labels-idx1")
    )


@declare(
    title="EMNIST",
    hint="131,600 handwritten letters and digits, 28×28; to fetch",
    search="handwriting letters digits characters classification nist download",
)
class Emnist(IdxSet):
    """Handwritten letters and digits as grey pictures of 28×28 pixels, as many of each class.

    In the form of MNIST, with more classes. Letters whose small and capital forms look alike are one class.

    Source: G. Cohen, S. Afshar, J. Tapson and A. van Schaik, EMNIST, 2017; NIST Special Database 19.

    Licence: no terms stated by its makers; the pictures are a work of the US government.
    """

    part: str = param(
        BALANCED,
        options=(BALANCED, "digits", "mnist"),
        doc="balanced has 47 classes of letters and digits; digits and mnist have ten, and 280,000 or 70,000 "
        "pictures",
    )

    id = "emnist"
    doc_of_label = "what was written"
    remotes = (
        Remote(
            "gzip.zip",
            (
                "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
            ),
            561753746,
            "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
        ),
    )
    PARTS = {BALANCED: (112_800, 18_800), "digits": (240_000, 40_000), "mnist": (60_000, 10_000)}
    unpacked = tuple(name for part in (BALANCED, "digits", "mnist") for name in _emnist(part))

    def schema(self) -> Schema:
        """A picture and its class."""
        train, test = self.PARTS[self.part]
        letters = string.ascii_uppercase + "".join(
            one for one in string.ascii_lowercase if one not in _MERGED
        )
        classes = string.digits + (letters if self.part == BALANCED else "")
        return schema_of(
            Column("image", (1, 28, 28), doc="a grey picture, bright ink on dark ground", lo=0, hi=255),
            target=Column("label", (), "int", tuple(classes), doc=self.doc_of_label),
            samples=train + test,
            own_test=test,
        )

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """The four files of the part; its pictures lie on their side."""
        paths = [self.folder() / Path(name).name for name in _emnist(self.part)]
        arrays = [next(iter(read_arrays(path).values())) for path in paths]
        images, labels = np.concatenate(arrays[::2]), np.concatenate(arrays[1::2])
        return images.swapaxes(1, 2)[:, None], labels


# --------------------------------------------------------------------------- CIFAR


@settings
class CifarSet(Known):
    """Colour pictures of 32×32 in CIFAR's binary form."""

    train, test = 50_000, 10_000

    def names(self) -> tuple[str, ...]:
        """The names of the classes."""
        raise NotImplementedError(type(self).__name__)  # each has its own

    def chosen(self) -> str:
        """Which of the labels before a picture is asked for."""
        return "label"

    def schema(self) -> Schema:
        """A picture in colour and its class."""
        return schema_of(
            Column("image", (3, 32, 32), doc="a picture in red, green and blue", lo=0, hi=255),
            target=Column("label", (), "int", self.names(), doc="what is on the picture"),
            samples=self.train + self.test,
            own_test=self.test,
        )

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """All files of the set, one after the other."""
        read = [read_cifar(path) for path in self.files()]
        images = np.concatenate([one.images for one in read])
        return images, np.concatenate([one.labels[self.chosen()] for one in read])


def _archive(name: str, size: int, sha256: str) -> tuple[Remote, ...]:
    return (Remote(name, (f"https://www.cs.toronto.edu/~kriz/{name}",), size, sha256),)


@declare(
    title="CIFAR-10",
    hint="60,000 pictures in colour, 32×32, 10 classes; to fetch",
    search="cifar colour photographs animals vehicles classification download",
)
class Cifar10(CifarSet):
    """Small photographs of 32×32 pixels of animals and vehicles, 50,000 to learn from and 10,000 to test.

    For convolutions in colour: a plain network gets little more than half of them right.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Licence: no terms stated by its makers.
    """

    id = "cifar-10"
    remotes = _archive(
        "cifar-10-binary.tar.gz",
        170052171,
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    )
    unpacked = (
        *(f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6)),
        "cifar-10-batches-bin/test_batch.bin",
    )

    def names(self) -> tuple[str, ...]:
        """Ten things."""
        return ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


FINE, COARSE = "100 classes", "20 classes"


@declare(
    title="CIFAR-100",
    hint="60,000 pictures in colour, 32×32, 100 classes; to fetch",
    search="cifar colour photographs classification superclasses download",
)
class Cifar100(CifarSet):
    """Small photographs of 32×32 pixels of a hundred things, 50,000 to learn from and 10,000 to test.

    Five hundred pictures of each class are few: it shows what regularisation is good for.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.

    Licence: no terms stated by its makers.
    """

    classes: str = param(
        FINE, options=(FINE, COARSE), doc="What is asked: the thing itself, or the group that it belongs to"
    )

    id = "cifar-100"
    remotes = _archive(
        "cifar-100-binary.tar.gz",
        168513733,
        "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    )
    unpacked = ("cifar-100-binary/train.bin", "cifar-100-binary/test.bin")

    def names(self) -> tuple[str, ...]:
        """A hundred things, or their twenty groups."""
        return THINGS if self.classes == FINE else GROUPS

    def chosen(self) -> str:
        """The label of the thing, or of its group."""
        return "fine" if self.classes == FINE else "coarse"


_THINGS = """
apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, bridge,
bus, butterfly, camel, can, castle, caterpillar, cattle, chair, chimpanzee, clock, cloud,
cockroach, couch, crab, crocodile, cup, dinosaur, dolphin, elephant, flatfish, forest, fox, girl,
hamster, house, kangaroo, keyboard, lamp, lawn mower, leopard, lion, lizard, lobster, man, maple
tree, motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, otter, palm tree, pear,
pickup truck, pine tree, plain, plate, poppy, porcupine, possum, rabbit, raccoon, ray, road,
rocket, rose, sea, seal, shark, shrew, skunk, skyscraper, snail, snake, spider, squirrel,
streetcar, sunflower, sweet pepper, table, tank, telephone, television, tiger, tractor, train,
trout, tulip, turtle, wardrobe, whale, willow tree, wolf, woman, worm
"""
_GROUPS = """
aquatic mammals, fish, flowers, food containers, fruit and vegetables, household electrical
devices, household furniture, insects, large carnivores, large man-made outdoor things, large
natural outdoor scenes, large omnivores and herbivores, medium mammals, non-insect invertebrates,
people, reptiles, small mammals, trees, vehicles 1, vehicles 2
"""
THINGS, GROUPS = (tuple(" ".join(one.split()) for one in text.split(",")) for text in (_THINGS, _GROUPS))
