"""The same form sent twice makes one record; nobody learns of another person's."""

from __future__ import annotations

import pytest

from matcher.errors import Duplicate
from matcher.models.user import Membership, Role
from matcher.services import form_keys
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.usefixtures("rolled_back")
FORM = {"title": "Водогін", "amount": 5}


@pytest.fixture
def actor(rolled_back: None) -> Membership:
    """Return somebody who sends a form."""
    return factories.seat(Role.EDITOR)


def find(actor: Membership | None, act: str = "idea.started", **values: object) -> int | None:
    """Ask what the form has made before."""
    return form_keys.find_subject(actor, "k1", act, {**FORM, **values})


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_form_is_remembered_with_what_it_made(actor: Membership, signed_in: bool) -> None:
    who = actor if signed_in else None
    assert find(who) is None
    form_keys.remember(who, "k1", "idea.started", FORM, 7, now=NOW)
    assert find(who) == 7


def test_the_order_of_the_fields_does_not_matter(actor: Membership) -> None:
    form_keys.remember(actor, "k1", "idea.started", FORM, 7, now=NOW)
    turned = dict(reversed(FORM.items()))
    assert form_keys.find_subject(actor, "k1", "idea.started", turned) == 7


def test_other_content_is_refused_and_names_the_record(actor: Membership) -> None:
    form_keys.remember(actor, "k1", "idea.started", FORM, 7, now=NOW)
    for again in (lambda: find(actor, title="Школа"), lambda: find(actor, "profile.started")):
        with pytest.raises(Duplicate) as refused:
            again()
        assert refused.value.details["subject_id"] == 7


def test_another_person_is_refused_and_told_nothing(actor: Membership) -> None:
    form_keys.remember(actor, "k1", "idea.started", FORM, 7, now=NOW)
    for stranger in (factories.seat(Role.EDITOR), None):
        with pytest.raises(Duplicate) as refused:
            find(stranger)
        assert refused.value.details["subject_id"] is None


def test_of_two_at_the_same_moment_one_is_refused(actor: Membership) -> None:
    form_keys.remember(actor, "k1", "idea.started", FORM, 7, now=NOW)
    with pytest.raises(Duplicate):
        form_keys.remember(actor, "k1", "idea.started", FORM, 8, now=NOW)
    assert find(actor) == 7
