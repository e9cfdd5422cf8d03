"""The tables; importing this package registers all of them."""

from matcher.models import audit, codes, idea, job, match, organisation, profile, user

__all__ = ["audit", "codes", "idea", "job", "match", "organisation", "profile", "user"]
