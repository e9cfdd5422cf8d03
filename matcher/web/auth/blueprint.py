"""The blueprint of the account pages; the view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
