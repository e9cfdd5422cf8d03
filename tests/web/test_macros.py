"""The macros: ties of label, hint, error and control; signs; escaping; colours and budgets."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from flask import Flask
from flask_babel import Babel, lazy_gettext
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.form import Form
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from matcher.models.idea import IdeaStatus, Sensitivity
from matcher.models.job import JobStatus
from matcher.models.match import FeedbackValue, MatchStatus, RunStatus
from matcher.models.profile import CallState, ProfileKind, ProposalStatus
from matcher.web import filters

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"

Render = Callable[..., str]


class Inner(Form):
    place = StringField("Place", [InputRequired("Enter a place")])


class Sample(FlaskForm):
    title = StringField("Title", [InputRequired("Enter a title"), Length(max=200)])
    problem = TextAreaField("Problem", [InputRequired("Describe the problem"), Length(max=500)])
    community = SelectField(
        "Community",
        [InputRequired("Choose a community")],
        choices=[SelectChoice("", "Choose"), SelectChoice("1", "One")],
    )
    sector = RadioField(
        "Sector",
        [InputRequired("Choose one")],
        choices=[SelectChoice("w", "Water"), SelectChoice("e", "Energy")],
    )
    groups = SelectMultipleField(
        "Groups",
        [InputRequired("Choose some")],
        choices=[SelectChoice("a", "Children"), SelectChoice("b", "Veterans")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    people = IntegerField("People", [Optional()])
    start = DateField("Start", [InputRequired("Enter a date")])
    secret = PasswordField("Password", [InputRequired("Enter the password"), Length(max=150)])
    sheet = FileField("Spreadsheet", [InputRequired("Choose a file")])
    consent = BooleanField("I agree", [InputRequired("Tick the box")])
    places = FieldList(FormField(Inner), min_entries=1)
    key = HiddenField(default="k1")


CONTROLS = {
    "title": "input",
    "problem": "textarea",
    "community": "select",
    "start": "input",
    "secret": "input",
    "sheet": "input",
}


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="for tests", CLOCK=lambda: NOW)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: "en")
    CSRFProtect(app)
    filters.register(app)
    return app


@pytest.fixture
def render(app: Flask) -> Render:
    def render(macros: str, call: str, url: str = "/", **values: object) -> str:
        file, names = macros.split(":")
        source = f'{{% from "macros/{file}.html" import {names} %}}{call}'
        with app.test_request_context(url):
            return app.jinja_env.from_string(source).render(**values)

    return render


@pytest.fixture
def failed(app: Flask) -> Sample:
    with app.test_request_context("/", method="POST"):
        form = Sample(MultiDict(), meta={"csrf": False})
        form.validate()
        return form


@pytest.fixture
def fresh(app: Flask) -> Sample:
    with app.test_request_context("/"):
        return Sample(meta={"csrf": False})


def tree(html: str):
    """Return the parsed fragment; a parse error fails the test."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    fragment = parser.parseFragment(html)
    assert not parser.errors, parser.errors
    return fragment


def by_id(root, name: str):
    found = [element for element in root.iter() if element.get("id") == name]
    assert len(found) == 1, f"{name}: {len(found)} elements"
    return found[0]


def bare_tag(element) -> str:
    """Return the name of the element without its namespace; SVG has one."""
    return str(element.tag).rpartition("}")[2]


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


# Fields


@pytest.mark.parametrize(("name", "tag"), CONTROLS.items())
def test_a_failing_field_is_tied_to_its_hint_and_its_error(render, failed, name, tag):
    root = tree(render("forms:field", "{{ field(f, hint='A hint') }}", f=failed[name]))
    control = by_id(root, name)
    assert control.tag == tag
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby").split() == [f"{name}-hint", f"{name}-error"]
    assert words(by_id(root, f"{name}-hint")) == "A hint"
    assert words(by_id(root, f"{name}-error")) == f"Error: {failed[name].errors[0]}"
    assert [label.get("for") for label in root.iter("label")] == [name]


@pytest.mark.parametrize("name", CONTROLS)
def test_a_field_in_order_says_nothing_of_errors(render, fresh, name):
    html = render("forms:field", "{{ field(f) }}", f=fresh[name])
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html
    assert 'class="err"' not in html


def test_a_radio_group_is_a_fieldset_with_a_legend(render, failed):
    root = tree(
        render(
            "forms:field", "{{ field(f, hint='One', hints={'w': 'Wells'}) }}", f=failed["sector"]
        )
    )
    group = by_id(root, "sector")
    assert group.tag == "fieldset"
    assert group.get("role") == "radiogroup"
    assert group.get("aria-invalid") == "true"
    assert group.get("aria-describedby") == "sector-hint sector-error"
    assert words(group.find("legend")) == "Sector"
    assert [(i.get("id"), i.get("type")) for i in root.iter("input")] == [
        ("sector-0", "radio"),
        ("sector-1", "radio"),
    ]
    assert [label.get("for") for label in root.iter("label")] == ["sector-0", "sector-1"]
    assert by_id(root, "sector-0").get("aria-describedby") == "sector-0-hint"
    assert by_id(root, "sector-1").get("aria-describedby") is None


def test_boxes_of_a_group_carry_the_error_themselves(render, failed):
    root = tree(render("forms:field", "{{ field(f) }}", f=failed["groups"]))
    group = by_id(root, "groups")
    assert group.tag == "fieldset"
    assert group.get("role") is None
    assert group.get("aria-invalid") is None
    assert group.get("aria-describedby") == "groups-error"
    assert {i.get("aria-invalid") for i in root.iter("input")} == {"true"}


def test_a_chosen_option_stays_chosen(app, render):
    with app.test_request_context("/"):
        form = Sample(MultiDict({"sector": "e", "groups": "b"}), meta={"csrf": False})
        html = "".join(
            render("forms:field", "{{ field(f) }}", f=form[name]) for name in ("sector", "groups")
        )
    chosen = [i.get("value") for i in tree(html).iter("input") if i.get("checked") is not None]
    assert chosen == ["e", "b"]


def test_one_box_has_its_label_and_error(render, failed):
    root = tree(render("forms:field", "{{ field(f, hint='Why') }}", f=failed["consent"]))
    box = by_id(root, "consent")
    assert box.get("type") == "checkbox"
    assert box.get("aria-invalid") == "true"
    assert box.get("aria-describedby") == "consent-hint consent-error"
    assert words(next(root.iter("label"))) == "I agree"


def test_a_message_that_is_translated_late_is_shown(app, render, fresh):
    with app.test_request_context("/"):
        fresh.title.errors = [lazy_gettext("Enter a title")]
        html = render("forms:field", "{{ field(f) }}", f=fresh.title)
    assert "Enter a title</p>" in html


def test_hidden_fields_carry_no_id_so_that_two_forms_fit_on_a_page(render, fresh):
    html = render("forms:hidden_tags", "{{ hidden_tags(form) }}", form=fresh)
    assert 'name="key"' in html
    assert "id=" not in html


def test_a_hidden_field_has_no_label(render, fresh):
    html = render("forms:field", "{{ field(f) }}", f=fresh["key"])
    assert "label" not in html
    assert 'value="k1"' in html


def test_an_optional_field_says_so(render, fresh):
    assert "(optional)" in render("forms:field", "{{ field(f) }}", f=fresh["people"])
    assert "(optional)" not in render(
        "forms:field", "{{ field(f, optional=false) }}", f=fresh["people"]
    )
    assert "(optional)" not in render("forms:field", "{{ field(f) }}", f=fresh["title"])


def test_a_counted_text_is_never_cut_by_the_browser(render, fresh):
    html = render("forms:field", "{{ field(f, counter=500) }}", f=fresh["problem"])
    control = by_id(tree(html), "problem")
    assert control.get("data-counter") == "500"
    assert control.get("maxlength") is None
    assert control.get("aria-describedby") == "problem-counter"
    assert "Up to 500 characters" in html


def test_a_password_is_never_cut_and_its_button_needs_the_script(render, fresh):
    root = tree(render("forms:field", "{{ field(f) }}", f=fresh["secret"]))
    assert by_id(root, "secret").get("maxlength") is None
    button = next(root.iter("button"))
    assert button.get("hidden") is not None
    assert button.get("type") == "button"
    assert button.get("aria-controls") == "secret"


def test_what_was_understood_and_what_staff_said_describe_the_field(render, fresh):
    root = tree(
        render(
            "forms:field",
            "{{ field(f, note='Add people', echo='85 000', unit='EUR', inputmode='decimal') }}",
            f=fresh["title"],
        )
    )
    control = by_id(root, "title")
    assert control.get("aria-describedby") == "title-note title-echo"
    assert control.get("inputmode") == "decimal"


# Forms and buttons


def test_a_form_carries_its_hidden_fields_and_leaves_checking_to_the_server(app, render):
    app.config["WTF_CSRF_ENABLED"] = True
    with app.test_request_context("/"):
        form = Sample()
        html = app.jinja_env.from_string(
            '{% from "macros/forms.html" import form_tag, submit %}'
            "{% call form_tag(form, multipart=true) %}{{ submit('Go', 'danger') }}{% endcall %}"
        ).render(form=form)
    root = tree(html)
    element = next(root.iter("form"))
    assert element.get("method") == "post"
    assert element.get("novalidate") is not None
    assert element.get("enctype") == "multipart/form-data"
    assert {i.get("name") for i in root.iter("input")} == {"csrf_token", "key"}
    assert next(root.iter("button")).get("class") == "btn danger"


def test_a_lone_button_is_a_form_with_its_token(render):
    root = tree(
        render("forms:post_button", "{{ post_button('/x', 'Go', 'danger', {'version': 3}) }}")
    )
    assert next(root.iter("form")).get("action") == "/x"
    values = {i.get("name"): i.get("value") for i in root.iter("input")}
    assert values["version"] == "3"
    assert values["csrf_token"]


def test_the_summary_leads_to_each_failing_field(render, failed):
    root = tree(
        render(
            "errors:error_summary", "{{ error_summary(form, extra=['Two alike']) }}", form=failed
        )
    )
    links = {a.get("href"): words(a) for a in root.iter("a")}
    assert links["#title"] == "Enter a title"
    assert links["#sector-0"] == "Choose one"
    assert links["#groups-0"] == "Choose some"
    assert links["#places-0-place"] == "Enter a place"
    assert "Two alike" in words(root)
    box = next(root.iter("div"))
    assert box.get("data-error-summary") is not None
    assert box.get("tabindex") == "-1"
    assert box.get("role") == "alert"


def test_no_errors_no_summary(render, fresh):
    assert not render("errors:error_summary", "{{ error_summary(form) }}", form=fresh).strip()


# Status


@pytest.mark.parametrize(
    "status",
    [
        *IdeaStatus,
        *MatchStatus,
        *CallState,
        *ProfileKind,
        *ProposalStatus,
        *RunStatus,
        *JobStatus,
        *Sensitivity,
        *FeedbackValue,
        "very_strong",
        "strong",
        "moderate",
        "weak",
        "eligible",
        "unclear",
        "not_eligible",
        "not_started",
        "in_progress",
        "needs_change",
    ],
)
def test_every_status_has_a_sign_beside_its_word(render, status):
    root = tree(render("tags:tag", "{{ tag(status, 'Word') }}", status=status))
    sign = next(e for e in root.iter("span") if e.get("class") == "sign")
    assert sign.get("aria-hidden") == "true"
    assert sign.text not in ("", "·")
    assert words(root).endswith("Word")


def test_the_word_of_a_status_is_the_one_of_the_product(render):
    assert "Published" in render("tags:tag", "{{ tag(s) }}", s=IdeaStatus.PUBLISHED)


def test_an_unknown_status_is_calm(render):
    html = render("tags:tag", "{{ tag('no such', 'Word') }}")
    assert 'class="tag calm"' in html


# Evidence


def test_marks_stand_where_the_spans_say(render):
    text = "Дві свердловини й насос"
    html = render(
        "evidence:marked",
        "{{ marked(text, spans, 'uk') }}",
        text=text,
        spans=[{"start": 4, "end": 15, "number": 1}, (18, 23, 2)],
    )
    assert re.sub(r"<[^>]+>", "", html.replace("<sup>1</sup>", "").replace("<sup>2</sup>", "")) == (
        text
    )
    assert "<mark>свердловини<sup>1</sup></mark>" in html
    assert "<mark>насос<sup>2</sup></mark>" in html
    assert 'lang="uk"' in html


def test_overlapping_or_empty_spans_lose_no_letter(render):
    html = render(
        "evidence:marked", "{{ marked('abcdef', spans) }}", spans=[(0, 4, 1), (2, 6, 2), (5, 5, 3)]
    )
    assert re.sub(r"<sup>.</sup>|<[^>]+>", "", html) == "abcdef"


@pytest.mark.parametrize(("value", "most", "width"), [(31, 40, "77.5%"), (9, 3, "100%")])
def test_a_bar_shows_its_share(render, value, most, width):
    html = render("evidence:bar", "{{ bar(v, m, 'Share') }}", v=value, m=most)
    assert f'width="{width}"' in html
    assert 'aria-label="Share"' in html


def test_a_bar_of_nothing_is_empty(render):
    assert render("evidence:bar", "{{ bar(0, 0, 'Share') }}").count("<rect") == 1


def test_a_rule_shows_the_verdict_and_both_values(render):
    rows = [
        {
            "status": "not_eligible",
            "label": "Amount",
            "status_label": "not eligible",
            "ours": "40 000",
            "theirs": "",
            "hint": "Ask for more",
        }
    ]
    root = tree(render("evidence:rules", "{{ rules(rows) }}", rows=rows))
    assert "not eligible" in words(root)
    assert [words(dd) for dd in root.iter("dd")] == ["40 000", "no restriction"]
    assert "Ask for more" in words(root)


# Lists, tables, time, charts


def test_missing_is_said_and_a_change_link_names_its_row(render):
    rows = [{"label": "Own share", "value": None, "edit": "/e"}]
    root = tree(render("lists:summary_list", "{{ summary_list(rows) }}", rows=rows))
    assert "not stated" in words(root)
    assert words(next(root.iter("a"))) == "Change – Own share"


def test_zero_is_not_missing(render):
    html = render("lists:definition, summary_list", "{{ definition([('People', 0)]) }}")
    assert "not stated" not in html


def test_values_of_a_summary_may_be_built_by_the_caller(render):
    html = render(
        "lists:summary_list",
        "{% call(row) summary_list(rows) %}<b>{{ row.value }}</b>{% endcall %}",
        rows=[{"label": "A", "value": "x"}],
    )
    assert "<b>x</b>" in html


def test_the_pager_keeps_the_filters(render):
    root = tree(render("pager:pager", "{{ pager(2, 9, 201) }}", url="/q?view=old&page=2"))
    links = [a.get("href") for a in root.iter("a")]
    assert links == [
        "?view=old",
        "?view=old",
        "?view=old&page=3",
        "?view=old&page=9",
        "?view=old&page=3",
    ]
    assert [words(e) for e in root.iter("span") if e.get("aria-current")] == ["Page 2"]


def test_one_page_needs_no_pager(render):
    assert not render("pager:pager", "{{ pager(1, 1, 3) }}").strip()


def test_a_chip_changes_one_argument_and_returns_to_the_first_page(render):
    options = [("", "All", 34), ("old", "Over 7 days", None)]
    root = tree(
        render(
            "filters:chips",
            "{{ chips('view', options, 'Views') }}",
            url="/q?view=old&sector=1&page=4",
            options=options,
        )
    )
    assert [(a.get("href"), a.get("aria-current")) for a in root.iter("a")] == [
        ("?sector=1", None),
        ("?view=old&sector=1", "true"),
    ]


def test_a_filter_form_keeps_what_it_is_told_to_and_its_own_choice(render):
    root = tree(
        render(
            "filters:filter_bar, filter_select, filter_search",
            "{% call filter_bar(keep=['view']) %}{{ filter_search('q', 'Search') }}"
            "{{ filter_select('sector', 'Sector', [('', 'All'), (140, 'Water')]) }}{% endcall %}",
            url='/q?view=old&sector=140&q="><b>',
        )
    )
    assert {i.get("name"): i.get("value") for i in root.iter("input")} == {
        "view": "old",
        "q": '"><b>',
    }
    assert [o.get("value") for o in root.iter("option") if o.get("selected") is not None] == ["140"]
    assert {label.get("for") for label in root.iter("label")} == {"f-q", "f-sector"}


def test_a_sorted_column_says_so_and_turns_around(render):
    root = tree(
        render(
            "table:table",
            "{% call table('Queue', ['Pair', {'label': 'Wait', 'num': true, 'sort': 'wait'}]) %}"
            "<tr><th scope='row'>A</th><td>1</td></tr>{% endcall %}",
            url="/q?sort=wait&page=2",
        )
    )
    heads = [e for e in root.iter("th") if e.get("scope") == "col"]
    assert heads[1].get("aria-sort") == "ascending"
    assert next(heads[1].iter("a")).get("href") == "?sort=-wait"
    assert words(next(root.iter("caption"))) == "Queue"


def test_a_moment_is_relative_with_the_exact_one_behind(render):
    root = tree(render("time:when", "{{ when(m) }}", m=NOW - timedelta(hours=3)))
    element = next(root.iter("time"))
    assert words(element).startswith("3 hours ago")
    assert element.get("title") == "22\u00a0November 2026, 09:00"
    assert element.get("datetime") == "2026-11-22T07:00:00+00:00"


@pytest.mark.parametrize(("days", "tone"), [(-1, "calm"), (3, "wait"), (60, "calm")])
def test_a_near_deadline_is_gold(render, days, tone):
    closes = date(2026, 11, 22) + timedelta(days=days)
    assert f'class="tag {tone}"' in render("time:due", "{{ due(d) }}", d=closes)


def test_a_chart_has_a_title_and_the_same_figures_in_a_table(render):
    rows = [{"label": "Submitted", "value": 128}, {"label": "Funded", "value": 8}]
    root = tree(render("charts:funnel", "{{ funnel('Path', rows, 'Step', 'Ideas') }}", rows=rows))
    svg = next(e for e in root.iter() if bare_tag(e) == "svg")
    assert svg.get("role") == "img"
    assert words(next(e for e in svg.iter() if bare_tag(e) == "title")) == "Path"
    cells = [words(e) for e in next(root.iter("tbody")).iter() if e.tag in ("th", "td")]
    assert cells == ["Submitted", "128", "Funded", "8"]


def test_a_map_of_tiles_has_one_tile_a_community_and_a_table(render):
    tiles = [
        {"x": 0, "y": 0, "label": "Б", "group": "1", "value": 9, "href": "/b"},
        {"x": 1, "y": 0, "label": "А", "group": "2", "value": 0},
    ]
    call = "{{ tile_map('Ideas', tiles, 'Community', 'Ideas') }}"
    html = render("charts:tile_map", call, tiles=tiles)
    assert '<rect class="t4" x="0"' in html
    assert '<rect class="t0" x="20"' in html
    assert html.count("M20 0v20") == 1, "the border between two raions is drawn once"
    cells = [words(e) for e in next(tree(html).iter("tbody")).iter() if e.tag in ("th", "td")]
    assert cells == ["А", "0", "Б", "9"]


def test_a_line_ends_at_its_last_value(render):
    rows = [{"label": "1", "value": 0}, {"label": "2", "value": 4}]
    html = render("charts:spark", "{{ spark('P', rows, 'Week', 'Ideas', '4 now') }}", rows=rows)
    assert 'points="6.0,56.0 294.0,8.0 "' in html
    assert "4 now" in html


def test_an_empty_chart_says_so(render):
    assert "Nothing to show yet" in render("charts:bar_chart", "{{ bar_chart('P', [], 'a', 'b') }}")


def test_a_timeline_marks_the_present_step(render):
    items = [
        {"label": "Submitted", "state": "done", "when": NOW - timedelta(days=2), "who": "editor"},
        {"label": "Checking", "state": "now"},
        {"label": "Pairs", "state": "next", "note": "later"},
    ]
    root = tree(render("timeline:timeline", "{{ timeline(items) }}", items=items))
    assert [li.get("aria-current") for li in root.iter("li")] == [None, "step", None]
    assert "2 days ago" in words(root)


# Hostile values


@pytest.mark.parametrize(
    ("macros", "call"),
    [
        ("tags:tag", "{{ tag(x, x) }}"),
        ("tags:note_tag", "{{ note_tag(x) }}"),
        ("tags:strength", "{{ strength(x, x) }}"),
        ("lists:summary_list", "{{ summary_list([{'label': x, 'value': x, 'edit': x}]) }}"),
        ("lists:definition", "{{ definition([(x, x)]) }}"),
        (
            "lists:task_list",
            "{{ task_list([{'label': x, 'href': x, 'status': x, 'status_label': x, 'hint': x}]) }}",
        ),
        ("lists:stats", "{{ stats([{'value': x, 'label': x, 'href': x}]) }}"),
        ("evidence:marked", "{{ marked(x, [(0, 8, x), (9, 14, 2)], x) }}"),
        ("evidence:bar", "{{ bar(1, 2, x) }}"),
        ("evidence:missing", "{{ missing([x, {'label': x, 'href': x}]) }}"),
        (
            "evidence:shared_terms",
            "{{ shared_terms([{'number': x, 'left': x, 'right': x, 'left_lang': x}]) }}",
        ),
        (
            "evidence:rules",
            "{{ rules([{'status': x, 'label': x, 'status_label': x, 'ours': x, 'theirs': x}]) }}",
        ),
        ("page:crumbs", "{{ crumbs([(x, x), (x, none)]) }}"),
        ("page:empty", "{{ empty(x, x, x, x) }}"),
        ("timeline:timeline", "{{ timeline([{'label': x, 'state': 'now', 'note': x}]) }}"),
        ("charts:bar_chart", "{{ bar_chart(x, [{'label': x, 'value': 1}], x, x) }}"),
        ("forms:post_button", "{{ post_button(x, x, x, {x: x}) }}"),
        ("forms:submit", "{{ submit(x, x, x, x) }}"),
        ("filters:chips", "{{ chips('v', [(x, x, 1)], x) }}"),
        ("forms:field", "{{ field(f, hint=x, label=x, note=x, echo=x, unit=x) }}"),
    ],
)
def test_no_value_becomes_an_element(render, fresh, macros, call):
    html = render(macros, call, url="/?v=<script>", x=HOSTILE, f=fresh["title"])
    elements = {
        element.tag for element in html5lib.parseFragment(html, namespaceHTMLElements=False).iter()
    }
    assert not elements & {"script", "img"}
    assert "onerror=alert" not in re.sub(r'"[^"]*"|>[^<]*<', "", html)
    assert "49" not in html


def test_a_hostile_choice_and_error_stay_text(app, render):
    with app.test_request_context("/", method="POST"):
        form = Sample(MultiDict({"title": HOSTILE}), meta={"csrf": False})
        form.sector.choices = [SelectChoice(HOSTILE, HOSTILE)]
        form.validate()
        form.title.errors = [HOSTILE]
        html = "".join(
            render("forms:field", "{{ field(f) }}", f=form[name]) for name in ("title", "sector")
        )
        html += render("errors:error_summary", "{{ error_summary(form) }}", form=form)
    assert "<script" not in html
    assert "<img" not in html


# The frame and the colours


def test_templates_hold_no_style_and_no_script_of_their_own():
    files = [ROOT / "templates" / "base.html", *(ROOT / "templates" / "macros").glob("*.html")]
    files += (ROOT / "templates" / "errors").glob("*.html")
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|<script(?! src=)|\son[a-z]+=|\|\s*safe", text), file


@pytest.mark.parametrize("page", ["500", "503"])
def test_the_last_pages_need_nothing_of_the_application(page):
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"), undefined=StrictUndefined, autoescape=True
    )
    html = environment.get_template(f"errors/{page}.html").render()
    assert 'lang="uk"' in html
    assert 'lang="en"' in html


def test_style_and_script_stay_within_their_budgets():
    css = (ROOT / "static/css/app.css").read_bytes()
    script = (ROOT / "static/js/app.js").read_bytes()
    assert len(gzip.compress(css, 9)) <= 6 * 1024
    assert len(script) <= 2048


def tokens(dark: bool) -> dict[str, str]:
    css = (ROOT / "static/css/app.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root\{(.*?)\}", css, re.DOTALL)
    found = dict(re.findall(r"--([a-z0-9]+):(#[0-9a-f]+)", blocks[0]))
    if dark:
        found |= dict(re.findall(r"--([a-z0-9]+):(#[0-9a-f]+)", blocks[1]))
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2 of a #rgb or #rrggbb colour."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *((ink, ground) for ink in ("ink", "soft", "primary", "bad", "deep", "gold", "ok")
      for ground in ("ground", "surface")),
    *((ink, "sunk") for ink in ("ink", "soft", "primary")),
    ("on", "primary"), ("on", "deep"), ("gold", "rye"), ("ink", "rye"), ("ok", "leaf"),
    ("ink", "leaf"), ("bad", "blush"), ("ink", "blush"), ("primary", "wash"), ("ink", "wash"),
    ("soft", "wash"), ("deep", "wash"), ("primary", "rye"), ("primary", "leaf"),
    ("primary", "blush"),
]  # fmt: skip
EDGES = [
    *((edge, ground) for edge in ("field", "ring", "primary", "thread")
      for ground in ("ground", "surface")),
    ("s3", "surface"), ("s4", "surface"), ("gold", "surface"),
]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours_can_be_told_apart(dark):
    colour = tokens(dark)
    faint = [
        (one, other, round(contrast(colour[one], colour[other]), 2))
        for pairs, least in ((TEXT, 4.5), (EDGES, 3.0))
        for one, other in pairs
        if contrast(colour[one], colour[other]) < least
    ]
    assert not faint


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_scale_of_the_charts_goes_one_way(dark):
    steps = [luminance(tokens(dark)[f"s{step}"]) for step in range(5)]
    assert all((a < b) == dark for a, b in pairwise(steps))
