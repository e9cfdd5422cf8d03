"""Donors: the list, one donor with its log and open pairs, packs of ideas to take along."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from matcher.errors import Invalid, Stale
from matcher.extensions import db
from matcher.models.codes import Channel, Language
from matcher.models.match import Match
from matcher.models.organisation import DonorKind, Organisation
from matcher.services import contacts, donors, profiles, taxonomy
from matcher.services.freshness import Freshness
from matcher.web import clock
from matcher.web.access import get_actor
from matcher.web.auth.forms import one_line, show_error
from matcher.web.filters import localised, money, number, percent
from matcher.web.forms import ActForm
from matcher.web.idea_words import months, organisation_name
from matcher.web.staff.blueprint import bp
from matcher.web.staff.donor_forms import ContactForm, DonorForm, NewDonorForm
from matcher.web.staff.list_pages import chosen_code, page_number, show_both, status_of
from matcher.web.wording import WORDS, word

Answer = Any
MOST_BRIEFED = 60


def asked_filter() -> donors.Filter:
    """Return what the address asks of the list; nonsense asks for nothing."""
    account = {"with": True, "without": False}.get(request.args.get("account", ""))
    sector = request.args.get("sector", "")
    return donors.Filter(
        words=one_line(request.args.get("q"))[:200],
        kind=chosen_code(DonorKind, "kind"),
        sector=sector if sector in taxonomy.sectors() else "",
        freshness=chosen_code(Freshness, "freshness"),
        has_account=account,
    )


@bp.get("/donors")
def list_donors() -> str:
    """List the donors, with search and filters in the address."""
    actor = get_actor()
    found = donors.list_donors(actor, asked_filter(), page=page_number(), today=clock.today())
    sectors = [(code, localised(term, "name")) for code, term in taxonomy.sectors().items()]
    return render_template(
        "staff/donors.html",
        found=found,
        kinds=[(code.value, word) for code, word in WORDS[DonorKind].items()],
        states=[(code.value, word) for code, word in WORDS[Freshness].items()],
        sectors=sectors,
    )


@bp.get("/donors/<id:organisation_id>")
def view_donor(organisation_id: int) -> str:
    """Show one donor: priorities, open pairs, the log of talks, the next step."""
    form = ContactForm(formdata=None, data={"on": clock.today()})
    return show_donor(organisation_id, form)


def show_donor(organisation_id: int, form: ContactForm) -> str:
    """Render the page of a donor."""
    actor = get_actor()
    donor, overview = contacts.view_donor(actor, organisation_id)
    rows = profiles.list_profiles(actor, today=clock.today(), organisation_id=donor.id)
    return render_template(
        "staff/donor.html",
        donor=donor,
        overview=overview,
        profiles=rows,
        form=form,
        today=clock.today(),
        act_form=ActForm(formdata=None),
    )


@bp.route("/donors/new", methods=["GET", "POST"])
def create_donor() -> Answer:
    """Enter a donor."""
    form = NewDonorForm()
    if form.validate_on_submit():
        try:
            donor = donors.create_donor(
                get_actor(),
                form.values(),
                now=clock.now(),
                today=clock.today(),
                key=form.key.data,
            )
        except Invalid as error:
            show_error(form, error, "name_uk")
        else:
            db.session.commit()
            flash(_("The donor is entered. Add its priorities next."), "success")
            return redirect(url_for(".view_donor", organisation_id=donor.id))
    return render_template("staff/donor_form.html", form=form, donor=None), status_of(form)


@bp.route("/donors/<id:organisation_id>/edit", methods=["GET", "POST"])
def edit_donor(organisation_id: int) -> Answer:
    """Change what the office knows of a donor."""
    actor = get_actor()
    donor = donors.get_donor(actor, organisation_id)
    form = DonorForm(data={**facts_of(donor), "version": donor.version})
    if form.validate_on_submit():
        try:
            donors.edit_donor(
                actor, donor.id, form.values(), now=clock.now(), version=form.version.data
            )
        except Invalid as error:
            show_error(form, error, "name_uk")
        except Stale:
            saved = DonorForm(formdata=None, data=facts_of(donor))
            return show_both(form, saved, donor.version)
        else:
            db.session.commit()
            flash(_("The donor’s data are saved."), "success")
            return redirect(url_for(".view_donor", organisation_id=donor.id))
    return render_template("staff/donor_form.html", form=form, donor=donor), status_of(form)


def facts_of(donor: Organisation) -> dict[str, Any]:
    """Return what the form shows of a donor."""
    values = {name: getattr(donor, name) for name in donors.FACTS}
    return {**values, "donor_kind": str(donor.donor_kind), "reads": donor.reads.value}


@bp.post("/donors/<id:organisation_id>/verify")
def verify_donor(organisation_id: int) -> Response:
    """Note that what we know of the donor is still right."""
    if ActForm().validate_on_submit():
        donors.verify_donor(get_actor(), organisation_id, now=clock.now(), today=clock.today())
        db.session.commit()
        flash(_("Noted: the donor’s data are right as of today."), "success")
    return redirect(url_for(".view_donor", organisation_id=organisation_id))


@bp.post("/donors/<id:organisation_id>/notes")
def add_contact_note(organisation_id: int) -> Answer:
    """Add a line to the log of talks."""
    actor = get_actor()
    donors.get_donor(actor, organisation_id)
    form = ContactForm()
    if form.validate_on_submit():
        try:
            contacts.add_note(
                actor,
                organisation_id,
                on=form.on.data,
                channel=Channel(form.channel.data),
                said=form.said.data,
                next_step=form.next_step.data or "",
                due_on=form.due_on.data,
                now=clock.now(),
                today=clock.today(),
                key=form.key.data,
            )
        except Invalid as error:
            show_error(form, error, "said")
        else:
            db.session.commit()
            flash(_("The talk is in the log."), "success")
            return redirect(url_for(".view_donor", organisation_id=organisation_id) + "#log")
    return show_donor(organisation_id, form), 422


@bp.post("/donors/<id:organisation_id>/notes/<id:note_id>/done")
def finish_contact_note(organisation_id: int, note_id: int) -> Response:
    """Tick a next step off."""
    if ActForm().validate_on_submit():
        contacts.finish_note(get_actor(), organisation_id, note_id, now=clock.now())
        db.session.commit()
        flash(_("The step is done."), "success")
    return redirect(url_for(".view_donor", organisation_id=organisation_id) + "#log")


@bp.get("/donors/<id:organisation_id>/briefing")
def briefing_pack(organisation_id: int) -> str:
    """Choose released ideas, and show the chosen ones on one printable page."""
    actor = get_actor()
    donor = donors.get_donor(actor, organisation_id)
    ids = request.args.getlist("match_id", type=int)[:MOST_BRIEFED]
    pairs = contacts.list_briefable(actor, donor.id)
    pack = contacts.brief(actor, donor.id, ids) if ids else []
    return render_template(
        "staff/briefing.html",
        donor=donor,
        pairs=pairs,
        pack=[(item, briefed_facts(item)) for item in pack],
        chosen={row.match.id for row in pack} or {pair.id for pair in pairs},
        left_out=len(set(ids) & {pair.id for pair in pairs}) - len(pack),
        today=clock.today(),
    )


def briefed_facts(item: contacts.BriefedPair) -> dict[Language, list[tuple[str, str]]]:
    """Return the facts of an idea, each language's in its own words."""
    facts = {}
    for language in item.texts:
        with force_locale(language.value):
            facts[language] = facts_in_words(item.match)
    return facts


def facts_in_words(match: Match) -> list[tuple[str, str]]:
    """Return what outsiders may know of an idea in the language in force; no place but its own."""
    idea = match.idea
    share, people = idea.own_share_pct, idea.beneficiaries
    rows = [
        (_("Community"), organisation_name(idea.organisation)),
        (_("Budget"), money(idea.amount, idea.currency)),
        (_("Own share"), percent(share, 2, 100)),
        (_("People it helps"), number(people)),
        (_("Duration"), months(idea.duration_months)),
        (_("Readiness"), word(idea.readiness)),
        (_("Fits your priority"), localised(match.profile, "title")),
    ]
    return [(label, value or _("not stated")) for label, value in rows]
