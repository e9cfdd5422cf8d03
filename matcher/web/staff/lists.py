"""Lists that staff keep: communities, exchange rates, goals of strategies, territories."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from matcher.errors import Invalid, Stale
from matcher.extensions import db
from matcher.models.organisation import Organisation, OrganisationKind, TerritoryStatusCode
from matcher.models.user import Role
from matcher.services import lists, rates, territory_list
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.auth.forms import one_line, show_error
from matcher.web.staff.blueprint import bp
from matcher.web.staff.list_forms import (
    CommunityForm,
    EndTerritoryForm,
    GoalForm,
    RateForm,
    TerritoryForm,
)
from matcher.web.staff.list_pages import page_number, show_both, slice_page, status_of

Answer = Any


# Communities and agencies


@bp.get("/communities")
def list_communities() -> str:
    """List communities and agencies with what they have here; the way to all other lists."""
    rows = lists.list_communities(get_actor(), today=clock.today())
    raion = request.args.get("raion", "")
    words = one_line(request.args.get("q"))[:200].casefold()
    raions = {
        row.organisation.raion_code: row.organisation for row in rows if row.organisation.raion_code
    }
    shown = [
        row
        for row in rows
        if (not raion or row.organisation.raion_code == raion) and is_called(row, words)
    ]
    communities = [row for row in rows if row.organisation.kind is OrganisationKind.COMMUNITY]
    part, page, pages = slice_page(shown)
    return render_template(
        "staff/communities.html",
        rows=part,
        page=page,
        pages=pages,
        found=len(shown),
        raions=raions,
        total=len(communities),
        without_ideas=sum(row.ideas == 0 for row in communities),
        without_people=sum(row.people == 0 for row in communities),
        signing=sum(row.organisation.needs_signoff for row in communities),
    )


def is_called(row: lists.CommunityRow, words: str) -> bool:
    """Tell whether all words stand in the names of the organisation."""
    organisation = row.organisation
    text = f"{organisation.name_uk} {organisation.name_en}".casefold()
    return all(word in text for word in words.split())


@bp.route("/communities/<id:organisation_id>", methods=["GET", "POST"])
def edit_community(organisation_id: int) -> Answer:
    """Set what the office sets for a community."""
    actor = get_actor()
    community = lists.get_community(actor, organisation_id)
    form = CommunityForm(data=settings_of(community))
    if form.validate_on_submit():
        try:
            lists.edit_community(
                actor,
                community.id,
                needs_signoff=bool(form.needs_signoff.data),
                is_active=bool(form.is_active.data),
                now=clock.now(),
                version=form.version.data,
            )
        except Stale:
            saved = CommunityForm(formdata=None, data=settings_of(community))
            return show_both(form, saved, community.version)
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for(".list_communities"))
    return render_template("staff/community.html", form=form, community=community), status_of(form)


def settings_of(community: Organisation) -> dict[str, Any]:
    """Return what the form shows of a community."""
    return {
        "needs_signoff": community.needs_signoff,
        "is_active": community.is_active,
        "version": community.version,
    }


# Exchange rates


@bp.route("/rates", methods=["GET", "POST"])
def list_rates() -> Answer:
    """List the rates and enter the rate of a day."""
    actor = get_actor()
    form = RateForm(data={"day": clock.today()})
    if form.validate_on_submit():
        try:
            rate = rates.enter_rate(
                actor,
                form.currency.data,
                form.uah.data,
                form.day.data,
                source=form.source.data or "",
                now=clock.now(),
                today=clock.today(),
            )
        except Invalid as error:
            show_error(form, error, "uah")
        else:
            db.session.commit()
            flash(_("The rate of %(currency)s is entered.", currency=rate.currency), "success")
            return redirect(url_for(".list_rates"))
    number = page_number()
    rows, total = rates.list_rates(page=number)
    page = render_template(
        "staff/rates.html",
        form=form,
        rates=rows,
        page=number,
        pages=max(1, -(-total // rates.PAGE)),
        total=total,
    )
    return page, status_of(form)


# Goals of strategies


@bp.route("/goals", methods=["GET", "POST"])
def list_goals() -> Answer:
    """List the goals and add one."""
    form = GoalForm()
    if form.validate_on_submit() and save_goal(form, None):
        flash(_("The goal is added."), "success")
        return redirect(url_for(".list_goals"))
    page = render_template("staff/goals.html", form=form, goals=lists.list_goals(get_actor()))
    return page, status_of(form)


@bp.route("/goals/<id:goal_id>", methods=["GET", "POST"])
def edit_goal(goal_id: int) -> Answer:
    """Change a goal or take it out of use."""
    goal = lists.get_goal(get_actor(), goal_id)
    form = GoalForm(obj=goal)
    if form.validate_on_submit() and save_goal(form, goal_id):
        flash(_("The goal is saved."), "success")
        return redirect(url_for(".list_goals"))
    return render_template("staff/goal.html", form=form, goal=goal), status_of(form)


def save_goal(form: GoalForm, goal_id: int | None) -> bool:
    """Store the goal; put what is wrong beside its field and tell that it was not stored."""
    goal = lists.Goal(
        list_code=form.list_code.data,
        code=form.code.data,
        text_uk=form.text_uk.data,
        text_en=form.text_en.data,
        source_url=form.source_url.data or "",
        is_active=bool(form.is_active.data),
    )
    try:
        lists.save_goal(get_actor(), goal, goal_id=goal_id, now=clock.now())
    except Invalid as error:
        show_error(form, error, "code")
        return False
    db.session.commit()
    return True


# Territories


@bp.get("/territories")
def list_territories() -> str:
    """Show the official list by date and the open pairs that it touches."""
    return show_territories(TerritoryForm(formdata=None))


def show_territories(form: TerritoryForm) -> str:
    """Render the page of the territory list."""
    actor = get_actor()
    form.prepare()
    entries, in_force = territory_list.list_entries(actor, today=clock.today())
    current = [row for row in entries if row.valid_to is None or row.valid_to >= clock.today()]
    part, page, pages = slice_page(entries)
    return render_template(
        "staff/territories.html",
        form=form,
        entries=part,
        page=page,
        pages=pages,
        total=len(entries),
        in_force=set(in_force),
        touched=territory_list.touched_pairs(actor, current),
        may_change=actor.role is Role.LEAD,
        today=clock.today(),
    )


@bp.post("/territories/new")
def add_territory_status() -> Answer:
    """Add an entry of the official list."""
    actor = get_actor()
    form = TerritoryForm()
    form.prepare()
    if form.validate_on_submit():
        try:
            entry = territory_list.add_entry(
                actor,
                form.katottg.data,
                TerritoryStatusCode(form.status.data),
                form.valid_from.data,
                valid_to=form.valid_to.data,
                source=form.source.data,
                now=clock.now(),
                today=clock.today(),
            )
        except Invalid as error:
            db.session.rollback()
            show_error(form, error, "katottg")
        else:
            count = len(territory_list.touched_pairs(actor, [entry]))
            db.session.commit()
            flash(
                _("The entry is added. Open pairs that it touches: %(count)s.", count=count),
                "success",
            )
            return redirect(url_for(".list_territories"))
    return show_territories(form), 422


@bp.route("/territories/<id:entry_id>/end", methods=["GET", "POST"])
def end_territory_status(entry_id: int) -> Answer:
    """End an entry on a day."""
    actor = get_actor()
    entry = territory_list.get_entry(actor, entry_id)
    form = EndTerritoryForm(data={"valid_to": clock.today()})
    if form.validate_on_submit():
        try:
            territory_list.end_entry(
                actor, entry.id, form.valid_to.data, now=clock.now(), today=clock.today()
            )
        except Invalid as error:
            show_error(form, error, "valid_to")
        else:
            db.session.commit()
            flash(_("The entry ends on that day."), "success")
            return redirect(url_for(".list_territories"))
    page = render_template(
        "staff/territory_end.html",
        form=form,
        entry=entry,
        touched=territory_list.touched_pairs(actor, [entry]),
    )
    return page, status_of(form)
