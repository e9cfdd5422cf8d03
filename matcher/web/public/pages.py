"""The start page, the open ideas and the pages that explain."""

from __future__ import annotations

from flask import render_template, request

from matcher.models.codes import Language
from matcher.services import public
from matcher.web.context import current_language
from matcher.web.public.blueprint import bp
from matcher.web.public.example import WHY, example_rows

LONGEST = 200


@bp.get("/")
def start() -> str:
    """Show what this is, the two doors, three steps and the public figures."""
    language = Language(current_language())
    return render_template(
        "public/start.html", figures=public.figures(), funded=public.latest_funded(language)
    )


def asked(name: str) -> str:
    """Return an argument of the address without what no database stores."""
    return request.args.get(name, "")[:LONGEST].replace("\0", "")


@bp.get("/ideas")
def list_ideas() -> str:
    """Show the ideas that everybody may read."""
    filters = public.Filters(asked("raion"), asked("sector"), asked("sdg"), asked("q"))
    page = public.list_ideas(
        filters, Language(current_language()), request.args.get("page", 1, type=int)
    )
    return render_template(
        "public/ideas.html",
        page=page,
        choices=public.list_choices(),
        filtered=filters != public.Filters(),
    )


@bp.get("/ideas/<code>")
def view_idea(code: str) -> str:
    """Show the release text and the facts of one open idea."""
    row = public.get_idea(code, Language(current_language()))
    others = [text for text in public.confirmed_texts(row.idea) if text is not row.text]
    return render_template("public/idea.html", row=row, others=others)


@bp.get("/guidance")
def guidance() -> str:
    """Explain the work to each of its people."""
    return render_template("public/guidance.html")


@bp.get("/guidance/example")
def example_idea() -> str:
    """Show one filled example, invented."""
    sections = [(section, why, example_rows(section)) for section, why in WHY.items()]
    return render_template("public/example.html", sections=sections)


@bp.get("/privacy")
def privacy() -> str:
    """Say what is stored, who sees it and for how long."""
    return render_template("public/privacy.html")


@bp.get("/accessibility")
def accessibility() -> str:
    """Say how the pages can be used and whom to tell when they cannot."""
    return render_template("public/accessibility.html")
