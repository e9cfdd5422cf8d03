"""The blueprint of the pages for administrators; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
