"""Pages for accounts: asking for access, signing in, invitations, one's own profile."""

from matcher.web.auth import access_request, one_time, profile, signing_in
from matcher.web.auth.blueprint import bp

__all__ = ["access_request", "bp", "one_time", "profile", "signing_in"]
