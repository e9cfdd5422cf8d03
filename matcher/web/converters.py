"""URL converters: ids stay within what every database can hold."""

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """A positive row id; larger numbers are no page rather than a database error."""

    def __init__(self, map, *args, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(map, *args, min=1, max=LARGEST_ID, **kwargs)


def register(app: Flask) -> None:
    """Make `<id:...>` known to the routes."""
    app.url_map.converters["id"] = RowId
