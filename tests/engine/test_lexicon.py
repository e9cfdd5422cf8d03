"""Reading concept files: what is kept, what is refused and how it is named."""

import math

import pytest

from matcher.engine import LexiconError, load_lexicon
from matcher.engine.lexicon import MAX_RELATED, parse_line
from matcher.engine.stem import key_of


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


def test_a_good_line_is_read_whole():
    concept = parse_line("wash | труба; ВП | water main; WM | dac=140 sdg=6 cluster=WASH", "f", 3)
    assert concept.ukrainian == ("труба", "ВП")
    assert concept.english == ("water main", "WM")
    assert dict(concept.tags) == {"dac": "140", "sdg": "6", "cluster": "WASH"}
    assert (concept.file, concept.line) == ("f", 3)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a | b", "columns"),
        ("a b | вода | water", "concept id"),
        ("a |  ; | water", "Ukrainian column is empty"),
        ("a | вода | ", "English column is empty"),
        ("a | вода | wаter", "Cyrillic"),
        ("a | вода | water | dac=14", "tag"),
        ("a | вода | water | dac=140 | x", "columns"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_reason(tmp_path, line, reason):
    write(tmp_path, "x.txt", f"# heading\n{line}\nb | школа | school\n")
    lexicon = load_lexicon([tmp_path], built_in=False)
    [fault] = lexicon.faults
    assert (fault.file, fault.line) == ("x.txt", 2)
    assert reason in fault.reason
    assert lexicon.headwords == 1


def test_a_term_of_stop_words_is_a_fault_and_the_rest_of_the_line_stays(tmp_path):
    write(tmp_path, "x.txt", "a | вода; та | water; the\n")
    lexicon = load_lexicon([tmp_path], built_in=False)
    assert len(lexicon.faults) == 2
    assert lexicon.headwords == 1


def test_files_that_are_no_text_are_faults_not_crashes(tmp_path):
    (tmp_path / "x.txt").write_bytes(b"\xff\xfe\x00")
    assert load_lexicon([tmp_path], built_in=False).faults[0].line == 0


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(LexiconError, match="no such folder"):
        load_lexicon([tmp_path / "nowhere"])


def test_translations_are_weighted_by_order_and_have_length_one(lexicon):
    row = dict(lexicon.translations[key_of("ремонт")])
    assert math.isclose(sum(weight**2 for weight in row.values()), 1.0, abs_tol=1e-5)
    assert list(row.values()) == sorted(row.values(), reverse=True)


def test_a_headword_on_two_lines_takes_the_translations_of_both(tmp_path):
    write(tmp_path, "a.txt", "a | замок | castle\n")
    write(tmp_path, "b.txt", "b | замок | lock\n")
    lexicon = load_lexicon([tmp_path], built_in=False)
    assert set(dict(lexicon.translations[key_of("замок")])) == {key_of("castle"), key_of("lock")}
    assert lexicon.concept_of[key_of("замок")] == "a"


def test_theme_files_come_before_general_ones(tmp_path):
    write(tmp_path, "general-1.txt", "g | замок | castle\n")
    write(tmp_path, "zeta.txt", "z | замок | lock\n")
    lexicon = load_lexicon([tmp_path], built_in=False)
    assert lexicon.concept_of[key_of("замок")] == "z"


def test_related_words_are_few_and_begin_with_the_word_itself(lexicon):
    for word, related in lexicon.related.items():
        assert related[0][0] == word
        assert len(related) <= MAX_RELATED


def test_the_built_in_lexicon_is_read_without_bad_lines():
    lexicon = load_lexicon()
    assert [str(fault) for fault in lexicon.faults if "has no key" not in fault.reason] == []
    assert len(lexicon.concepts) >= 1000


def test_the_digest_changes_with_the_content(tmp_path):
    write(tmp_path, "x.txt", "a | вода | water\n")
    before = load_lexicon([tmp_path], built_in=False).digest
    write(tmp_path, "x.txt", "a | вода | waters\n")
    assert load_lexicon([tmp_path], built_in=False).digest != before
