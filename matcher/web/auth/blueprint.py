"""The blueprint of the pages for accounts: access, signing in, one's own profile; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
