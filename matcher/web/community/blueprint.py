"""The blueprint of the pages for communities; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("community", __name__, url_prefix="/community")
