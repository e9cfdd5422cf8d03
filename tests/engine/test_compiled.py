"""A lexicon that lies ready: the same as the one that was read, or made anew."""

import hashlib
import threading

import pytest

from matcher.engine import compiled
from matcher.engine.compiled import keep_lexicon, open_lexicon
from matcher.engine.files import write_whole

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
    keep_lexicon(made, path)
    compiled._OPEN.clear()
    found = open_lexicon([additions], path)
    assert [getattr(found, name) for name in FIELDS] == [getattr(made, name) for name in FIELDS]
    assert found.table.packed() == made.table.packed()
    for raw in ("Небачене", "хліб-сіль", "don't", "та"):
        assert found.table.keys(raw) == made.table.keys(raw)
    assert found.concept_of["криничк"] == "own-well"


def test_forms_that_lie_ready_are_not_analysed_again(tmp_path, additions, monkeypatch):
    path = tmp_path / "lexicon.json"
    keep_lexicon(open_lexicon([additions], path), path)
    compiled._OPEN.clear()
    monkeypatch.setattr("matcher.engine.stem.key_of", None)
    assert open_lexicon([additions], path).table.keys("криничка")[0].key == "криничк"


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "empty", "other"])
def test_what_is_damaged_is_made_anew(tmp_path, additions, damage):
    path = tmp_path / "lexicon.json"
    made = open_lexicon([additions], path)
    keep_lexicon(made, path)
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
    keep_lexicon(open_lexicon([additions], path), path)
    (additions / "own.txt").write_text("own-weir | гать | weir\n", encoding="utf-8")
    assert "own-weir" in open_lexicon([additions], path).concept_of.values()


def test_it_is_written_again_only_with_new_forms(tmp_path, additions):
    path = tmp_path / "lexicon.json"
    lexicon = open_lexicon([additions], path)
    keep_lexicon(lexicon, path)
    before = path.stat().st_mtime_ns
    keep_lexicon(lexicon, path)
    assert path.stat().st_mtime_ns == before
    lexicon.table.keys("щойновідкрите")
    keep_lexicon(lexicon, path)
    assert path.stat().st_mtime_ns > before


def test_an_addition_that_changes_while_a_process_runs_is_not_kept_under_the_new_name(
    tmp_path, additions
):
    path = tmp_path / "lexicon.json"
    lexicon = open_lexicon([additions], path)
    (additions / "own.txt").write_text("own-dam | гатканець | dam\n", encoding="utf-8")
    keep_lexicon(lexicon, path)
    compiled._OPEN.clear()
    assert "own-dam" in open_lexicon([additions], path).concept_of.values()


def test_a_damaged_file_is_mended_by_the_next_keeping(tmp_path, additions):
    path = tmp_path / "lexicon.json"
    keep_lexicon(open_lexicon([additions], path), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + b"X" + whole[-8:])
    compiled._OPEN.clear()
    keep_lexicon(open_lexicon([additions], path), path)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("body", [b"{}", b"null", b"{", b"\xff", b'{"concepts": 1}'])
def test_a_file_with_other_content_under_a_true_digest_is_made_anew(tmp_path, additions, body):
    path = tmp_path / "lexicon.json"
    made = open_lexicon([additions], path)
    head = f"{made.sources} 1 {hashlib.sha256(body).hexdigest()}\n".encode()
    path.write_bytes(head + body)
    compiled._OPEN.clear()
    assert open_lexicon([additions], path).digest == made.digest


def test_a_folder_or_a_broken_link_among_the_files_is_a_fault_not_a_crash(tmp_path, additions):
    (additions / "folder.txt").mkdir()
    (additions / "link.txt").symlink_to(additions / "nowhere")
    lexicon = open_lexicon([additions], tmp_path / "lexicon.json")
    assert {fault.file for fault in lexicon.faults} == {"folder.txt", "link.txt"}


def test_two_writers_never_leave_half_a_file(tmp_path):
    path = tmp_path / "file"
    contents = [letter * 2_000_000 for letter in (b"a", b"b")]

    def write(content):
        for _ in range(20):
            write_whole(path, content)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if path.exists():
            assert path.read_bytes() in contents
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("file")] == ["file"]
