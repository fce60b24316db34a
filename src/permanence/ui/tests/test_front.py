"""What the security policy and the mirrors need of our sources, looked up in all of them."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PAGES = [path for path in (ROOT / "src").rglob("templates/**/*.html") if "mail" not in path.parts]
CONTROLLER = r'data-controller="([^"]*)"'
FORBIDDEN = {
    "a style attribute": r"\sstyle=",
    "an inline handler": r"\son[a-z]+=\"|hx-on",
    "a script in the page": r"<script(?![^>]*\s(src=|type=\"application/json\"))",
    "a style sheet in the page": r"<style",
    "an evaluated value": r"hx-vals=['\"]js:|hx-headers=['\"]js:",
    "an evaluated trigger": r"hx-trigger=['\"][^'\"]*\[",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_holds_what_the_security_policy_refuses(what):
    guilty = [path.name for path in PAGES if re.search(FORBIDDEN[what], path.read_text())]
    assert not guilty


def test_every_behaviour_named_in_a_page_exists():
    behaviours = {path.stem.replace("_", "-") for path in (ROOT / "frontend/behaviours").glob("*.ts")}
    texts = [re.sub(r"{%.*?%}|{{.*?}}", " ", path.read_text()) for path in PAGES]
    named = {name for text in texts for names in re.findall(CONTROLLER, text) for name in names.split()}
    assert named <= behaviours
    assert behaviours <= named, "a behaviour that no page uses"


def test_the_lock_holds_versions_and_hashes_and_no_address():
    lock = (ROOT / "package-lock.json").read_text()
    assert "://" not in lock
    assert '"resolved"' not in lock
    packages = {name: found for name, found in json.loads(lock)["packages"].items() if name}
    assert all(found["integrity"].startswith("sha512-") for found in packages.values())


def test_versions_are_exact():
    package = json.loads((ROOT / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
