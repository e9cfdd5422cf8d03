"""The shape of the project: who may import whom, how big things are, what is never written.

Each rule is a function from a file's path and text to its findings. Every rule is run over the
tree, and over a small planted fault, so that a rule that has gone blind fails too.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_OURS = {
    ".coverage",
    ".git",
    ".venv",
    "__pycache__",
    "htmlcov",
    "instance",
    "node_modules",
    "shots",
    "test-results",
}
BINARY = {".png", ".jpg", ".ico", ".webp", ".mo", ".gz", ".npz", ".xlsx", ".woff2"}

# Layer -> what of the project it may import. The order is that of docs/architecture.md.
MAY_IMPORT = {
    "web": {"web", "services", "engine", "models", "extensions", "errors", "config"},
    "worker": {"worker", "web", "services", "engine", "models", "extensions", "errors", "config"},
    "cli": {
        "cli",
        "worker",
        "reference",
        "web",
        "services",
        "engine",
        "models",
        "extensions",
        "errors",
        "config",
    },
    "reference": {"reference", "services", "engine", "models", "extensions", "errors"},
    "services": {"services", "reference", "engine", "models", "extensions", "errors"},
    "models": {"models", "extensions", "errors"},
    "engine": {"engine"},
    "extensions": set(),
    "errors": set(),
    "config": set(),
}
ENGINE_PACKAGES = {"numpy", "scipy", "sklearn", "simplemma", "snowballstemmer"}
# The web's own packages; whatever flask_ something is, is among them.
WEB_PACKAGES = {"flask", "wtforms", "werkzeug", "jinja2", "click", "gunicorn"}
CLOCK_NETWORK_CHANCE = {
    "time",
    "random",
    "secrets",
    "uuid",
    "socket",
    "urllib",
    "http",
    "ssl",
    "subprocess",
}
ASKS_THE_WORLD = {"getenv", "now", "utcnow", "today", "urandom"}
UNSAFE_MODULES = {"pickle", "cPickle", "shelve", "marshal", "dill", "joblib"}
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 40

Rule = Callable[[str, str], list[str]]


def layer_of(path: str) -> str:
    """Return the layer of a file in matcher/, or an empty text."""
    parts = Path(path).parts
    if len(parts) < 2 or parts[0] != "matcher":
        return ""
    return parts[1].removesuffix(".py")


def read_imports(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of everything a module imports, relative names resolved."""
    package = Path(path).parent.parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{start}.{alias.name}") for alias in node.names)


def imports_follow_the_arrows(path: str, text: str) -> list[str]:
    """web, cli, worker -> services -> models -> extensions, errors; services -> engine."""
    layer = layer_of(path)
    if layer not in MAY_IMPORT:
        return []
    found = []
    for line, name in read_imports(path, text):
        parts = name.split(".")
        if parts[0] == "matcher" and (len(parts) < 2 or parts[1] not in MAY_IMPORT[layer]):
            found.append(f"{path}:{line}: {layer} may not import {name}")
    return found


def engine_stands_alone(path: str, text: str) -> list[str]:
    """The engine uses the standard library and its few packages; its answers never vary."""
    if layer_of(path) != "engine":
        return []
    allowed = ENGINE_PACKAGES | set(sys.stdlib_module_names) | {"matcher"}
    if Path(path).name == "kernel.py":
        allowed = allowed | {"numba"}
    if Path(path).name != "__main__.py":
        allowed = allowed - CLOCK_NETWORK_CHANCE
    found = [
        f"{path}:{line}: the engine may not import {name}"
        for line, name in read_imports(path, text)
        if name.split(".")[0] not in allowed
    ]
    found += find_calls(path, text, ASKS_THE_WORLD)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            found.append(f"{path}:{node.lineno}: the engine may not read the environment")
    return found


def services_and_models_know_no_web(path: str, text: str) -> list[str]:
    """Actor and values come as arguments; the session comes through matcher.extensions."""
    if layer_of(path) not in ("services", "models", "reference", "errors"):
        return []
    found = []
    for line, name in read_imports(path, text):
        package = name.split(".")[0]
        if package in WEB_PACKAGES or package.startswith("flask"):
            found.append(f"{path}:{line}: {layer_of(path)} may not import {name}")
    return found


def web_holds_no_sql(path: str, text: str) -> list[str]:
    """Pages ask services; of SQLAlchemy they know the errors alone."""
    if layer_of(path) != "web":
        return []
    return [
        f"{path}:{line}: web may not import {name}"
        for line, name in read_imports(path, text)
        if name.split(".")[0] == "sqlalchemy" and ".exc." not in name + "."
    ]


def imports_stand_at_the_top(path: str, text: str) -> list[str]:
    """An import inside a function hides a cycle; the kernel, which starts numba, alone may wait."""
    found = []
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module or '.'}.{alias.name}" for alias in node.names]
            else:
                continue
            waiting = {"matcher.engine.kernel"}
            found += [f"{path}:{node.lineno}: import of {n}" for n in names if n not in waiting]
    return sorted(set(found))


def modules_are_not_loaded_by_name(path: str, text: str) -> list[str]:
    """Loading by name is an import that the other rules cannot see."""
    if path == "matcher/__init__.py":  # The factory, so that the engine loads without Flask.
        return []
    return find_calls(path, text, {"import_module", "__import__"})


def find_calls(path: str, text: str, names: set[str]) -> list[str]:
    """Return where one of these functions is called, however it was imported."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in names:
                found.append(f"{path}:{node.lineno}: {called}(")
    return found


def nothing_unsafe_is_called(path: str, text: str) -> list[str]:
    """No markup from data, no pickle, no shell, no template from a string."""
    found = find_calls(path, text, {"Markup", "render_template_string", "eval", "exec"})
    found += [
        f"{path}:{line}: import of {name}"
        for line, name in read_imports(path, text)
        if name.split(".")[0] in UNSAFE_MODULES
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "shell":
            if isinstance(node.value, ast.Constant) and node.value.value is False:
                continue
            found.append(f"{path}:{node.value.lineno}: shell=")
    return found


def modules_are_short(path: str, text: str) -> list[str]:
    """A module stays under 400 lines; what Alembic writes may be longer."""
    lines = text.count("\n")
    if lines < MAX_MODULE_LINES or path.startswith("matcher/migrations/versions/"):
        return []
    return [f"{path}: {lines} lines"]


def functions_are_short(path: str, text: str) -> list[str]:
    """A function stays under 40 lines; docstring, comments and empty lines are not counted."""
    if path.startswith("matcher/migrations/versions/"):
        return []
    found = []
    written = [bool(line.strip()) and not line.strip().startswith("#") for line in text.split("\n")]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = sum(written[node.lineno - 1 : node.end_lineno])
            if ast.get_docstring(node) is not None:
                lines -= sum(written[node.body[0].lineno - 1 : node.body[0].end_lineno])
            if lines >= MAX_FUNCTION_LINES:
                found.append(f"{path}:{node.lineno}: {node.name} has {lines} lines")
    return found


def modules_say_what_they_hold(path: str, text: str) -> list[str]:
    """The first line of every module is a sentence about it."""
    docstring = ast.get_docstring(ast.parse(text)) or ""
    return [] if docstring.strip() else [f"{path}: no docstring"]


TEMPLATE_FAULTS = {
    "markup from data": re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false"),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)", re.IGNORECASE),
    "an inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "an inline handler": re.compile(r"<[a-z][^<>{}]*\son[a-z]+\s*=|javascript:", re.IGNORECASE),
    "another site's file": re.compile(r"<(?:script|link|img)\b[^>]*=\s*[\"']?(?:https?:)?//"),
}


def templates_are_strict(path: str, text: str) -> list[str]:
    """Nothing inline, nothing unescaped, nothing from elsewhere: the policy is 'self'."""
    without_comments = re.sub(r"\{#.*?#\}", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)
    return [
        f"{path}:{without_comments.count(chr(10), 0, hit.start()) + 1}: {what}"
        for what, pattern in TEMPLATE_FAULTS.items()
        for hit in pattern.finditer(without_comments)
    ]


# Put together from pieces, so that this file is no finding of its own.
OUTSIDE = re.compile(
    "|".join(
        [
            r"(?<![\w.-])sha" + r"red/(?:data|design|hooks)\b",
            r"\.\./sha" + r"red\b",
            r"(?<![\w.-])/wo" + r"rk/(?:main|brief|sha" + r"red|tmp)",
            r"(?<![\w.-])/ro" + r"ot/",
            r"\bpypi\." + r"org\b",
        ]
    )
)


def nothing_outside_is_named(path: str, text: str) -> list[str]:
    """The project names no folder and no host of the place where it was written."""
    if path == ".ci/run":  # The one place that may know where the research data can lie.
        text = text.replace("${PWD%/*}/sha" + "red/data", "")
    return [
        f"{path}:{text.count(chr(10), 0, hit.start()) + 1}: {hit[0]}"
        for hit in OUTSIDE.finditer(text)
    ]


def read_tree(*patterns: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of the project's files that match."""
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            inside = path.relative_to(ROOT)
            if path.is_file() and not NOT_OURS & set(inside.parts) and path.suffix not in BINARY:
                yield inside.as_posix(), path.read_text(encoding="utf-8")


PROGRAM = ("matcher/**/*.py", "scripts/*.py", "wsgi.py", "bench/**/*.py")
EVERYTHING = ("*", ".ci/*", ".gitignore", *(f"{folder}/**/*" for folder in (
    "matcher", "templates", "static", "scripts", "tests", "docs", "bench",
)))  # fmt: skip
RULES: dict[Rule, tuple[str, ...]] = {
    imports_follow_the_arrows: ("matcher/**/*.py",),
    engine_stands_alone: ("matcher/engine/**/*.py",),
    services_and_models_know_no_web: ("matcher/**/*.py",),
    web_holds_no_sql: ("matcher/web/**/*.py",),
    imports_stand_at_the_top: PROGRAM,
    modules_are_not_loaded_by_name: PROGRAM,
    nothing_unsafe_is_called: PROGRAM,
    modules_are_short: PROGRAM,
    functions_are_short: PROGRAM,
    modules_say_what_they_hold: PROGRAM,
    templates_are_strict: ("templates/**/*",),
    nothing_outside_is_named: EVERYTHING,
}

PLANTED: list[tuple[Rule, str, str]] = [
    (imports_follow_the_arrows, "matcher/models/idea.py", "from matcher.services import ideas\n"),
    (imports_follow_the_arrows, "matcher/models/idea.py", "from matcher.engine import text\n"),
    (imports_follow_the_arrows, "matcher/models/idea.py", "from matcher import services\n"),
    (imports_follow_the_arrows, "matcher/models/idea.py", "from ..services import ideas\n"),
    (imports_follow_the_arrows, "matcher/services/ideas.py", "import matcher.web.forms\n"),
    (imports_follow_the_arrows, "matcher/services/a.py", "from matcher.worker import mail\n"),
    (imports_follow_the_arrows, "matcher/services/a.py", "from matcher import cli\n"),
    (imports_follow_the_arrows, "matcher/engine/index.py", "from matcher.models import Idea\n"),
    (imports_follow_the_arrows, "matcher/engine/index.py", "from matcher.errors import X\n"),
    (imports_follow_the_arrows, "matcher/extensions.py", "from matcher.models import Idea\n"),
    (imports_follow_the_arrows, "matcher/web/auth/views.py", "from matcher import cli\n"),
    (imports_follow_the_arrows, "matcher/web/auth/views.py", "from ...worker import mail\n"),
    (
        imports_follow_the_arrows,
        "matcher/models/idea.py",
        "if TYPE_CHECKING:\n    from matcher.web import access\n",
    ),
    (engine_stands_alone, "matcher/engine/index.py", "import flask\n"),
    (engine_stands_alone, "matcher/engine/index.py", "import pandas as pd\n"),
    (engine_stands_alone, "matcher/engine/index.py", "import numba\n"),
    (engine_stands_alone, "matcher/engine/index.py", "import time\n"),
    (engine_stands_alone, "matcher/engine/index.py", "from random import shuffle\n"),
    (engine_stands_alone, "matcher/engine/index.py", "import os\nos.environ['X']\n"),
    (engine_stands_alone, "matcher/engine/index.py", "today = datetime.date.today()\n"),
    (services_and_models_know_no_web, "matcher/services/ideas.py", "from flask import g\n"),
    (services_and_models_know_no_web, "matcher/services/a.py", "import flask_login\n"),
    (services_and_models_know_no_web, "matcher/services/a.py", "from wtforms import Form\n"),
    (services_and_models_know_no_web, "matcher/models/a.py", "import flask_sqlalchemy\n"),
    (web_holds_no_sql, "matcher/web/staff/views.py", "import sqlalchemy as sa\n"),
    (web_holds_no_sql, "matcher/web/staff/views.py", "from sqlalchemy import select\n"),
    (imports_stand_at_the_top, "matcher/a.py", "def f():\n    from matcher import b\n"),
    (imports_stand_at_the_top, "matcher/a.py", "class A:\n    def f(self):\n        import os\n"),
    (modules_are_not_loaded_by_name, "matcher/a.py", "importlib.import_module('matcher.b')\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "Markup(text)\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "markupsafe.Markup(text)\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "import pickle\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "from pickle import loads\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "subprocess.run(text, shell=True)\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "subprocess.run(text, shell=wanted)\n"),
    (nothing_unsafe_is_called, "matcher/a.py", "render_template_string(text)\n"),
    (modules_are_short, "matcher/a.py", "x = 1\n" * 400),
    (functions_are_short, "matcher/a.py", "def f():\n" + "    x = 1\n" * 39),
    (modules_say_what_they_hold, "matcher/a.py", "x = 1\n"),
    (templates_are_strict, "templates/a.html", "{{ text|safe }}"),
    (templates_are_strict, "templates/a.html", "{{ text | safe }}"),
    (templates_are_strict, "templates/a.html", "{% autoescape false %}"),
    (templates_are_strict, "templates/a.html", "<script>go()</script>"),
    (templates_are_strict, "templates/a.html", '<script type="module">go()</script>'),
    (templates_are_strict, "templates/a.html", "<style>p { color: red }</style>"),
    (templates_are_strict, "templates/a.html", '<p style="color: red">'),
    (templates_are_strict, "templates/a.html", '<button onclick="go()">'),
    (templates_are_strict, "templates/a.html", '<a href="javascript:go()">'),
    (templates_are_strict, "templates/a.html", '<script src="https://cdn.example/a.js"></script>'),
    (templates_are_strict, "templates/a.html", '<img src="//cdn.example/a.png" alt="">'),
    (nothing_outside_is_named, "docs/a.md", "see ../sha" + "red/design\n"),
    (nothing_outside_is_named, "docs/a.md", "from sha" + "red/data/donors.jsonl\n"),
    (nothing_outside_is_named, "tests/a.py", "open('/wo" + "rk/main/a')\n"),
    (nothing_outside_is_named, ".ci/run", "cat ../sha" + "red/design/HOUSE.md\n"),
]

HARMLESS: list[tuple[Rule, str, str]] = [
    (imports_follow_the_arrows, "matcher/services/a.py", "from matcher.engine import index\n"),
    (imports_follow_the_arrows, "matcher/web/a.py", "from matcher.services import ideas\n"),
    (engine_stands_alone, "matcher/engine/a.py", "import json\nimport numpy as np\n"),
    (engine_stands_alone, "matcher/engine/a.py", "check(rules, today=options.today)\n"),
    (engine_stands_alone, "matcher/engine/kernel.py", "import numba\n"),
    (services_and_models_know_no_web, "matcher/services/a.py", "import sqlalchemy as sa\n"),
    (web_holds_no_sql, "matcher/web/errors.py", "from sqlalchemy.exc import OperationalError\n"),
    (web_holds_no_sql, "matcher/web/errors.py", "from sqlalchemy.orm.exc import StaleDataError\n"),
    (
        imports_stand_at_the_top,
        "matcher/engine/topk.py",
        "def f():\n    from matcher.engine import kernel\n",
    ),
    (nothing_unsafe_is_called, "matcher/a.py", "subprocess.run(text, shell=False)\n"),
    (modules_are_short, "matcher/a.py", "x = 1\n" * 399),
    (templates_are_strict, "templates/a.html", '<script src="/static/js/app.js" defer></script>'),
    (templates_are_strict, "templates/a.html", "{# never |safe #}{{ text }} style guide"),
    (nothing_outside_is_named, ".ci/run", 'research="${PWD%/*}/sha' + 'red/data"\n'),
]


def name_of(value: object) -> str:
    """Return the name of a rule for the list of tests; other values are numbered."""
    return getattr(value, "__name__", "")


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_project_keeps_the_rule(rule):
    found = [line for path, text in read_tree(*RULES[rule]) for line in rule(path, text)]
    assert not found, "\n".join([rule.__doc__, *found])


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_fault_is_found(rule, path, text):
    assert rule(path, text)


@pytest.mark.parametrize(("rule", "path", "text"), HARMLESS)
def test_what_is_allowed_is_no_finding(rule, path, text):
    assert rule(path, text) == []


def test_every_rule_has_a_planted_fault():
    assert {rule for rule, _, _ in PLANTED} == set(RULES)
