"""What the demonstration is made of, read from ``companies.yaml``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

PASSWORD = "permanence-demo"  # noqa: S105 - printed on the sign-in page of the demonstration
WHO = {
    "secretary": "secrétaire",
    "supervisor": "superviseur",
    "administrator": "administratrice",
}


@cache
def book() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "companies.yaml").read_text(encoding="utf-8"))
    return found


def companies() -> list[dict[str, Any]]:
    """The six client companies of the book."""
    found: list[dict[str, Any]] = book()["companies"]
    return found


def accounts() -> list[tuple[str, str, str]]:
    """(e-mail, password, who) of everybody who may sign in, the most useful first."""
    staff = [(one["email"], PASSWORD, f"{one['name']}, {WHO[one['role']]}") for one in book()["bureau"]]
    owners = [
        (one["owner"]["email"], PASSWORD, f"{one['owner']['name']}, {one['name']}") for one in book()["companies"]
    ]
    return staff + owners
