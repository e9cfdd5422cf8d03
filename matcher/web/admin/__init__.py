"""Pages of the admin part."""

from matcher.web.admin.blueprint import bp

__all__ = ["bp"]
