"""What the client's space reads across parts, told in sentences."""

from permanence.portal.queries.facts import Fact, deliveries_of, facts_of
from permanence.portal.queries.journal import JOURNAL_PAGE, Entry, journal_of

__all__ = ["JOURNAL_PAGE", "Entry", "Fact", "deliveries_of", "facts_of", "journal_of"]
