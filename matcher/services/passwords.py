"""Passwords: hashed with argon2id, refused when short or easy to guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from matcher.errors import Invalid

MIN_LENGTH = 12
MIN_LENGTH_OFFICE = 14
MAX_BYTES = 1024
# zxcvbn takes seconds on long texts, and 72 letters that are hard to guess are enough.
JUDGED_LETTERS = 72
LEAST_SCORE = 3
# How many different letters must be left when the words that do not count are taken out.
LEAST_LETTERS = 5

# RFC 9106 and OWASP: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified in vain for people who have no account, so that they take as long as others.
_dummy_hash = _hasher.hash("nobody has this password")

# What people here type first; a guesser would try it first, too.
OFFICE_WORDS = (
    *("управління", "громада", "донор", "проєкт", "проект", "ідея", "конкурс", "пароль"),
    *("суми", "сумська", "сумщина", "область", "україна", "ukraine", "слава", "перемога"),
    *("матчер", "matcher", "office", "donor", "community", "hromada", "project", "idea"),
    *("parol", "sumy", "sumska", "oblast", "ukraina", "slava", "peremoha", "grant", "грант"),
)
# Each key of the Ukrainian layout and the Latin letter on the same key.
_SAME_KEY = str.maketrans("йцукенгшщзхїфівапролджєячсмитьбюґ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.\\")
_PARTS = re.compile(r"\w{3,}")


def normalise(password: str) -> str:
    """Return the password as it is hashed: one form for all keyboards (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, *, in_office: bool, words: Iterable[str] = ()) -> None:
    """Raise Invalid when the password is too long, too short or easy to guess.

    ``words`` are texts about the person and the organisation: their words do not count.
    """
    text = password[: MAX_BYTES + 1]
    if len(text.encode()) > MAX_BYTES:
        raise Invalid("password_long", field="password")
    text = normalise(text)
    if len(text) < (MIN_LENGTH_OFFICE if in_office else MIN_LENGTH):
        raise Invalid("password_short_office" if in_office else "password_short", field="password")
    known = sorted({*OFFICE_WORDS, *_words(words)})
    if _letters_beside(text, known) < LEAST_LETTERS or score(text, known) < LEAST_SCORE:
        raise Invalid("password_guessable", field="password")


def score(password: str, known: Iterable[str]) -> int:
    """Return how hard the password is to guess, 0 to 4, as written and key by key.

    The estimate knows the Latin keyboard alone, so a password in Ukrainian letters is
    judged a second time by the keys it is typed with.
    """
    judged = password[:JUDGED_LETTERS]
    words = list(known)
    typed = [word.translate(_SAME_KEY) for word in words]
    readings = {judged: words, judged.lower().translate(_SAME_KEY): typed}
    return min(int(zxcvbn(text, inputs)["score"]) for text, inputs in readings.items())


def _letters_beside(password: str, known: Iterable[str]) -> int:
    """Return how many different letters the password has beside the known words.

    The estimate thinks well of three known words in a row; a guesser of this office does not.
    """
    rest = password.lower()
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, " ")
    return len({letter for letter in rest if letter.isalnum()})


def _words(texts: Iterable[str]) -> Iterator[str]:
    """Yield the single words of the texts, in small letters."""
    for text in texts:
        yield from (part.lower() for part in _PARTS.findall(text))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password; raises Invalid when it is too long."""
    if len(password) > MAX_BYTES or len(password.encode()) > MAX_BYTES:
        raise Invalid("password_long", field="password")
    return _hasher.hash(normalise(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Tell whether the password fits; without a hash it takes as long and never fits."""
    text = password[: MAX_BYTES + 1]
    usable = password_hash is not None and len(text.encode()) <= MAX_BYTES
    # An overlong input costs one hash of normal size, like every other wrong one.
    text = normalise(text) if usable else text[:MIN_LENGTH]
    try:
        fits = _hasher.verify(password_hash if usable and password_hash else _dummy_hash, text)
    except (VerificationError, InvalidHashError):
        return False
    return bool(fits) and usable


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with older parameters."""
    return bool(_hasher.check_needs_rehash(password_hash))
