"""What can go wrong in the domain: each error carries a code that the web layer words."""


class MatcherError(Exception):
    """Base of all errors of the domain; ``code`` names the sentence shown to the person."""

    def __init__(self, code: str = "", **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NotFound(MatcherError):
    """There is no such row, or this person may not know of it."""


class NotAllowed(MatcherError):
    """The person may see the row but has no right to this act."""


class WrongState(MatcherError):
    """The act does not fit the state that the row is in now."""


class Stale(WrongState):
    """Somebody changed the row after this person had opened it."""


class Duplicate(MatcherError):
    """The same form key came with other content, or a unique value exists already."""


class Invalid(MatcherError):
    """A value breaks a rule of the domain; ``details['field']`` names the form field."""
