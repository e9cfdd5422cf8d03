"""The blueprint of the pages for the office; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("staff", __name__, url_prefix="/staff")
