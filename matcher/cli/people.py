"""`flask users`: accounts at the console, for the day when nobody can sign in."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from matcher.cli.saying import all_or_nothing, check_tables, page
from matcher.models.codes import Language
from matcher.models.user import LinkPurpose, Role, User
from matcher.services import installation, people
from matcher.web import clock

group = AppGroup("users", help="Accounts: list, invite, lock, unlock, reset-link.")
ROLES = click.Choice([role.value for role in Role])


def seats_of(user: User) -> str:
    """Return the seats a person holds now, in one line."""
    held = [seat for seat in user.memberships if seat.ended_at is None]
    return ", ".join(f"{seat.role.value} of {seat.organisation.name_en}" for seat in held) or "-"


@group.command("list")
@click.option("--role", type=ROLES, help="Only people with this role.")
def list_users(role: str | None) -> None:
    """List the accounts with their state and seats."""
    check_tables()
    for user in installation.list_people():
        held = {seat.role.value for seat in user.memberships if seat.ended_at is None}
        if role is None or role in held:
            click.echo(f"{user.email:<34}{people.state_of(user).value:<10}{seats_of(user)}")


@group.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", type=ROLES, required=True)
@click.option(
    "--organisation",
    default="",
    help="Number of the organisation or codifier code of the community; not for the office.",
)
@click.option("--language", type=click.Choice([code.value for code in Language]), default="uk")
def invite(email: str, name: str, role: str, organisation: str, language: str) -> None:
    """Give somebody a seat and print the link that opens the account."""
    with all_or_nothing():
        seat, secret = installation.invite(
            email=email,
            name=name,
            role=Role(role),
            code=organisation,
            language=Language(language),
            now=clock.now(),
        )
        where = seat.organisation.name_en
    click.echo(f"{email}: {role} of {where}.")
    if secret is None:
        click.echo("The person has an account and signs in as before.")
    else:
        click.echo("Hand over this link; it works once, for 7 days:")
        click.echo(f"  {page(f'/auth/invitation/{secret}')}")


@group.command("lock")
@click.argument("email")
def lock(email: str) -> None:
    """Lock an account at once; its sessions end."""
    with all_or_nothing():
        installation.lock(email, now=clock.now())
    click.echo(f"{email} is locked; all its sessions have ended.")


@group.command("unlock")
@click.argument("email")
def unlock(email: str) -> None:
    """Open a locked account again."""
    with all_or_nothing():
        installation.unlock(email, now=clock.now())
    click.echo(f"{email} is open again.")


@group.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link that sets a new password; older links stop working."""
    with all_or_nothing():
        link, secret = installation.make_reset_link(email, now=clock.now())
        invited = link.purpose is LinkPurpose.INVITATION
    path = f"/auth/invitation/{secret}" if invited else f"/auth/password/reset/{secret}"
    click.echo(f"It works once, {'for 7 days' if invited else 'for one hour'}:")
    click.echo(f"  {page(path)}")
