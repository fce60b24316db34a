"""French full-text search that forgives accents and finds words by their beginning."""

import re
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Func, Value

LONGEST_QUERY_WORDS = 12
_WORD = re.compile(r"\w+")


class FoldAccents(Func):
    """``fold_accents`` of the database: lower case, no accents, « œ » as « oe »."""

    function = "fold_accents"
    output_field = models.TextField()


def searchable(**weights: str) -> Any:
    """A column kept by the database from other columns: ``searchable(question="A", answer="B")``. Defer it in lists."""
    vectors = [SearchVector(FoldAccents(F(name)), config="french", weight=weight) for name, weight in weights.items()]
    whole: Any = vectors[0]
    for vector in vectors[1:]:
        whole = whole + vector
    return models.GeneratedField(expression=whole, output_field=SearchVectorField(), db_persist=True, editable=False)


def words_query(words: str) -> SearchQuery | None:
    """Every word of ``words``, each by its beginning or its French stem; None when there is no word in it."""
    found = _WORD.findall(words)[:LONGEST_QUERY_WORDS]
    if not found:
        return None
    raw = FoldAccents(Value(" & ".join(f"{word[:60]}:*" for word in found)))
    stems, beginnings = (SearchQuery(raw, config=name, search_type="raw") for name in ("french", "simple"))
    return stems | beginnings
