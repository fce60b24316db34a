"""The shape of the house: short files, short functions, no drawer for odds and ends."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for folder in ("src", "frontend", "tests", "tools")
    for kind in ("*.py", "*.ts", "*.css", "*.html", "*.sh")
    for path in (ROOT / folder).rglob(kind)
    if "build" not in path.parts
]
PYTHON = [path for path in SOURCES if path.suffix == ".py" and "migrations" not in path.parts]
NO_PARTS = {"__pycache__", "config", "ui", "kernel", "database", "telephony", "connectors"}
PARTS = [path for path in (ROOT / "src/permanence").iterdir() if path.is_dir() and path.name not in NO_PARTS]
FILES_OF_A_PART = {
    "rules", "events", "ports", "models", "queries", "usecases", "forms", "views", "views_desk", "views_portal",
    "views_supervision", "api", "jobs", "commands", "urls", "templates", "templatetags", "migrations", "tests", "apps",
    "adapters", "__init__", "__pycache__", "static",
}  # fmt: skip


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_file_has_at_most_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", PYTHON, ids=named)
def test_a_function_has_at_most_60_lines(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_there_is_no_drawer_for_odds_and_ends():
    assert not [named(path) for path in SOURCES if path.stem in ("utils", "util", "helpers", "common", "misc")]


@pytest.mark.parametrize("part", PARTS, ids=named)
def test_a_part_has_only_the_files_it_needs_under_their_usual_names(part):
    assert {path.stem for path in part.iterdir()} <= FILES_OF_A_PART
