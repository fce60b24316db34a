"""Telephone numbers: typed as people write them, kept in E.164."""

import phonenumbers

from permanence.kernel.refusals import Refused
from permanence.kernel.refusals import marked as _

FRANCE = 33
FRENCH_DIGITS = 9
LONGEST_TYPED = 40


class NotAPhoneNumber(Refused):
    """``typed`` is what was given, cut short."""

    message = _("“%(typed)s” is not a telephone number. Write it like 06 39 98 41 27, or with + and the country code.")


def parse(text: str, region: str = "FR") -> str:
    """The number in E.164 (``+33639984127``).

    ``region`` reads a number written without its country code. Whether the number is in service is not judged:
    ranges reserved for fiction pass. Short numbers, extensions and digits in words do not.
    """
    typed = text.strip()
    refusal = NotAPhoneNumber(typed=typed[:LONGEST_TYPED])
    if len(typed) > LONGEST_TYPED or any(letter.isalpha() for letter in typed):
        raise refusal
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException as error:
        raise refusal from error
    national = str(number.national_number)
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise refusal
    if number.country_code == FRANCE and (number.italian_leading_zero or len(national) != FRENCH_DIGITS):
        raise refusal
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
