"""The story of the demonstration: what happened to each pair, played on the table of moves."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.models.codes import Readiness, Reason
from matcher.models.idea import IdeaStatus
from matcher.models.match import FeedbackValue, MatchStatus
from matcher.services.moves import MOVES
from tests.reference.test_demo_data import CALLS, DONORS, IDEAS, STORY, read_rows, read_table

# Rough figures of autumn 2026: they only keep the pairs of the story sensible.
UAH_FOR_ONE = {"UAH": 1.0, "USD": 42.0, "EUR": 49.0}

ACTS = {
    "released": "release",
    "interested": "interested",
    "question": "ask",
    "answer": "answered",
    "declined": "decline",
    "dismissed": "dismiss",
    "refused": "refuse",
    "approved": "approve",
    "introduced": "introduce",
    "in_talks": "talks",
    "funded": "fund",
    "not_funded": "not_funded",
    "lapsed": "lapse",
}
OVER = {
    MatchStatus.DISMISSED,
    MatchStatus.DECLINED,
    MatchStatus.REFUSED,
    MatchStatus.LAPSED,
    MatchStatus.FUNDED,
    MatchStatus.NOT_FUNDED,
}
ONCE_PUBLISHED = {
    IdeaStatus.PUBLISHED,
    IdeaStatus.ON_HOLD,
    IdeaStatus.STALE,
    IdeaStatus.WITHDRAWN,
    IdeaStatus.ARCHIVED,
}


def name_of(step: str | dict[str, Any]) -> str:
    """Return the word of a step."""
    return step if isinstance(step, str) else next(iter(step))


def details_of(step: str | dict[str, Any]) -> dict[str, Any]:
    """Return what a step says beyond its word."""
    return {} if isinstance(step, str) else next(iter(step.values()))


def state_after(path: list[str | dict[str, Any]]) -> MatchStatus:
    """Play a path on the table of moves; fails where a step is not allowed."""
    assert name_of(path[0]) == "suggested", path
    states = [MatchStatus.SUGGESTED]
    last = None
    for step in path[1:]:
        word = name_of(step)
        if word == "undone":
            assert last is not None, path
            assert last.can_be_undone, path
            states.append(states[-2])
            last = None
            continue
        last = MOVES[ACTS[word]]
        assert states[-1] in last.sources, (states[-1], word, path)
        states.append(last.target)
    return states[-1]


def row_name(row: dict[str, Any]) -> str:
    """Name a row of the story in a test report."""
    return f"{row['idea']}--{row['call']}"


@pytest.mark.parametrize("row", STORY, ids=row_name)
def test_a_path_of_the_story_obeys_the_table_of_moves(row):
    idea, call = IDEAS[row["idea"]], CALLS[row["call"]]
    words = [name_of(step) for step in row["path"]]
    state = state_after(row["path"])
    assert idea["state"] in ONCE_PUBLISHED
    if call["closes_in_days"] < 0 or idea["state"] in {"withdrawn", "archived"}:
        assert state in OVER
    if call["opens_in_days"] > 0:
        assert words[-1] in {"suggested", "dismissed", "undone"}
    if "released" in words and DONORS[call["donor"]]["reading_language"] == "en":
        assert idea["summary_en"]
    if {"funded", "approved"} & set(words):
        assert idea["amount"]
    if {"funded": {"share": "full"}} in row["path"]:
        assert idea["state"] == "archived"


@pytest.mark.parametrize("row", STORY, ids=row_name)
def test_a_step_of_the_story_says_what_its_act_needs(row):
    for step in row["path"]:
        word, details = name_of(step), details_of(step)
        if word in {"declined", "dismissed", "refused", "not_funded"}:
            assert details["reason"] in set(Reason)
            assert details["reason"] != "other" or details.get("note_uk")
        if word == "declined":
            assert details["note_en"]
        if word in {"question", "answer"}:
            assert details["text_en"]
            assert details["text_uk"]
        if word == "funded":
            assert details["share"] in {"full", "part"}


def fits(idea: dict[str, Any], call: dict[str, Any]) -> list[str]:
    """Return the hard rules of the call that the idea breaks."""
    amount = idea["amount"] * UAH_FOR_ONE[idea["currency"]] / UAH_FOR_ONE[call["currency"]]
    order = [str(step) for step in Readiness]
    rules = {
        "amount": call["amount_min"] <= amount <= call["amount_max"],
        "own share": not call["own_share_min_pct"]
        or idea["own_share_pct"] is None
        or idea["own_share_pct"] >= call["own_share_min_pct"],
        "readiness": call["readiness_min"] is None
        or order.index(idea["readiness"]) >= order.index(call["readiness_min"]),
        "applicant": not call["applicant_types"]
        or idea["applicant_type"] in call["applicant_types"],
        "territory": not call["territories"]
        or bool({idea["community"], raion_of(idea["community"])} & set(call["territories"])),
    }
    return [rule for rule, holds in rules.items() if not holds]


def raion_of(community: str) -> str:
    """Return the code of the raion in which a community lies."""
    return next(
        row["raion_katottg"] for row in read_table("communities.tsv") if row["katottg"] == community
    )


def test_what_was_approved_is_eligible():
    approved = [row for row in STORY if "approved" in [name_of(step) for step in row["path"]]]
    assert len(approved) >= 20
    for row in approved:
        assert not fits(IDEAS[row["idea"]], CALLS[row["call"]]), row_name(row)


def test_every_state_reason_and_act_of_a_pair_occurs():
    words = {name_of(step) for row in STORY for step in row["path"]}
    assert words == set(ACTS) | {"suggested", "undone"}
    assert {state_after(row["path"]) for row in STORY} == set(MatchStatus)
    steps = [details_of(step) for row in STORY for step in row["path"]]
    assert {step["reason"] for step in steps if "reason" in step} == set(Reason)
    assert {step["share"] for step in steps if "share" in step} == {"full", "part"}


def test_restricted_ideas_take_part_in_the_story():
    stories = [row for row in STORY if IDEAS[row["idea"]]["sensitivity"] == "restricted"]
    assert {state_after(row["path"]) for row in stories} >= {
        MatchStatus.SUGGESTED,
        MatchStatus.RELEASED,
    }


def test_feedback_is_on_pairs_of_the_story():
    rows = read_rows("feedback")
    pairs = {(row["idea"], row["call"]) for row in STORY}
    for row in rows:
        assert (row["idea"], row["call"]) in pairs
        assert row["role"] in {"donor", "staff"}
    assert {row["value"] for row in rows} == set(FeedbackValue)
