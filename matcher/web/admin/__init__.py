"""Pages for administrators: accounts, settings, the audit trail."""

from matcher.web.admin import accounts, settings, trail
from matcher.web.admin.blueprint import bp

__all__ = ["accounts", "bp", "settings", "trail"]
