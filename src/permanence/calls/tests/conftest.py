import pytest

from permanence.calls.tests.telephone import arrive, tell


@pytest.fixture
def waiting(plumber):
    """Somebody waits on the plumber's line."""
    call = arrive(plumber)
    return tell(plumber, "queue_call", call)
