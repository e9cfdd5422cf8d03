"""Pages of the staff part."""

from matcher.web.staff import (
    add_pair,
    donors,
    follow_up,
    idea_acts,
    ideas,
    letters,
    lists,
    pair_acts,
    pair_answers,
    pairs,
    people,
    profiles,
    queue,
    release_text,
    restricted,
    runs,
    today,
)
from matcher.web.staff.blueprint import bp

__all__ = [
    "add_pair",
    "bp",
    "donors",
    "follow_up",
    "idea_acts",
    "ideas",
    "letters",
    "lists",
    "pair_acts",
    "pair_answers",
    "pairs",
    "people",
    "profiles",
    "queue",
    "release_text",
    "restricted",
    "runs",
    "today",
]
