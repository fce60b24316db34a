"""The lively bureau that ``permanence up --demo`` loads once, and the two pages that only a demonstration has."""

from permanence.config.demo.book import accounts

__all__ = ["accounts", "load"]


def load() -> None:
    """Make the bureau and its past week. Needs Django and an empty database; a second call changes nothing."""
    from permanence.config.demo.loading import load_once

    load_once()
