"""Planted faults in the rules of the services; each must make a named test fail.

``python -m tests.mutants`` prints the table. A mutant is a replacement of text in a copy of the
package; a replacement that no longer finds its text is an error, so the list cannot go stale.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINKED = ("engine", "reference", "translations", "migrations")
TIMEOUT_S = 120
AT_A_TIME = 2
PRELOADED = (
    "numpy",
    "scipy.sparse",
    "sklearn.feature_extraction.text",
    "sqlalchemy.orm",
    "flask_sqlalchemy",
    "flask_migrate",
    "flask_wtf",
    "flask_babel",
    "babel.dates",
    "html5lib",
    "simplemma",
)
KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"


@dataclass(frozen=True)
class Mutant:
    """One fault: what it breaks, where, and the test that has to notice."""

    name: str
    module: str
    old: str
    new: str
    test: str


DECISIONS = "tests/services/test_decisions.py"
MOVES = "tests/services/test_moves.py"
REPLIES = "tests/services/test_replies.py"
OUTCOMES = "tests/services/test_outcomes.py"
QUESTIONS = "tests/services/test_questions.py"

MUTANTS = (
    Mutant(
        "four eyes start one cent too late",
        "services/decisions.py",
        "if amount > limit and",
        "if amount > limit + 1 and",
        f"{DECISIONS}::test_above_the_limit_the_approver_is_not_the_releaser",
    ),
    Mutant(
        "four eyes start at the limit",
        "services/decisions.py",
        "if amount > limit and",
        "if amount >= limit and",
        f"{DECISIONS}::test_above_the_limit_the_approver_is_not_the_releaser",
    ),
    Mutant(
        "an unknown amount is approved",
        "services/decisions.py",
        'raise Invalid("amount_unknown", field="amount")',
        "return",
        f"{DECISIONS}::test_an_unknown_amount_is_asked_for",
    ),
    Mutant(
        "one person seconds the own request",
        "services/decisions.py",
        "if first == actor.user_id:",
        "if False:",
        f"{DECISIONS}::test_a_restricted_pair_needs_two_cleared_people_one_a_lead",
    ),
    Mutant(
        "no lead is needed for two persons",
        "services/decisions.py",
        "if actor.role is not Role.LEAD and not is_lead(first):",
        "if False:",
        f"{DECISIONS}::test_a_restricted_pair_needs_two_cleared_people_one_a_lead",
    ),
    Mutant(
        "a former lead still counts",
        "services/decisions.py",
        "        Membership.role == Role.LEAD,\n        Membership.ended_at.is_(None),\n",
        "        Membership.role == Role.LEAD,\n",
        f"{DECISIONS}::test_a_former_lead_counts_as_no_lead",
    ),
    Mutant(
        "a request for release seconds an approval",
        "services/decisions.py",
        "if match.seconding_act != act or first is None:",
        "if first is None:",
        "tests/services/test_decisions_more.py",
    ),
    Mutant(
        "an old revision's confirmation is enough",
        "services/decisions.py",
        ".where(IdeaConfirmation.idea_id == idea.id, IdeaConfirmation.revision == idea.revision)",
        ".where(IdeaConfirmation.idea_id == idea.id)",
        f"{DECISIONS}::test_an_approval_needs_the_confirmation_of_the_current_revision",
    ),
    Mutant(
        "approval asks for no confirmation",
        "services/decisions.py",
        "if find_confirmation(match.idea) is None:",
        "if False:",
        f"{DECISIONS}::test_an_approval_needs_the_confirmation_of_the_current_revision",
    ),
    Mutant(
        "an introduction does not wait for the undo window",
        "services/decisions.py",
        "if now <= match.status_at + UNDO_WINDOW:",
        "if now < match.status_at + UNDO_WINDOW:",
        f"{DECISIONS}::test_an_introduction_waits_until_the_approval_stands",
    ),
    Mutant(
        "an unconfirmed release text goes out",
        "services/decisions.py",
        "texts = (text for text in idea.release_texts if text.reviewed_at is not None)",
        "texts = iter(idea.release_texts)",
        f"{DECISIONS}::test_a_release_needs_a_confirmed_text_in_the_donors_language",
    ),
    Mutant(
        "the release text may be in any language",
        "services/decisions.py",
        "next((text for text in texts if text.language == language), None)",
        "next(texts, None)",
        f"{DECISIONS}::test_a_release_needs_a_confirmed_text_in_the_donors_language",
    ),
    Mutant(
        "closed calls still get pairs",
        "services/decisions.py",
        "if not is_open(match.profile, today=today):",
        "if False:",
        f"{DECISIONS}::test_nothing_goes_to_a_closed_call_and_the_last_day_is_open",
    ),
    Mutant(
        "ideas on hold are released",
        "services/decisions.py",
        'fund."""\n    if match.idea.status is not IdeaStatus.PUBLISHED:',
        'fund."""\n    if match.idea.status is None:',
        f"{DECISIONS}::test_only_published_ideas_are_released",
    ),
    Mutant(
        "another reason needs no words",
        "services/decisions.py",
        "if reason is Reason.OTHER and not note.strip():",
        "if False:",
        f"{DECISIONS}::test_another_reason_needs_words",
    ),
    Mutant(
        "a conflict with the donor is forgotten",
        "services/access.py",
        "*office_idea_guards(actor), Profile.organisation_id.not_in(conflicts)",
        "*office_idea_guards(actor)",
        f"{DECISIONS}::test_a_conflict_hides_the_pair_from_every_role",
    ),
    Mutant(
        "a conflict with a partner is forgotten",
        "services/access.py",
        "sa.exists().where(partner.idea_id == Idea.id, partner.organisation_id.in_(conflicts))",
        "sa.exists().where(partner.idea_id == -1, partner.organisation_id.in_(conflicts))",
        f"{DECISIONS}::test_a_conflict_hides_the_pair_from_every_role",
    ),
    Mutant(
        "a seat in a community is no conflict",
        "services/access.py",
        ".where(Membership.role.in_([Role.EDITOR, Role.HEAD, Role.DONOR]))",
        ".where(Membership.role.in_([Role.ADMIN]))",
        f"{DECISIONS}::test_a_conflict_hides_the_pair_from_every_role",
    ),
    Mutant(
        "a conflict never ends",
        "services/access.py",
        "Conflict.user_id == user_id, Conflict.ended_at.is_(None)",
        "Conflict.user_id == user_id",
        f"{DECISIONS}::test_a_conflict_that_has_ended_binds_no_more",
    ),
    Mutant(
        "staff see restricted ideas without clearance",
        "services/access.py",
        "if actor.role is Role.STAFF:",
        "if False:",
        f"{DECISIONS}::test_a_clearance_holds_for_its_idea_alone",
    ),
    Mutant(
        "donors see what was not released",
        "services/access.py",
        "Profile.organisation_id == actor.organisation_id, Match.released_at.is_not(None)",
        "Profile.organisation_id == actor.organisation_id",
        f"{REPLIES}::test_a_pair_that_was_not_released_does_not_exist_for_its_donor",
    ),
    Mutant(
        "donors see the pairs of others",
        "services/access.py",
        "Profile.organisation_id == actor.organisation_id, Match.released_at.is_not(None)",
        "Match.released_at.is_not(None)",
        f"{REPLIES}::test_another_donor_does_not_see_the_pair",
    ),
    Mutant(
        "a stale version is accepted",
        "services/moves.py",
        "if version is not None and match.version != version:",
        "if version is not None and match.version > version:",
        f"{MOVES}::test_another_version_is_stale_and_none_is_not_asked_about",
    ),
    Mutant(
        "anybody undoes",
        "services/moves.py",
        "until is not None and event.by_id == actor.user_id and now <= until",
        "until is not None and now <= until",
        f"{MOVES}::test_undo_belongs_to_who_acted",
    ),
    Mutant(
        "undo lasts for ever",
        "services/moves.py",
        "event.by_id == actor.user_id and now <= until",
        "event.by_id == actor.user_id",
        f"{MOVES}::test_undo_ends_after_fifteen_minutes",
    ),
    Mutant(
        "undo leaves the letters",
        "services/moves.py",
        "    outbox.cancel_letters(event, now=now)\n",
        "",
        f"{MOVES}::test_undo_brings_the_state_back_and_cancels_the_letters",
    ),
    Mutant(
        "undo leaves the suppression",
        "services/moves.py",
        "    if MOVES[event.act].suppresses:\n        lift_suppression(match)\n",
        "",
        f"{MOVES}::test_undoing_a_no_lifts_its_suppression",
    ),
    Mutant(
        "an undone release stays visible",
        "services/moves.py",
        "match.released_at = match.released_by_id = None",
        "pass",
        f"{MOVES}::test_undo_brings_the_state_back_and_cancels_the_letters",
    ),
    Mutant(
        "an introduction can be undone",
        "services/moves.py",
        '"introduce": Move(frozenset({S.APPROVED}), S.INTRODUCED),',
        '"introduce": Move(frozenset({S.APPROVED}), S.INTRODUCED, True),',
        f"{MOVES}::test_an_introduction_cannot_be_undone",
    ),
    Mutant(
        "approval comes before the donor's yes",
        "services/moves.py",
        '"approve": Move(frozenset({S.INTERESTED}), S.APPROVED',
        '"approve": Move(frozenset({S.RELEASED, S.INTERESTED}), S.APPROVED',
        f"{MOVES}::test_the_table_holds_the_paths_of_the_contract_and_no_other",
    ),
    Mutant(
        "a dismissal keeps nothing away",
        "services/moves.py",
        '"dismiss": Move(frozenset({S.SUGGESTED}), S.DISMISSED, True, suppresses=True),',
        '"dismiss": Move(frozenset({S.SUGGESTED}), S.DISMISSED, True),',
        f"{MOVES}::test_a_no_keeps_the_pair_away_until_a_text_changes",
    ),
    Mutant(
        "the office answers without saying for whom",
        "services/replies.py",
        "if behalf is None:",
        "if False:",
        f"{REPLIES}::test_the_office_answers_only_on_somebodys_behalf",
    ),
    Mutant(
        "a closed call takes a decline back",
        "services/replies.py",
        "if not is_open(match.profile, today=today):",
        "if False:",
        f"{REPLIES}::test_nothing_is_restored_to_a_closed_call",
    ),
    Mutant(
        "calls close a day early",
        "services/freshness.py",
        "profile.closes_on < today):",
        "profile.closes_on <= today):",
        f"{OUTCOMES}::test_a_call_is_open_until_midnight_in_kyiv",
    ),
    Mutant(
        "pairs of a call lapse on its last day",
        "services/outcomes.py",
        "Profile.closes_on < today",
        "Profile.closes_on <= today",
        f"{OUTCOMES}::test_pairs_of_a_closed_call_lapse_once_and_everybody_is_told_once",
    ),
    Mutant(
        "money in full leaves the other pairs open",
        "services/outcomes.py",
        "    lapse_pairs_of_idea(idea, Reason.ALREADY_FUNDED, actor, now=now)\n",
        "",
        f"{OUTCOMES}::test_money_in_full_archives_the_idea_and_ends_its_other_pairs",
    ),
    Mutant(
        "money in part archives the idea",
        "services/outcomes.py",
        "if in_full:",
        "if True:",
        f"{OUTCOMES}::test_money_in_part_leaves_the_idea_open_with_the_rest",
    ),
    Mutant(
        "an approved pair is let lapse",
        "services/outcomes.py",
        "if match.status is MatchStatus.APPROVED:",
        "if False:",
        f"{OUTCOMES}::test_the_office_alone_lets_a_pair_lapse_and_never_an_approved_one",
    ),
    Mutant(
        "a rate of tomorrow counts today",
        "services/rates.py",
        ".where(ExchangeRate.day <= day)",
        "",
        f"{DECISIONS}::test_the_limit_is_compared_at_the_dated_rate",
    ),
    Mutant(
        "communities read questions that were not relayed",
        "services/questions.py",
        "found = found.where(Question.relayed_at.is_not(None))",
        "pass",
        f"{QUESTIONS}::test_the_community_sees_a_question_when_it_was_passed_on",
    ),
    Mutant(
        "partners answer for the lead community",
        "services/questions.py",
        "access.get_own_idea(actor, question.match.idea_id)",
        "access.get_idea(actor, question.match.idea_id)",
        f"{QUESTIONS}::test_a_partner_does_not_answer",
    ),
    Mutant(
        "a question is relayed twice",
        "services/questions.py",
        "if question.relayed_at is not None:",
        "if False:",
        f"{QUESTIONS}::test_a_question_is_passed_on_once",
    ),
)

# A change of nothing: what fails here is the tool, not the rules.
CONTROL = Mutant(
    "nothing is changed",
    "services/decisions.py",
    'raise Invalid("amount_unknown", field="amount")',
    'raise Invalid("amount_unknown", field="amount")',
    f"{DECISIONS}::test_an_unknown_amount_is_asked_for",
)


def plant(mutant: Mutant, folder: Path) -> None:
    """Copy the package with the fault into ``folder``; big data is linked, not copied."""
    source = ROOT / "matcher"

    def left_out(path: str, names: list[str]) -> list[str]:
        links = LINKED if Path(path) == source else ()
        return [name for name in names if name in ("__pycache__", *links)]

    shutil.copytree(source, folder / "matcher", ignore=left_out)
    for name in LINKED:
        if (source / name).exists():
            (folder / "matcher" / name).symlink_to(source / name, target_is_directory=True)
    path = folder / "matcher" / mutant.module
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: its text occurs {text.count(mutant.old)} times")
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def load_packages() -> None:
    """Load what is slow to load and holds no fault: the children inherit it."""
    for name in (*PRELOADED, "pytest"):
        importlib.import_module(name)


def start(mutant: Mutant, folder: Path) -> int:
    """Run the mutant's test in a child process; return its id."""
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        signal.alarm(TIMEOUT_S)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        code = test_with(mutant, folder)
    finally:
        os._exit(code)


def test_with(mutant: Mutant, folder: Path) -> int:
    """Return pytest's code for the mutant's test against the copy in ``folder``."""
    sys.path.insert(0, str(folder))
    package = importlib.import_module("matcher")
    if not str(package.__file__).startswith(str(folder)):
        return 3
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    pytest = importlib.import_module("pytest")
    base = folder / "temporary"
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--basetemp={base}", f"--rootdir={ROOT}"]
    return int(pytest.main([*options, str(ROOT / mutant.test)]))


def run_all(mutants: Sequence[Mutant] = MUTANTS) -> list[tuple[Mutant, str]]:
    """Return what became of each mutant; two run at a time.

    Only for a process that has not imported the package itself: see ``main``.
    """
    load_packages()
    fates: dict[Mutant, str] = {}
    waiting, running = list(mutants), {}
    while waiting or running:
        while waiting and len(running) < AT_A_TIME:
            mutant = waiting.pop(0)
            folder = Path(tempfile.mkdtemp(prefix="mutant-"))
            try:
                plant(mutant, folder)
            except ValueError as error:
                print(error)
                fates[mutant] = BROKEN
                shutil.rmtree(folder)
                continue
            running[start(mutant, folder)] = (mutant, folder)
        if running:
            child, status = os.wait()
            mutant, folder = running.pop(child)
            # 1 means that a test failed; other codes mean that no test ran to its end.
            code = os.waitstatus_to_exitcode(status)
            fates[mutant] = {0: SURVIVED, 1: KILLED}.get(code, BROKEN)
            shutil.rmtree(folder, ignore_errors=True)
    return [(mutant, fates[mutant]) for mutant in mutants]


def main() -> int:
    """Print the table; return 1 when a mutant lives."""
    if not hasattr(os, "fork"):
        print("skipped: this system cannot fork")
        return 0
    started = time.monotonic()
    (_control, fate), *rows = run_all((CONTROL, *MUTANTS))
    if fate != SURVIVED:
        print("the tests fail without a fault: mend them first")
        return 1
    for mutant, fate in rows:
        print(f"{fate:8}  {mutant.module:22}  {mutant.name}  [{mutant.test.split('::')[-1]}]")
    killed = sum(1 for _mutant, fate in rows if fate == KILLED)
    print(f"{killed} of {len(rows)} killed in {time.monotonic() - started:.0f} s")
    return 0 if killed == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
