import pytest

from permanence.calls.tests.telephone import talk


@pytest.fixture
def call(plumber, secretary):
    """Nadia talks with a caller of the plumber's."""
    return talk(plumber, secretary)
