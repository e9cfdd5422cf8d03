"""Pages of the public part."""

from matcher.web.public.blueprint import bp

__all__ = ["bp"]
