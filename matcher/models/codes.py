"""Codes that several tables share; they are worded at display."""

from enum import StrEnum


class Language(StrEnum):
    """A language of the interface or of a text."""

    UK = "uk"
    EN = "en"


class ApplicantType(StrEnum):
    """Who applies, as donors name it."""

    COMMUNITY = "community"
    AGENCY = "agency"
    COMMUNAL_ENTERPRISE = "communal_enterprise"
    NGO = "ngo"
    BUSINESS = "business"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    HOUSEHOLD = "household"


class Reason(StrEnum):
    """Why a pair was declined, dismissed, refused or not funded."""

    NOT_OUR_THEME = "not_our_theme"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    TERRITORY_SECURITY = "territory_security"
    APPLICANT_TYPE = "applicant_type"
    DEADLINE_IMPOSSIBLE = "deadline_impossible"
    COFINANCING_MISSING = "cofinancing_missing"
    NOT_READY = "not_ready"
    ALREADY_FUNDED = "already_funded"
    CAPACITY = "capacity"
    OTHER = "other"


class Channel(StrEnum):
    """How something was said to the office."""

    EMAIL = "email"
    PHONE = "phone"
    MEETING = "meeting"
    LETTER = "letter"


class Readiness(StrEnum):
    """How far an idea has come; the order of the members is the order of readiness."""

    IDEA = "idea"
    CONCEPT = "concept"
    FEASIBILITY = "feasibility"
    DESIGN = "design"


class BeneficiaryGroup(StrEnum):
    """Whom an idea serves."""

    CHILDREN = "children"
    YOUTH = "youth"
    WOMEN = "women"
    OLDER_PEOPLE = "older_people"
    PEOPLE_WITH_DISABILITIES = "people_with_disabilities"
    DISPLACED = "displaced"
    VETERANS = "veterans"
    HOUSEHOLDS = "households"
    FARMERS = "farmers"
    BUSINESSES = "businesses"
    PATIENTS = "patients"
    MUNICIPAL_STAFF = "municipal_staff"


CURRENCIES = ("UAH", "EUR", "USD")
