"""Pages of the donor part."""

from matcher.web.donor.blueprint import bp

__all__ = ["bp"]
