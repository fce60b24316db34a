import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.kernel.phones import NotAPhoneNumber, parse


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 39 98 41 27", "+33639984127"),
        ("01.99.00.31.18", "+33199003118"),
        ("0033 6 39 98 41 27", "+33639984127"),
        ("+33 (0)6 39 98 41 27", "+33639984127"),
        ("+32 2 555 12 12", "+3225551212"),
        ("٠٦ ٣٩ ٩٨ ٤١ ٢٧", "+33639984127"),
    ],
)
def test_a_number_is_kept_in_one_form_however_it_was_typed(typed, number):
    assert parse(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", "15", "3949", "06 39 98 41 2", "06 39 98 41 277", "rue Haute", "06 39 98 41 27 poste 3", "😀", "0" * 50_000],
)
def test_what_is_not_a_number_is_refused_with_what_was_typed(typed):
    with pytest.raises(NotAPhoneNumber) as refusal:
        parse(typed)
    assert typed[:40] in str(refusal.value)
    assert len(str(refusal.value)) < 200


@given(st.text(max_size=50))
def test_anything_typed_is_a_number_or_a_sentence(typed):
    try:
        number = parse(typed)
    except NotAPhoneNumber:
        return
    assert number.startswith("+")
    assert number[1:].isascii()
    assert number[1:].isdecimal()
    assert len(number) <= 16
    assert parse(number) == number
