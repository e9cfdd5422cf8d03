"""The blueprint of the pages for everybody; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("public", __name__)
