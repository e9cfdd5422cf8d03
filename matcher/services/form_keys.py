"""The hidden key of a form: the same form sent twice makes one record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from matcher.errors import Duplicate
from matcher.extensions import db
from matcher.models.job import FormKey
from matcher.models.user import Membership


def content_digest(content: Mapping[str, object]) -> str:
    """Return the SHA-256 of a form's content, in hex."""
    text = json.dumps(content, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def find_subject(
    actor: Membership | None, key: str, act: str, content: Mapping[str, object]
) -> int | None:
    """Return the id that this form made before, or None; other content raises Duplicate."""
    known = db.session.get(FormKey, key)
    if known is None:
        return None
    same_person = known.user_id == (actor.user_id if actor else None)
    if not same_person or known.act != act or known.digest != content_digest(content):
        raise Duplicate("form_key", subject_id=known.subject_id if same_person else None)
    return known.subject_id


def remember(
    actor: Membership | None,
    key: str,
    act: str,
    content: Mapping[str, object],
    subject_id: int,
    *,
    now: datetime,
) -> None:
    """Bind the key to the record that the form made; a parallel twin raises Duplicate."""
    row = FormKey(
        key=key,
        user_id=actor.user_id if actor else None,
        act=act,
        digest=content_digest(content),
        subject_id=subject_id,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise Duplicate("form_key", subject_id=None) from error
