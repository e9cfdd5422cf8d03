"""The web layer: one package per audience, closed by default."""

from flask import Flask

from matcher.web import access, assets, context, converters, errors, filters, headers, matching
from matcher.web.admin import bp as admin
from matcher.web.auth import bp as auth
from matcher.web.community import bp as community
from matcher.web.context import select_language
from matcher.web.donor import bp as donor
from matcher.web.public import bp as public
from matcher.web.staff import bp as staff

__all__ = ["register", "select_language"]


def register(app: Flask) -> None:
    """Give ``app`` its pages and what all of them share."""
    converters.register(app)
    for blueprint in (public, auth, community, donor, staff, admin):
        app.register_blueprint(blueprint)
    access.register(app)
    assets.register(app)
    context.register(app)
    errors.register(app)
    filters.register(app)
    headers.register(app)
    matching.register(app)
