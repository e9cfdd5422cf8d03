"""The words for codes: statuses, roles, reasons, sections; stored as codes, worded here."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from wtforms.fields.choices import SelectChoice

from matcher.errors import Duplicate, Invalid, MatcherError, NotAllowed, Stale, WrongState
from matcher.models.codes import ApplicantType, BeneficiaryGroup, Channel, Readiness, Reason
from matcher.models.idea import IdeaStatus, Section, Sensitivity, TextOrigin
from matcher.models.job import JobStatus
from matcher.models.match import FeedbackValue, MatchStatus, RunStatus
from matcher.models.organisation import CommunityType, DonorKind, TerritoryStatusCode
from matcher.models.profile import CallState, ProfileKind, ProposalStatus
from matcher.models.user import AccessRequestStatus, Role
from matcher.services.freshness import Freshness
from matcher.services.place_patterns import MarkKind

WORDS: dict[type[StrEnum], dict[str, object]] = {
    Role: {
        Role.EDITOR: _l("Editor"),
        Role.HEAD: _l("Head of the community"),
        Role.DONOR: _l("Donor"),
        Role.STAFF: _l("Office staff"),
        Role.LEAD: _l("Office lead"),
        Role.ADMIN: _l("Administrator"),
    },
    IdeaStatus: {
        IdeaStatus.DRAFT: _l("Draft"),
        IdeaStatus.AWAITING_SIGNOFF: _l("Waits for the head"),
        IdeaStatus.SUBMITTED: _l("Submitted"),
        IdeaStatus.CHANGES_REQUESTED: _l("Changes asked for"),
        IdeaStatus.PUBLISHED: _l("Published"),
        IdeaStatus.REJECTED: _l("Not accepted"),
        IdeaStatus.ON_HOLD: _l("On hold"),
        IdeaStatus.STALE: _l("Needs a check"),
        IdeaStatus.WITHDRAWN: _l("Withdrawn"),
        IdeaStatus.ARCHIVED: _l("In the archive"),
    },
    MatchStatus: {
        MatchStatus.SUGGESTED: _l("Suggested"),
        MatchStatus.RELEASED: _l("With the donor"),
        MatchStatus.QUESTION: _l("The donor asks"),
        MatchStatus.INTERESTED: _l("The donor is interested"),
        MatchStatus.APPROVED: _l("Approved"),
        MatchStatus.INTRODUCED: _l("Introduced"),
        MatchStatus.IN_TALKS: _l("In talks"),
        MatchStatus.FUNDED: _l("Funded"),
        MatchStatus.NOT_FUNDED: _l("Not funded"),
        MatchStatus.DISMISSED: _l("Dismissed"),
        MatchStatus.DECLINED: _l("Declined"),
        MatchStatus.REFUSED: _l("Refused by the office"),
        MatchStatus.LAPSED: _l("Lapsed"),
    },
    Reason: {
        Reason.NOT_OUR_THEME: _l("Not our theme"),
        Reason.AMOUNT_OUT_OF_RANGE: _l("Amount out of range"),
        Reason.TERRITORY_SECURITY: _l("Territory or security"),
        Reason.APPLICANT_TYPE: _l("Type of applicant"),
        Reason.DEADLINE_IMPOSSIBLE: _l("The deadline cannot be met"),
        Reason.COFINANCING_MISSING: _l("Co-financing is missing"),
        Reason.NOT_READY: _l("Not ready yet"),
        Reason.ALREADY_FUNDED: _l("Already funded or a duplicate"),
        Reason.CAPACITY: _l("No capacity now"),
        Reason.OTHER: _l("Another reason"),
    },
    Section: {
        Section.ESSENCE: _l("The essence"),
        Section.PEOPLE: _l("People and community"),
        Section.BUDGET: _l("Budget"),
        Section.CAPACITY: _l("Partners and capacity"),
        Section.DOCUMENTS: _l("Documents"),
    },
    Sensitivity: {
        Sensitivity.OPEN: _l("Open: the public list may show it"),
        Sensitivity.AFTER_APPROVAL: _l("Donors see it after the office has released it"),
        Sensitivity.RESTRICTED: _l("Restricted: shelters, energy, water, bridges, depots"),
    },
    Readiness: {
        Readiness.IDEA: _l("An idea"),
        Readiness.CONCEPT: _l("A concept"),
        Readiness.FEASIBILITY: _l("A feasibility study"),
        Readiness.DESIGN: _l("Design documents"),
    },
    ApplicantType: {
        ApplicantType.COMMUNITY: _l("Community"),
        ApplicantType.AGENCY: _l("Oblast body or development agency"),
        ApplicantType.COMMUNAL_ENTERPRISE: _l("Communal enterprise"),
        ApplicantType.NGO: _l("Civil society organisation"),
        ApplicantType.BUSINESS: _l("Business"),
        ApplicantType.SCHOOL: _l("School or kindergarten"),
        ApplicantType.HOSPITAL: _l("Hospital or clinic"),
        ApplicantType.HOUSEHOLD: _l("Household"),
    },
    BeneficiaryGroup: {
        BeneficiaryGroup.CHILDREN: _l("Children"),
        BeneficiaryGroup.YOUTH: _l("Young people"),
        BeneficiaryGroup.WOMEN: _l("Women"),
        BeneficiaryGroup.OLDER_PEOPLE: _l("Older people"),
        BeneficiaryGroup.PEOPLE_WITH_DISABILITIES: _l("People with disabilities"),
        BeneficiaryGroup.DISPLACED: _l("Displaced people"),
        BeneficiaryGroup.VETERANS: _l("Veterans and their families"),
        BeneficiaryGroup.HOUSEHOLDS: _l("Households"),
        BeneficiaryGroup.FARMERS: _l("Farmers"),
        BeneficiaryGroup.BUSINESSES: _l("Businesses"),
        BeneficiaryGroup.PATIENTS: _l("Patients"),
        BeneficiaryGroup.MUNICIPAL_STAFF: _l("Municipal staff"),
    },
    Channel: {
        Channel.EMAIL: _l("E-mail"),
        Channel.PHONE: _l("Telephone"),
        Channel.MEETING: _l("Meeting"),
        Channel.LETTER: _l("Letter"),
    },
    CommunityType: {
        CommunityType.URBAN: _l("urban community"),
        CommunityType.SETTLEMENT: _l("settlement community"),
        CommunityType.RURAL: _l("rural community"),
    },
    DonorKind: {
        DonorKind.UN: _l("UN agency"),
        DonorKind.IFI: _l("International financial institution"),
        DonorKind.BILATERAL: _l("Bilateral aid"),
        DonorKind.EU_PROGRAMME: _l("EU programme"),
        DonorKind.INGO: _l("International NGO"),
        DonorKind.FOUNDATION: _l("Foundation"),
        DonorKind.STATE: _l("State programme"),
    },
    TerritoryStatusCode: {
        TerritoryStatusCode.NONE: _l("On no list"),
        TerritoryStatusCode.POSSIBLE_HOSTILITIES: _l("Possible hostilities"),
        TerritoryStatusCode.ACTIVE_HOSTILITIES: _l("Active hostilities"),
        TerritoryStatusCode.TEMPORARILY_OCCUPIED: _l("Temporarily occupied"),
    },
    CallState: {
        CallState.FORECAST: _l("Expected"),
        CallState.OPEN: _l("Open"),
        CallState.CLOSED: _l("Closed"),
    },
    ProfileKind: {
        ProfileKind.STANDING: _l("Standing priorities"),
        ProfileKind.CALL: _l("Call"),
    },
    FeedbackValue: {
        FeedbackValue.GOOD: _l("Good match"),
        FeedbackValue.NOT_RELEVANT: _l("Not relevant"),
        FeedbackValue.PROFILE_WRONG: _l("The profile is wrong"),
    },
    TextOrigin: {
        TextOrigin.HUMAN: _l("Written by a person"),
        TextOrigin.MACHINE: _l("Translated by a machine"),
    },
    MarkKind: {
        MarkKind.SETTLEMENT: _l("Name of a settlement"),
        MarkKind.STREET: _l("Street or building"),
        MarkKind.COORDINATES: _l("Coordinates or a map link"),
        MarkKind.INSTITUTION: _l("Number or name of an institution"),
        MarkKind.TELLING: _l("Telling words"),
    },
    Freshness: {
        Freshness.UNVERIFIED: _l("Not verified yet"),
        Freshness.FRESH: _l("Verified"),
        Freshness.STALE: _l("Check is overdue"),
        Freshness.DEMOTED: _l("Overdue: ranked lower"),
        Freshness.HIDDEN: _l("Overdue: not ranked"),
    },
    ProposalStatus: {
        ProposalStatus.PROPOSED: _l("Waits for the office"),
        ProposalStatus.VERIFIED: _l("Verified"),
        ProposalStatus.DECLINED: _l("Not accepted by the office"),
    },
    AccessRequestStatus: {
        AccessRequestStatus.REQUESTED: _l("Waits for a decision"),
        AccessRequestStatus.CONFIRMED: _l("Request confirmed"),
        AccessRequestStatus.DECLINED: _l("Request declined"),
    },
    JobStatus: {
        JobStatus.WAITING: _l("Waits"),
        JobStatus.RUNNING: _l("Being sent"),
        JobStatus.DONE: _l("Sent"),
        JobStatus.FAILED: _l("Failed"),
        JobStatus.CANCELLED: _l("Not sent: no longer needed"),
    },
    RunStatus: {
        RunStatus.QUEUED: _l("Waits"),
        RunStatus.RUNNING: _l("Runs"),
        RunStatus.DONE: _l("Done"),
        RunStatus.FAILED: _l("Failed"),
        RunStatus.CANCELLED: _l("Cancelled"),
    },
}

BANDS = {
    "very_strong": _l("Very strong fit"),
    "strong": _l("Strong fit"),
    "moderate": _l("Moderate fit"),
    "weak": _l("Weak fit"),
    "too_little_text": _l("Too little text"),
}

OUTCOMES = {
    "eligible": _l("Meets the rules"),
    "unclear": _l("Unclear"),
    "not_eligible": _l("Does not meet the rules"),
}

ERRORS = {
    "profile_title": _l("Enter a title in one language at least."),
    "profile_text": _l("Describe in one language at least what is funded."),
    "text_long": _l("This text is too long. Keep the most important part of it."),
    "source_url": _l("Enter a web address that begins with https://"),
    "unknown_code": _l("Choose from the list."),
    "sector_both": _l("A sector cannot be funded and excluded at once."),
    "status_both": _l("A status cannot be required and excluded at once."),
    "sum_positive": _l("The sum must be larger than zero."),
    "currency_missing": _l("Write the sum with its currency: hryvnias, euros or US dollars."),
    "range_order": _l("The largest sum is below the smallest one. Check both."),
    "share_percent": _l("A share lies between 0 and 100 percent."),
    "dates_standing": _l("Standing priorities have no dates: enter a call instead."),
    "dates_order": _l("The end lies before the beginning. Check both dates."),
    "nothing_to_verify": _l("There is no wording to verify yet."),
    "proposal_decided": _l("A colleague has decided about this proposal, or a newer one came."),
    "donor_name": _l("Enter the name in both languages."),
    "note_empty": _l("Write down what was said."),
    "day_ahead": _l("This day is still to come. Write the day of the talk."),
    "step_and_day": _l("A next step needs a few words and a day."),
    "step_done": _l("This step is done already."),
    "rate_currency": _l("Choose a currency other than the hryvnia."),
    "rate_positive": _l("The rate must be larger than zero."),
    "rate_ahead": _l("Enter the rate of today or of an earlier day."),
    "goal_empty": _l("Enter the code and the text in both languages."),
    "goal_exists": _l("This list has a goal with this code already."),
    "territory_unknown": _l("Choose a community or a raion from the list."),
    "territory_exists": _l("There is an entry for this territory from this day already."),
    "source_missing": _l("Name the order or list that says so."),
    "conflict_exists": _l("This interest is declared already."),
    "conflict_person": _l("Choose somebody who works in the office."),
    "conflict_organisation": _l("Choose a community, an agency or a donor."),
    "conflict_lead": _l("A lead other than the person concerned ends a declared interest."),
    "role": _l("Your role does not allow this."),
    "partner": _l("Partners see this idea; the lead community changes it."),
    "seat": _l("Choose the organisation you act for."),
    "conflict": _l("You have declared an interest here, so a colleague has to decide."),
    "same_person": _l("The same person cannot do both: a colleague has to decide."),
    "second_person": _l("A second cleared person has to confirm this, one of the two a lead."),
    "undo_late": _l("This can be undone for 15 minutes only, by the person who did it."),
    "undo_pending": _l("Wait until the approval can no longer be undone, then introduce."),
    "not_confirmed": _l("The community has not confirmed that the idea is current."),
    "amount_unknown": _l("State the amount first: it decides how many people must approve."),
    "rate_missing": _l("Enter the exchange rate of this currency first."),
    "release_text_missing": _l(
        "This donor reads English: write and confirm an English title and summary first."
    ),
    "release_text_marks": _l("Remove or accept every marked place in the release text first."),
    "release_text_needed": _l(
        "Confirm a release text for the present revision first: donors read nothing else."
    ),
    "release_text_read": _l(
        "Others read this text already: confirm the new wording together with the change."
    ),
    "release_text_empty": _l("Write both: a title and a summary."),
    "sections": _l("Choose at least one section and say what to change in it."),
    "section_note": _l("Say what to change in this section."),
    "merge_self": _l("Choose another idea: this is the same one."),
    "merge_unknown": _l("There is no idea with this number. Check the number."),
    "merge_closed": _l("That idea is closed. Choose one that is still in work."),
    "no_head": _l("No head of this community has an account. Invite the head first."),
    "not_restricted": _l("This idea is not restricted: all staff see it."),
    "cleared": _l("This person may see the idea already."),
    "restricted_stays": _l(
        "A submitted idea of restricted access stays so. Withdraw it and copy it as a new one."
    ),
    "reason_text": _l("Say in a few words what the reason is."),
    "suppressed": _l("This pair was declined; it comes back when the idea or the profile changes."),
    "not_published": _l("The idea is not published."),
    "profile_closed": _l("This call is closed or the programme has ended."),
    "stale": _l("Somebody changed this after you had opened it. Look at both versions."),
    "section": _l("This part of the idea cannot be changed now."),
    "opened": _l("Staff have opened the idea already. Ask the office to return it."),
    "missing": _l("Fill in what is still missing, then submit."),
    "question": _l("This question does not wait for an answer any more."),
    "signoff": _l("The head of the community has to sign first."),
    "organisation": _l("Choose the community or agency that the idea belongs to."),
    "form_key": _l("This form was sent before with other content. Check what was saved."),
    "reason": _l("Choose a reason."),
    "amount": _l("Enter the sum, greater than zero, with its currency."),
    "day_future": _l("Enter the day; it cannot lie in the future."),
    "pair_exists": _l("This pair is there already: look at it and decide."),
    "credentials": _l("E-mail and password do not fit together. Check both and try again."),
    "too_many_tries": _l(
        "Too many tries in a short time. Wait five minutes, or set a new password by e-mail."
    ),
    "current_password": _l("This is not your present password."),
    "password_long": _l("The password is too long: use up to 1,024 letters."),
    "password_short": _l("Use at least 12 letters: three or four words are a good password."),
    "password_short_office": _l(
        "Use at least 14 letters: three or four words are a good password."
    ),
    "password_guessable": _l(
        "This password is easy to guess. Take words that do not belong together, without names, "
        "years or the name of the community."
    ),
    "link": _l("This link works no more: it was used before or has expired. Ask for a new one."),
    "seat_exists": _l("This person has this role in this organisation already."),
    "role_organisation": _l("This role does not fit this kind of organisation."),
    "organisation_missing": _l("Choose the organisation."),
    "last_lead": _l("You are the only lead of the office. Invite another lead first."),
    "last_admin": _l("This is the only administrator. Make somebody else one first."),
    "oneself": _l("Nobody decides about the own account: ask a colleague."),
    "request_decided": _l("A colleague has decided on this request already."),
    "locked": _l("This account is locked already."),
    "not_locked": _l("This account is not locked."),
    "not_active": _l("This person has no open account at present."),
}


def word(code: StrEnum | None) -> str:
    """Return the word for a code in the reader's language; nothing for None."""
    if code is None:
        return ""
    return str(WORDS[type(code)][code])


def lower_first(text: str) -> str:
    """Return a word for the middle of a sentence; abbreviations keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def join_words(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: the first keeps its capital, each stands once."""
    first, *rest = dict.fromkeys(filter(None, words)) or [""]
    return ", ".join([first, *map(lower_first, rest)])


def choices(kind: type[StrEnum]) -> list[SelectChoice]:
    """Return the choices of a select or a group of radio buttons, in the order of the codes."""
    return [SelectChoice(member.value, WORDS[kind][member]) for member in kind]


def error(err: MatcherError) -> str:
    """Return the sentence for a domain error: what to do, where that is known."""
    if err.code in ERRORS:
        return str(ERRORS[err.code])
    if isinstance(err, Stale):
        return str(ERRORS["stale"])
    if isinstance(err, WrongState):
        return _("This step is not possible any more: look at the present state.")
    if isinstance(err, NotAllowed):
        return _("You have no right to do this.")
    if isinstance(err, Duplicate | Invalid):
        return _("Check what you have entered.")
    return pgettext("page", "There is no such page, or it is not for you.")
