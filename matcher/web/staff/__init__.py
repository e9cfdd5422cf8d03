"""Pages of the staff part."""

from matcher.web.staff.blueprint import bp

__all__ = ["bp"]
