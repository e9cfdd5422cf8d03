"""The command line: files in, rankings out, bad lines named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.engine.__main__ import main

PROFILES = [
    {"id": "water", "title": "Water", "text": "water supply, pipelines, pumping stations"},
    {"id": "school", "title": "Schools", "text": "schools, education and shelters"},
    {"id": "energy", "title": "Energy", "text": "solar power, energy efficiency of hospitals"},
]
IDEAS = [
    {"id": "i1", "title": "Ремонт водогону", "text": "Водопостачання села, насосна станція"},
    {"id": "i2", "title": "Укриття школи", "text": "Навчання дітей в укритті школи"},
    {"id": "i3", "title": "Сонячна лікарня", "text": "Енергоефективність лікарні"},
]


@pytest.fixture
def files(tmp_path):
    def write(profiles=PROFILES, ideas=IDEAS):
        paths = []
        for name, rows in (("P.jsonl", profiles), ("I.jsonl", ideas)):
            lines = [
                row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows
            ]
            path = tmp_path / name
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            paths.append(str(path))
        return ["--profiles", paths[0], "--ideas", paths[1]]

    return write


def ranked(capsys, arguments, code=0):
    assert main(["rank", *arguments]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_idea_has_one_line_with_its_best_profile_first(files, capsys):
    lines = ranked(capsys, [*files(), "--top", "2"])
    assert [(line["idea"], line["hits"][0]["profile"]) for line in lines] == [
        ("i1", "water"),
        ("i2", "school"),
        ("i3", "energy"),
    ]
    assert {len(line["hits"]) for line in lines} == {2}
    hit = lines[0]["hits"][0]
    assert {"profile", "rank", "score", "cosine", "eligibility", "evidence"} <= set(hit)
    assert hit["evidence"] == []


def test_a_terminal_sees_a_progress_bar(files, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["rank", *files()]) == 0
    assert "] 6/6\n" in capsys.readouterr().err


def test_top_must_be_positive(files, capsys):
    with pytest.raises(SystemExit):
        main(["rank", *files(), "--top", "0"])
    assert "must be 1 or more" in capsys.readouterr().err


def test_reasons_are_written_when_asked_for(files, capsys):
    [hit, *_] = ranked(capsys, [*files(), "--explain"])[0]["hits"]
    assert sum(part["contribution"] for part in hit["evidence"]) == pytest.approx(
        hit["score"], abs=1e-5
    )


def test_bad_lines_are_named_and_the_rest_is_ranked(files, capsys, tmp_path):
    bad = [
        *("{", "[1]", json.dumps({"id": "", "title": "x"}), json.dumps({"id": 7})),
        *(json.dumps({"id": "i1"}), json.dumps({"id": "x", "text": 5})),
        json.dumps({"id": "y", "amount": "lots"}),
        json.dumps({"id": "y", "sectors": [1]}),
        json.dumps({"id": "y", "rules": {"unheard": 1}}),
        json.dumps({"id": "y", "rules": {"closes_on": "soon"}}),
        json.dumps({"id": "y", "duration_months": "3"}),
        json.dumps({"id": "y", "rules": []}) + " ",
        json.dumps({"id": "y", "rules": [1]}),
    ]
    out = tmp_path / "out.jsonl"
    arguments = ["rank", *files(ideas=[IDEAS[0], "", *bad]), "--out", str(out)]
    assert main(arguments) == 1
    errors = capsys.readouterr().err.splitlines()
    named = {int(line.split(":")[1]) for line in errors}
    assert named == {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15}
    assert [json.loads(line)["idea"] for line in out.read_text().splitlines()] == ["i1", "y"]


def test_a_missing_file_is_one_line_not_a_traceback(files, capsys, tmp_path):
    arguments = files()
    assert main(["rank", *arguments[:3], str(tmp_path / "none.jsonl")]) == 1
    assert "none.jsonl cannot be read" in capsys.readouterr().err


def test_rules_and_facts_give_verdicts_at_a_dated_rate(files, capsys, tmp_path):
    rules = {"amount_min": 1000, "currency": "EUR", "closes_on": "2026-01-31"}
    profiles = [{**PROFILES[0], "rules": rules}]
    ideas = [{**IDEAS[0], "amount": 60000, "currency": "UAH"}]
    rates = tmp_path / "rates.json"
    rates.write_text('{"EUR": {"uah": "50", "on": "2026-01-02"}}')
    arguments = [*files(profiles, ideas), "--today", "2026-01-31", "--rates", str(rates)]
    [line] = ranked(capsys, arguments)
    eligibility = line["hits"][0]["eligibility"]
    assert eligibility["overall"] == "eligible"
    assert [verdict["rule"] for verdict in eligibility["verdicts"]] == ["amount_min", "call_closes"]
    assert main(["rank", *files(profiles, ideas)]) == 1
    assert "--today" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[]", "{", '{"EUR": 1}', '{"EUR": {"uah": "", "on": ""}}'])
def test_bad_rates_are_named(files, capsys, tmp_path, content):
    rates = tmp_path / "rates.json"
    rates.write_text(content)
    assert main(["rank", *files(), "--rates", str(rates)]) == 1
    assert "rates.json" in capsys.readouterr().err


def judgments(tmp_path, text):
    path = tmp_path / "J.tsv"
    path.write_text(text, encoding="utf-8")
    return ["--judgments", str(path)]


def test_evaluate_prints_figures_with_intervals(files, capsys, tmp_path):
    text = "idea\tprofile\tgrade\ni1\twater\t2\ni2\tschool\t1\ni3\tgone\t0\n"
    assert main(["evaluate", *files(), *judgments(tmp_path, text)]) == 0
    printed = capsys.readouterr()
    assert "nDCG@10    1.000 [1.000, 1.000] (n = 2)" in printed.out
    assert "not counted: 1" in printed.out
    assert "judged profiles that are in no file: 1" in printed.err


def test_bands_prints_limits_and_precision(files, capsys, tmp_path):
    ideas = [{**IDEAS[n % 3], "id": f"i{n}"} for n in range(30)]
    right = ["water", "school", "energy"]
    text = "".join(f"i{n}\t{right[n % 3]}\t2\n" for n in range(30))
    assert main(["bands", *files(ideas=ideas), *judgments(tmp_path, text)]) == 0
    printed = capsys.readouterr().out
    assert "very_strong" in printed
    assert "precision on the other half" in printed


@pytest.mark.parametrize("text", ["i1\twater\n", "i1\twater\t1\ni2\tschool\tgood\n"])
def test_bad_judgments_are_named(files, capsys, tmp_path, text):
    assert main(["evaluate", *files(), *judgments(tmp_path, text)]) == 1
    assert "J.tsv:" in capsys.readouterr().err


def test_bands_without_a_relevant_pair_say_so(files, capsys, tmp_path):
    assert main(["bands", *files(), *judgments(tmp_path, "i1\twater\t0\n")]) == 1
    assert "relevant" in capsys.readouterr().err


def test_a_folder_of_additions_is_read(files, capsys, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "x.txt").write_text("x | брумбель | solar\n", encoding="utf-8")
    ideas = [{"id": "i", "title": "Брумбель", "text": "брумбелі"}]
    [line] = ranked(capsys, [*files(ideas=ideas), "--lexicon", str(folder)])
    assert line["hits"][0]["profile"] == "energy"
    assert main(["rank", *files(), "--lexicon", str(tmp_path / "none")]) == 1


def test_the_engine_can_be_lifted_out():
    code = (
        "import sys, matcher.engine\n"
        "found = {'flask', 'sqlalchemy', 'sklearn'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize("grade", ["²", "9" * 5000, "2000", "-1", "", "x"])
def test_a_bad_grade_is_named_and_the_rest_is_measured(files, capsys, tmp_path, grade):
    text = f"idea\tprofile\tgrade\ni1\twater\t2\ni2\tschool\t{grade}\n"
    assert main(["evaluate", *files(), *judgments(tmp_path, text)]) == 1
    said = capsys.readouterr()
    assert "J.tsv:3:" in said.err or ":3:" in said.err
    assert "nDCG@10" in said.out


def test_a_line_that_is_no_text_is_named_and_the_rest_is_ranked(files, capsys, tmp_path):
    arguments = files()
    path = Path(arguments[arguments.index("--ideas") + 1])
    path.write_bytes(path.read_bytes() + b'{"id": "bad", "text": "\xff"}\n')
    assert main(["rank", *arguments]) == 1
    said = capsys.readouterr()
    assert "no UTF-8 text" in said.err
    assert said.out.count("\n") >= 1


def test_half_a_character_stops_nothing(files, capsys):
    arguments = files()
    path = Path(arguments[arguments.index("--ideas") + 1])
    path.write_text(
        path.read_text(encoding="utf-8")
        + '{"id": "\\ud800", "text": "вода"}\n{"id": "half", "title": "вода \\ud800"}\n',
        encoding="utf-8",
    )
    assert main(["rank", "--explain", *arguments]) == 1
    said = capsys.readouterr()
    assert "half a character" in said.err
    assert '"idea": "half"' in said.out


def test_a_sum_out_of_all_bounds_is_a_bad_line(files, capsys):
    arguments = files()
    path = Path(arguments[arguments.index("--ideas") + 1])
    path.write_text('{"id": "x", "text": "вода", "amount": "1e999999999"}\n', encoding="utf-8")
    assert main(["rank", *arguments]) == 1
    assert "out of all bounds" in capsys.readouterr().err


def test_bad_lines_of_additions_are_named(files, capsys, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "own.txt").write_text("one | two\n", encoding="utf-8")
    assert main(["rank", *files(), "--lexicon", str(folder)]) == 1
    said = capsys.readouterr()
    assert "own.txt:1:" in said.err
    assert said.out


def test_the_figures_of_the_lexicon_are_printed(capsys, tmp_path, monkeypatch):
    built_in = tmp_path / "built-in"
    built_in.mkdir()
    lines = "water | вода; водний | water\nschool | школа | school\n"
    (built_in / "field.txt").write_text(lines, encoding="utf-8")
    (built_in / "general-acts.txt").write_text("give | дати; вода | give\n", encoding="utf-8")
    (built_in / "names.txt").write_text("kherson | Херсон | Kherson\n", encoding="utf-8")
    monkeypatch.setattr("matcher.engine.lexicon.BUILT_IN", built_in)
    texts = tmp_path / "T.jsonl"
    texts.write_text('{"id": "t", "text": "вода і щось незнане"}\nbad\n', encoding="utf-8")
    assert main(["lexicon", "--texts", str(texts), "--sample", "2"]) == 1
    said = capsys.readouterr().out
    assert "field         2 concepts" in said
    assert "general       1 concepts" in said
    assert "names         1 concepts" not in said  # only spelt in Latin letters
    assert "headwords with several concepts: 1" in said
    assert "known 0.500" in said
    assert "T.jsonl:2:" in said
