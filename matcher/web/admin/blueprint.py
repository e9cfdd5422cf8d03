"""The blueprint of the administrators' pages; the view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("admin", __name__, url_prefix="/admin")
