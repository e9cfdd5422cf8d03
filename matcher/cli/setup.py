"""`flask setup`: makes an empty database an installation of one office, or leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from matcher.cli.saying import all_or_nothing, check_tables, page, sentence
from matcher.errors import Duplicate
from matcher.services import installation, reference, settings
from matcher.services.installation import Plan
from matcher.web import clock


def ask_email(question: str, default: str | None = None) -> str:
    """Ask until the answer looks like an e-mail address."""
    while True:
        answer: str = click.prompt(question, default=default).strip()
        if installation.is_email(answer):
            return answer
        click.echo("This is no e-mail address. Write it like name@office.example")


def ask(question: str, default: str | None = None) -> str:
    """Ask until there is an answer."""
    while True:
        answer: str = click.prompt(question, default=default).strip()
        if answer:
            return answer


@click.command("setup")
@click.option("--office-name-uk", help="The office's name in Ukrainian.")
@click.option("--office-name-en", help="The office's name in English.")
@click.option("--admin-name", help="Name of the first administrator, who is a lead as well.")
@click.option("--admin-email", help="E-mail of the first administrator.")
@click.option("--sender", help="The address that letters come from.")
@click.option(
    "--territory",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=reference.COMMUNITIES,
    help="Communities of the oblast, tab-separated; columns as in matcher/reference.",
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@with_appcontext
def setup(
    office_name_uk: str | None,
    office_name_en: str | None,
    admin_name: str | None,
    admin_email: str | None,
    sender: str | None,
    territory: Path,
    yes: bool,
) -> None:
    """Set up a new installation: the office, its first administrator, the reference data."""
    check_tables()
    if installation.has_office():
        raise click.ClickException(sentence(Duplicate("office")))
    if yes and not (admin_name and admin_email):
        raise click.UsageError("With --yes, give --admin-name and --admin-email.")
    names = settings.DEFAULTS["office_name_uk"], settings.DEFAULTS["office_name_en"]
    if yes:
        plan = Plan(
            office_name_uk=office_name_uk or names[0],
            office_name_en=office_name_en or names[1],
            sender=sender or admin_email or "",
            admin_name=admin_name or "",
            admin_email=admin_email or "",
            territory=territory,
        )
    else:
        email = admin_email or ask_email("Your e-mail (the first administrator)")
        plan = Plan(
            office_name_uk=office_name_uk or ask("Name of the office in Ukrainian", names[0]),
            office_name_en=office_name_en or ask("Name of the office in English", names[1]),
            sender=sender or ask_email("Letters come from the address", email),
            admin_name=admin_name or ask("Your name"),
            admin_email=email,
            territory=territory,
        )
        click.confirm(f"{describe(plan)}\nWrite this?", default=True, abort=True)
    write(plan)


def describe(plan: Plan) -> str:
    """Return the choices to read once more."""
    return "\n".join(
        [
            "",
            f"  Office:         {plan.office_name_uk} / {plan.office_name_en}",
            f"  Letters from:   {plan.sender}",
            f"  Administrator:  {plan.admin_name} <{plan.admin_email}>",
            f"  Communities:    {plan.territory.name}",
            "",
        ]
    )


def write(plan: Plan) -> None:
    """Write everything in one transaction and print the administrator's link."""
    now = clock.now()
    try:
        with all_or_nothing():
            secret = installation.set_up(plan, now=now)
            communities = len(installation.list_codes())
    except (UnicodeDecodeError, ValueError, KeyError) as error:
        message = f"{plan.territory.name} is no list of communities. Nothing was written."
        raise click.ClickException(message) from error
    click.echo(f"The office is set up with {communities} communities.")
    click.echo("The reference donors are unverified until staff confirm them.")
    click.echo("\nOpen this link once, within 7 days, to set your password:")
    click.echo(f"  {page(f'/auth/invitation/{secret}')}")
