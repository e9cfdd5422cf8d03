"""The page about quality: how good the ranking is, and what falls out of sight."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matcher.engine import Band
from matcher.engine.metrics import Figure
from matcher.services import quality
from matcher.services.quality import Quality
from matcher.web import clock, wording
from matcher.web.access import get_actor
from matcher.web.evidence_words import text_language
from matcher.web.filters import percent
from matcher.web.matching import get_index
from matcher.web.staff.blueprint import bp

FEW = 10  # fewer pairs give no interval worth showing
SETS = {
    "silver_en": _l("Ukrainian ideas against English priorities"),
    "silver_uk": _l("Ukrainian ideas against Ukrainian priorities"),
    "gold_10": _l("The donor that really funded it is among the first ten of 76"),
    "own": _l("Our own longer examples"),
    "sentences_uk_en": _l("A Ukrainian sentence finds its English translation"),
    "sentences_en_uk": _l("An English sentence finds its Ukrainian translation"),
    "donors_uk_en": _l("A donor’s Ukrainian text finds its English one"),
    "donors_en_uk": _l("A donor’s English text finds its Ukrainian one"),
}
MEASURES = {
    "nDCG@10": _l("nDCG of the first ten"),
    "A@1": _l("in first place"),
    "first 10": _l("among the first ten"),
}


@bp.get("/quality")
def view_quality() -> str:
    """Show the figures over what the reader may see."""
    report = quality.report(get_actor(), get_index(), today=clock.today())
    return render_template(
        "staff/quality.html",
        report=report,
        published=published_rows(report),
        bands=band_rows(report),
        ranks=rank_rows(report),
        reasons=[
            {"label": wording.word(reason), "value": count} for reason, count in report.reasons
        ],
        feedback=feedback_rows(report),
        text_language=text_language,
    )


def published_rows(report: Quality) -> list[dict[str, Any]]:
    """Return the figures of this release in words."""
    return [
        {
            "set": SETS[row.judged_set],
            "measure": MEASURES[row.measure],
            "mean": row.mean,
            "interval": interval(row.low, row.high),
            "queries": row.queries,
        }
        for row in report.published
    ]


def interval(low: float, high: float) -> str:
    """Return the limits of an interval as percentages."""
    return _("%(low)s to %(high)s", low=percent(low), high=percent(high))


def band_rows(report: Quality) -> list[dict[str, Any]]:
    """Return for each word how many of its judged pairs were good ones."""
    found: list[tuple[Band, Figure]] = [
        (band, report.by_band[band]) for band in Band if band in report.by_band
    ]
    return [
        {
            "band": band,
            "mean": row.mean,
            "interval": interval(row.low, row.high) if row.n_queries >= FEW else _("too few"),
            "pairs": row.n_queries,
        }
        for band, row in found
    ]


def rank_rows(report: Quality) -> list[dict[str, Any]]:
    """Return good and refused pairs by place."""
    rows = []
    before = 0
    for limit, (good, refused) in report.by_rank.items():
        if limit is None:
            label = _("after place %(place)s", place=before)
        else:
            label = _("places %(first)s–%(last)s", first=before + 1, last=limit)
            before = limit
        rows.append({"label": label, "good": good, "refused": refused})
    return rows


def feedback_rows(report: Quality) -> list[dict[str, Any]]:
    """Return what each role said about the suggestions of this version."""
    return [
        {"role": wording.word(role), "value": wording.word(value), "count": count}
        for (role, value), count in sorted(report.feedback.items())
    ]
