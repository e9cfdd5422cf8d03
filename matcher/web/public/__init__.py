"""Pages of the public part."""

from matcher.web.public import confirming, health, pages, words
from matcher.web.public.blueprint import bp

__all__ = ["bp", "confirming", "health", "pages", "words"]
