"""Pages of the community part."""

from matcher.web.community.blueprint import bp

__all__ = ["bp"]
