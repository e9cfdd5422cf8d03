"""A lexicon that lies ready: the same as the one that was read, or made anew."""

import pytest

from matcher.engine import compiled
from matcher.engine.compiled import keep_lexicon, open_lexicon

FIELDS = ("concepts", "translations", "english", "related", "concept_of", "phrases", "digest")


@pytest.fixture(autouse=True)
def other_process(monkeypatch, tmp_path):
    """Forget what this process has open; a small lexicon stands for the built-in one."""
    built_in = tmp_path / "built-in"
    built_in.mkdir()
    line = "bread-salt | хліб-сіль; хліб і сіль; хліб | bread and salt; bread\n"
    (built_in / "food.txt").write_text(line, encoding="utf-8")
    monkeypatch.setattr("matcher.engine.lexicon.BUILT_IN", built_in)
    monkeypatch.setattr(compiled, "_OPEN", {})


@pytest.fixture
def additions(tmp_path):
    folder = tmp_path / "lexicon"
    folder.mkdir()
    (folder / "own.txt").write_text("own-well | криничка | little well\n", encoding="utf-8")
    return folder


def test_it_comes_back_whole_with_its_forms(tmp_path, additions):
    path = tmp_path / "index" / "lexicon.json"
    made = open_lexicon([additions], path)
    made.table.keys("Небачене")
    keep_lexicon(made, [additions], path)
    compiled._OPEN.clear()
    found = open_lexicon([additions], path)
    assert [getattr(found, name) for name in FIELDS] == [getattr(made, name) for name in FIELDS]
    assert found.table.packed() == made.table.packed()
    for raw in ("Небачене", "хліб-сіль", "don't", "та"):
        assert found.table.keys(raw) == made.table.keys(raw)
    assert found.concept_of["криничк"] == "own-well"


def test_forms_that_lie_ready_are_not_analysed_again(tmp_path, additions, monkeypatch):
    path = tmp_path / "lexicon.json"
    keep_lexicon(open_lexicon([additions], path), [additions], path)
    compiled._OPEN.clear()
    monkeypatch.setattr("matcher.engine.stem.key_of", None)
    assert open_lexicon([additions], path).table.keys("криничка")[0].key == "криничк"


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "empty", "other"])
def test_what_is_damaged_is_made_anew(tmp_path, additions, damage):
    path = tmp_path / "lexicon.json"
    made = open_lexicon([additions], path)
    keep_lexicon(made, [additions], path)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    shapes = {"cut": content[:-100], "flipped": content, "empty": b"", "other": b"a 1 b\n{}"}
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(shapes[damage])
    compiled._OPEN.clear()
    assert open_lexicon([additions], path).digest == made.digest


def test_a_changed_file_is_read_at_once(tmp_path, additions):
    path = tmp_path / "lexicon.json"
    keep_lexicon(open_lexicon([additions], path), [additions], path)
    (additions / "own.txt").write_text("own-weir | гать | weir\n", encoding="utf-8")
    assert "own-weir" in open_lexicon([additions], path).concept_of.values()


def test_it_is_written_again_only_with_new_forms(tmp_path, additions):
    path = tmp_path / "lexicon.json"
    lexicon = open_lexicon([additions], path)
    keep_lexicon(lexicon, [additions], path)
    before = path.stat().st_mtime_ns
    keep_lexicon(lexicon, [additions], path)
    assert path.stat().st_mtime_ns == before
    lexicon.table.keys("щойновідкрите")
    keep_lexicon(lexicon, [additions], path)
    assert path.stat().st_mtime_ns > before
