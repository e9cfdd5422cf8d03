"""Pages of the staff part."""

from importlib import import_module
from importlib.util import find_spec

from matcher.web.staff.blueprint import bp

MODULES = (
    "today",
    "ideas",
    "restricted",
    "donors",
    "profiles",
    "lists",
    "people",
    "letters",
    "runs",
    "queue",
    "pairs",
    "pair_acts",
    "pair_answers",
    "add_pair",
    "follow_up",
)
for name in MODULES:
    if find_spec(f"{__name__}.{name}"):
        import_module(f"{__name__}.{name}")

__all__ = ["bp"]
