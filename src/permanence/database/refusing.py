"""Turns a constraint of the database into the sentence that a person reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from permanence.kernel.refusals import Refused


@contextmanager
def refusing(constraint: str, refusal: type[Refused]) -> Iterator[None]:
    """Raise ``refusal`` when the database refuses the write because of ``constraint``; the transaction goes on."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnostic = getattr(error.__cause__, "diag", None)
        if diagnostic is None or diagnostic.constraint_name != constraint:
            raise
        raise refusal from error
