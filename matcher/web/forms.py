"""What all forms share: the key against double sending, the version, the restored text."""

from __future__ import annotations

import secrets
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

RESTORED = "_restored"


class BaseForm(FlaskForm):  # type: ignore[misc]
    """A form; text carried over a new sign-in fills it and is not submitted by itself."""

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        """Tell whether the person sent this form now and everything in it is right."""
        if self.is_restored:
            return False
        return bool(super().validate_on_submit(extra_validators))

    @property
    def is_restored(self) -> bool:
        """Tell whether the fields came back after a new sign-in."""
        return request.method == "POST" and RESTORED in request.form


class ActForm(BaseForm):
    """A lone button: nothing but the token."""


class KeyedForm(BaseForm):
    """A form that makes a record: its hidden key lets the record be made once."""

    key = HiddenField(
        default=lambda: secrets.token_urlsafe(24),
        validators=[InputRequired(_l("Open this form again.")), Length(max=64)],
    )


class VersionedForm(BaseForm):
    """A form that changes a record: it knows which version its reader saw."""

    version = IntegerField(
        widget=HiddenInput(),
        validators=[
            InputRequired(_l("Open this form again.")),
            NumberRange(min=1, max=2**31 - 1, message=_l("Open this form again.")),
        ],
    )
