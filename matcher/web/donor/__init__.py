"""Pages of the donor part."""

from matcher.web.donor import answers, matches, outcomes, profiles
from matcher.web.donor.blueprint import bp

__all__ = ["answers", "bp", "matches", "outcomes", "profiles"]
