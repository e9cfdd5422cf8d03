"""Error pages: each says what happened and what to do."""

from __future__ import annotations

import logging

from flask import Flask, current_app, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from matcher.errors import Duplicate, Invalid, MatcherError, NotAllowed, NotFound, WrongState
from matcher.extensions import db
from matcher.web import access, wording

logger = logging.getLogger(__name__)

STATUS: dict[type[MatcherError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    WrongState: 409,
    Duplicate: 409,
    Invalid: 422,
}
PAGES = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})


def register(app: Flask) -> None:
    """Turn errors into pages."""
    app.register_error_handler(MatcherError, show_domain_error)
    app.register_error_handler(CSRFError, show_csrf_error)
    app.register_error_handler(StaleDataError, show_stale_row)
    app.register_error_handler(IntegrityError, show_stale_row)
    app.register_error_handler(OperationalError, show_database_error)
    app.register_error_handler(HTTPException, show_http_error)


def show_domain_error(error: MatcherError) -> tuple[str, int]:
    """Word a domain error; nothing of the failed act is kept in the database."""
    db.session.rollback()
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    page = status if status in PAGES else 400
    return render_template(f"errors/{page}.html", message=wording.error(error)), status


def show_csrf_error(error: CSRFError) -> Response | tuple[str, int]:
    """A form without a valid token: a lost session carries its text to the sign-in page."""
    allowed = access.ACCESS.get(request.endpoint or "", frozenset())
    if allowed and allowed is not access.EVERYBODY and access.get_login() is None:
        return access.ask_to_sign_in()
    message = _("This form was opened too long ago or in another window. Open it again.")
    return render_template("errors/400.html", message=message), 400


def show_stale_row(error: StaleDataError | IntegrityError) -> tuple[str, int]:
    """Two people saved at the same time, and a version or a unique value let one of them win."""
    db.session.rollback()
    message = _("Somebody else changed this while you were working. Look at it again.")
    return render_template("errors/409.html", message=message), 409


def show_database_error(error: OperationalError) -> Response:
    """The database is busy, full or away: say when to try again; reading may still work."""
    db.session.rollback()
    logger.error("database error %s", type(error.orig).__name__)
    response = Response(bare_page(503), 503, mimetype="text/html")
    response.headers["Retry-After"] = "30"
    return response


def show_http_error(error: HTTPException) -> Response | tuple[str, int]:
    """Every other refusal; redirects and unknown codes pass as they are."""
    code = error.code or 500
    if code not in PAGES:
        return error.get_response()
    if code >= 500:
        return bare_page(code), code
    return render_template(f"errors/{code}.html", message=""), code


def bare_page(code: int) -> str:
    """Return a page that asks nothing of the database: it may be what has failed."""
    return current_app.jinja_env.get_template(f"errors/{code}.html").render()
