"""The blueprint of the pages for donors; its view modules add routes to it."""

from flask import Blueprint

bp = Blueprint("donor", __name__, url_prefix="/donor")
