"""Sources and their schemas: what they promise is what they load, and bad files are told in words."""

from __future__ import annotations

import gzip
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from engine import kinds
from engine.data.own.file_source import sets
from engine.data.prepare import prepare, schema
from engine.data.schema import Column
from engine.data.sets import shipped
from engine.data.sets.pictures import Digits, Fashion
from engine.data.sets.series import CarbonDioxide, Sunspots
from engine.data.sets.speech import SpokenDigits
from engine.data.sets.tables import BreastCancer, Diabetes, Iris, Wine
from engine.data.sets.texts import FirstNames, Poems
from engine.data.sets.toys import Blobs, Circles, Moons, Spirals, Toy, Xor
from engine.data.sets.videos import MovingDigits
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds.shapes import per_sample
from engine.message import Illegal, Trouble

EVERY: tuple[Source, ...] = (
    Digits(),
    Iris(),
    Wine(),
    BreastCancer(),
    Diabetes(),
    Fashion(),
    SpokenDigits(),
    MovingDigits(),
    Sunspots(),
    Sunspots(window=2, horizon=30),
    Sunspots(window=120, horizon=5),
    CarbonDioxide(),
    CarbonDioxide(window=9, horizon=13, gaps="line"),
    CarbonDioxide(window=104, gaps="left out"),
    FirstNames(),
    FirstNames(length=3),
    Poems(),
    Poems(length=10, characters=100),
    Moons(),
    Circles(samples=21),
    Spirals(arms=5, samples=333),
    Blobs(heaps=7),
    Xor(fields=3),
)


def name(source: Source) -> str:
    return "-".join([type(source).__name__, *map(str, kinds.values_to_json(source).values())])


@pytest.mark.parametrize("source", EVERY, ids=name)
def test_a_schema_says_what_is_loaded(source: Source) -> None:
    known, raw = source.schema(), source.load()
    assert set(raw.columns) == set(known.columns)
    for key, column in known.columns.items():
        values = raw.columns[key]
        assert column.name == key
        assert values.shape == (known.samples, *column.shape)
        assert column.shaped == per_sample(*column.shape, dtype=column.dtype)
        assert len(column.names) in {0, column.shape[-1] if column.shape else 0}
        assert len(column.units) in {0, len(column.names)}
        assert np.isfinite(values).all()
        assert column.lo is None or values.min() >= column.lo
        assert column.hi is None or values.max() <= column.hi
        if column.classes:
            assert set(np.unique(values)) == set(range(len(column.classes)))
    assert set(known.inputs) | {known.target} == set(known.columns)
    assert known.own_test == (0 if raw.own_test is None else len(raw.own_test))


def test_a_column_knows_what_it_is() -> None:
    found = {
        (type(source).__name__, column.name): column.kind
        for source in (cls() for cls in sets().values())
        for column in source.schema().columns.values()
    }
    assert found["Digits", "image"] == found["RandomPictures", "image"] == "image"
    assert (
        found["Wine", "features"] == found["Digits", "label"] == found["Diabetes", "progression"] == "table"
    )
    assert found["Sunspots", "window"] == found["JapaneseVowels", "voice"] == "series"
    assert found["RandomWords", "words"] == found["Backwards", "read"] == "text"
    assert Column("voice", (16_000,), kind="audio").kind == "audio"


ONE_OF_EACH = tuple({type(one): one for one in reversed(EVERY)}.values())


@pytest.mark.parametrize("source", ONE_OF_EACH, ids=lambda one: type(one).__name__)
def test_a_source_says_what_it_is(source: Source) -> None:
    assert source.label() == source.title != ""
    assert source.doc().endswith(("?", "."))
    assert f"{source.schema().samples:,}" in source.hint or source.schema().series or isinstance(source, Toy)
    listed = (shipped.FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    assert f"| {source.title} " in listed


def test_names_are_those_of_the_data() -> None:
    from sklearn.datasets import load_breast_cancer, load_iris, load_wine

    iris, wine, cancer = load_iris(), load_wine(), load_breast_cancer()
    assert [f"{n} (cm)" for n in Iris().schema().columns["features"].names] == iris.feature_names
    assert Iris().schema().classes == tuple(iris.target_names)
    spelt = [n.replace("_", " ") for n in wine.feature_names]
    assert list(Wine().schema().columns["features"].names) == spelt
    assert list(BreastCancer().schema().columns["features"].names) == list(cancer.feature_names)
    assert BreastCancer().schema().classes == tuple(cancer.target_names)
    # scikit-learn only numbers the wines; the study counts 59 Barolo, 71 Grignolino and 48 Barbera
    counted = dict(zip(Wine().schema().classes, np.bincount(wine.target), strict=True))
    assert counted == {"Barolo": 59, "Grignolino": 71, "Barbera": 48}
    with np.load(shipped.FOLDER / "fashion.npz") as file:
        assert Fashion().schema().classes == tuple(file["classes"])


def test_diabetes_is_in_the_units_of_measurement() -> None:
    age = Diabetes().load().columns["features"][:, 0]
    assert 18 < age.min() < age.max() < 80


def test_a_window_ends_as_far_before_its_target_as_the_horizon_says() -> None:
    values = Sunspots(window=2, horizon=1).load().columns
    first = [5.0, 11.0, 16.0, 23.0]  # 1700 to 1703
    assert values["window"][:2, :, 0].tolist() == [first[0:2], first[1:3]]
    assert values["next"][:2, 0].tolist() == first[2:4]
    far = Sunspots(window=3, horizon=7)
    columns = far.load().columns
    known = dict(zip(range(1702, 2009), values["next"][:, 0], strict=True))
    for row in (0, 5, far.schema().samples - 1):
        assert columns["next"][row, 0] == known[far.year(row)]
        assert columns["window"][row, -1, 0] == known.get(far.year(row) - 7)
    assert far.year(far.schema().samples - 1) == 2008


def test_the_years_of_the_file_are_the_years_of_the_source() -> None:
    lines = (shipped.FOLDER / "sunspots.csv").read_text(encoding="utf-8").split()
    assert (lines[1].split(",")[0], lines[-1].split(",")[0]) == ("1700", "2008")


def test_a_week_that_was_not_measured_is_filled_as_declared_and_is_no_target() -> None:
    lines = [one.split(",")[1] for one in (shipped.FOLDER / "co2.csv").read_text().split()[1:]]
    weeks = [float(one) if one else None for one in lines]
    gap = next(i for i, one in enumerate(weeks) if one is None)
    assert gap == 6

    def window(gaps: str, target: int) -> list[float] | None:
        source = CarbonDioxide(window=3, gaps=gaps)
        columns = source.load().columns
        for row in range(source.schema().samples):
            if source.week(row) == CarbonDioxide.FIRST + timedelta(weeks=target):
                assert columns["next"][row, 0] == weeks[target]
                return columns["window"][row, :, 0].tolist()
        return None

    before, after = weeks[gap - 1], weeks[gap + 1]
    assert before is not None
    assert after is not None
    for gaps in ("last value", "line", "left out"):
        assert window(gaps, gap) is None
        assert window(gaps, gap - 1) == weeks[gap - 4 : gap - 1]
    assert window("last value", gap + 2) == [before, before, after]
    assert window("line", gap + 2) == [before, (before + after) / 2, after]
    assert window("left out", gap + 2) is None
    # the gap ends the window: the line would lead to the very value that is to be foretold
    assert window("line", gap + 1) == [weeks[gap - 2], before, before]


def test_a_text_is_read_back_from_its_numbers() -> None:
    for source, texts in (
        (FirstNames(), ["abbey", "abbie"]),
        (Poems(), ["楊子長條玉作葩，花光凍棘眩冰花。短蓬幾見空相似，捕影圖成試喫茶。"]),
    ):
        column = source.schema().inputs[0]
        signs = source.signs(column)
        assert signs is not None
        assert signs.encode([], 3).shape == (0, 3)
        rows = source.load().columns[column]
        for row, text in zip(rows, texts, strict=False):
            known = "".join(one if one in signs.signs else "�" for one in text)
            assert signs.decode(row) == known
            assert signs.encode([text], len(row)).tolist() == [row.tolist()]
        assert source.schema().columns[column].hi == len(signs.signs) + 1
        assert source.signs(source.schema().target) is None
    assert FirstNames(length=3).load().columns["name"][0].tolist() == [2, 3, 3]
    assert Digits().signs("image") is None


def test_the_vocabulary_is_that_of_the_poems_outside_the_test_part() -> None:
    source = Poems(characters=5500)
    raw, signs = source.load(), source.signs("poem")
    assert signs is not None
    assert raw.own_test is not None
    learnt = np.setdiff1d(np.arange(source.SAMPLES), raw.own_test)
    counts = np.bincount(raw.columns["poem"][learnt].ravel(), minlength=5502)
    # as frequent as their order says: nothing is counted from the test part
    assert (np.diff(counts[2:]) <= 0).all()
    assert counts[2:].min() >= 1
    test = {signs.decode(row) for row in raw.columns["poem"][raw.own_test]}
    assert not test & {signs.decode(row) for row in raw.columns["poem"][learnt]}


@pytest.mark.parametrize("toy", [Moons, Circles, Spirals, Blobs, Xor])
def test_toys_follow_their_settings(toy: type[Toy]) -> None:
    def points(**chosen: float) -> np.ndarray:
        return toy(**chosen).load().columns["point"]  # type: ignore[arg-type]  # whole where it must be

    assert np.array_equal(points(), points())
    assert len(points(samples=50)) == 50
    assert not np.array_equal(points(), points(points_seed=1))
    assert points(noise=1).std() > points().std()
    still = {kind: kind(noise=0).load().columns for kind in (Moons, Circles, Spirals)}
    radius = {kind: np.hypot(*columns["point"].T) for kind, columns in still.items()}
    assert set(radius[Circles].round(9)) == {0.5, 1.0}
    assert radius[Moons][:500] == pytest.approx(1)
    turned = Spirals(noise=0, arms=4, turns=1).load().columns["point"].reshape(4, -1, 2)
    assert turned[1] == pytest.approx(turned[0] @ np.array([[0, 1], [-1, 0]]))
    chess = Xor(noise=0, fields=3).load().columns
    fields = np.floor((chess["point"] + 1) / 2 * 3).astype(int)
    assert np.array_equal(fields.sum(1) % 2, chess["class"])


# --------------------------------------------------------------------------- bad files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "source",
    [Fashion(), Sunspots(), CarbonDioxide(), FirstNames(), Poems()],
    ids=lambda one: type(one).__name__,
)
def test_a_missing_file_is_named(source: Source, folder: Path) -> None:
    with pytest.raises(Trouble, match=r"missing: expected .*\.(npz|csv|csv\.gz)\. Install") as caught:
        source.load()
    assert str(folder) in str(caught.value)


def _line(year: int) -> str:
    return f"{year},1\n"


BAD_CSV = {
    "empty": b"",
    "words": b"YEAR,SUNACTIVITY\n1700,many\n",
    "three columns": b"YEAR,A,B\n1700,1,2\n",
    "too short": ("YEAR,SUNACTIVITY\n" + "".join(map(_line, range(1700, 1800)))).encode(),
    "a year left out": ("Y,S\n" + "".join(_line(y) for y in range(1700, 2009) if y != 1850)).encode(),
    "not text": bytes(range(128, 256)),
    "zeros": b"a,b\n" + bytes(100),
}


@pytest.mark.parametrize("content", BAD_CSV.values(), ids=BAD_CSV)
def test_a_broken_table_is_told(content: bytes, folder: Path) -> None:
    (folder / "sunspots.csv").write_bytes(content)
    with pytest.raises(Trouble, match=r"damaged: expected .*1700 to 2008.*received .+\. Install"):
        Sunspots().load()

    for name, source, expected in (
        ("co2.csv", CarbonDioxide(), "2,284 weeks"),
        ("first_names.csv", FirstNames(), "4,832 names"),
        ("poems.csv.gz", Poems(), "8,000 poems"),
    ):
        (folder / name).write_bytes(content)
        with pytest.raises(Trouble, match=rf"damaged: expected .*{expected}.*received .+\. Install"):
            source.load()
    (folder / "poems.csv.gz").write_bytes(gzip.compress(content))
    with pytest.raises(Trouble, match=r"damaged: expected .*8,000 poems.*received .+\. Install"):
        Poems().load()


def _pictures(path: Path, count: int, dtype: str = "uint8", left_out: str = "") -> None:
    arrays = {
        "train_images": np.zeros((count, 28, 28), dtype),
        "train_labels": np.zeros(count, "uint8"),
        "test_images": np.zeros((1000, 28, 28), dtype),
        "test_labels": np.zeros(1000, "uint8"),
    }
    np.savez_compressed(path, **{key: value for key, value in arrays.items() if key != left_out})


def _inverted(content: bytes, start: int, end: int) -> bytes:
    return content[:start] + bytes(byte ^ 255 for byte in content[start:end]) + content[end:]


WHOLE = (shipped.FOLDER / "fashion.npz").read_bytes()
BAD_FILES = {
    "empty": b"",
    "text": b"hello",
    "truncated": WHOLE[: len(WHOLE) // 2],
    "damaged head": _inverted(WHOLE, 0, 40),
    "damaged pictures": _inverted(WHOLE, 1_000_000, 1_000_400),
    "damaged list of contents": _inverted(WHOLE, len(WHOLE) - 300, len(WHOLE) - 100),
}


@pytest.mark.parametrize("content", BAD_FILES.values(), ids=BAD_FILES)
@pytest.mark.filterwarnings("error")
def test_a_damaged_file_of_pictures_is_told(content: bytes, folder: Path) -> None:
    (folder / "fashion.npz").write_bytes(content)
    with pytest.raises(Trouble, match=r"damaged: expected 6,000 pictures .*received .+\. Install"):
        Fashion().load()


@pytest.mark.parametrize(
    "change", [{"count": 4999}, {"dtype": "float32"}, {"left_out": "test_labels"}], ids=str
)
def test_pictures_of_another_kind_are_told(change: dict[str, object], folder: Path) -> None:
    _pictures(folder / "fashion.npz", **{"count": 5000, **change})
    with pytest.raises(Trouble, match="damaged: expected 6,000 pictures"):
        Fashion().load()


def test_a_file_cannot_run_code(folder: Path) -> None:
    np.savez(folder / "fashion.npz", train_images=np.array([{}], dtype=object))
    with pytest.raises(Trouble, match="allow_pickle=False"):
        Fashion().load()


# --------------------------------------------------------------------------- settings


def test_settings_are_values() -> None:
    one, two = DataSettings(source=Sunspots(window=30)), DataSettings(source=Sunspots(window=30))
    assert one == two
    assert hash(one) == hash(two)
    assert DataSettings().source == Digits()
    assert DataSettings(source=Iris()) != DataSettings(source=Wine())
    assert one != DataSettings(source=Sunspots(window=31))


@pytest.mark.parametrize("source", EVERY, ids=name)
def test_settings_survive_their_file_form(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {type(one).__name__: type(one) for one in EVERY}
    monkeypatch.setattr(kinds, "registry", lambda base: known)
    before = DataSettings(source=source, validation=0.2, test=0.1, seed=7, scale="none")
    assert kinds.values_from_json(DataSettings, kinds.values_to_json(before)) == before


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("validation", 0.0),
        ("validation", float("nan")),
        ("test", 0.6),
        ("test", "a lot"),
        ("seed", -1),
        ("seed", 2**32),
        ("scale", "loud"),
        ("source", 3),
    ],
)
def test_an_illegal_setting_is_refused(setting: str, value: object) -> None:
    with pytest.raises(Illegal, match="expected"):
        kinds.changed(DataSettings(), setting, value)


@pytest.mark.parametrize("settings", [{"window": 1}, {"window": 121}, {"horizon": 0}, {"horizon": 31}])
def test_a_series_keeps_its_limits(settings: dict[str, int]) -> None:
    with pytest.raises(Illegal, match="expected a whole number"):
        Sunspots(**settings)


def test_the_same_settings_are_prepared_once() -> None:
    assert prepare(DataSettings(source=Wine())) is prepare(DataSettings(source=Wine()))
    assert schema(DataSettings(source=Wine())) is schema(DataSettings(source=Wine(), seed=1))


def test_a_schema_needs_neither_torch_nor_scikit_learn() -> None:
    code = (
        "import sys; from engine.data.prepare import schema; "
        "from engine.data.settings import DataSettings; schema(DataSettings()); "
        "print([name for name in ('torch', 'sklearn', 'scipy', 'pandas') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_preparing_needs_no_torch() -> None:
    code = (
        "import sys; from engine.data.prepare import prepare; from engine.data.settings import DataSettings; "
        "prepare(DataSettings()); print('torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
