from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from permanence.ui.rules import ago_day, clock, day, day_short, duration, phone, running, typo

NB, THIN = "\u00a0", "\u202f"


def instant(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (time(14, 30), "14 h 30", "14:30"),
        (time(9, 5), "9 h 05", "9:05"),
        (time(0, 0), "0 h 00", "0:00"),
        (instant(11, 23, 16, 0), "16 h 00", "16:00"),
    ],
)
def test_clock(at, french, english):
    assert clock(at).replace(NB, " ") == french
    assert " " not in clock(at)
    assert clock(at, "en") == english


def test_days_are_written_in_full_and_the_first_is_1er():
    assert day(date(2026, 11, 23)) == "lundi 23 novembre 2026"
    assert day(date(2026, 12, 1)) == "mardi 1er décembre 2026"
    assert day(date(2026, 12, 1), "en") == "Tuesday 1 December 2026"
    assert day_short(date(2026, 11, 23)) == f"lun.{NB}23"
    assert day_short(date(2026, 11, 23), "en") == f"Mon{NB}23"
    assert day_short(date(2026, 11, 1)) == f"dim.{NB}1er"


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (instant(11, 23, 8, 41), "aujourd’hui, 8 h 41", "today, 8:41"),
        (instant(11, 22, 19, 2), "hier, 19 h 02", "yesterday, 19:02"),
        (instant(11, 24, 8, 0), "demain, 8 h 00", "tomorrow, 8:00"),
        (instant(11, 20, 8, 15), "ven. 20, 8 h 15", "Fri 20, 8:15"),
        (instant(11, 17, 8, 0), "mar. 17, 8 h 00", "Tue 17, 8:00"),
        (instant(11, 16, 23, 59), "16 nov. 2026", "16 Nov 2026"),
        (instant(9, 1, 8, 0), "1er sept. 2026", "1 Sep 2026"),
    ],
)
def test_days_gone_by(at, french, english):
    today = date(2026, 11, 23)
    assert ago_day(at, today).replace(NB, " ") == french
    assert ago_day(at, today, "en").replace(NB, " ") == english


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (31, "31 s"),
        (65, "1 min 05 s"),
        (840, "14 min"),
        (852, "14 min 12 s"),
        (3600, "1 h"),
        (4320, "1 h 12 min"),
        (36_000, "10 h"),
        (3900, "1 h 05 min"),
        (-360, "\u22126 min"),
    ],
)
def test_duration(seconds, written):
    assert duration(seconds).replace(NB, " ") == written


@given(st.integers(-400_000, 400_000))
def test_a_duration_never_breaks_and_its_sign_is_a_true_minus(seconds):
    written = duration(seconds)
    assert " " not in written
    assert "-" not in written
    assert written.startswith("\u2212") == (seconds < 0)


@given(st.integers(0, 400_000))
def test_a_running_clock_reads_back(seconds):
    parts = [int(part) for part in running(seconds).split(":")]
    assert sum(part * 60**power for power, part in enumerate(reversed(parts))) == seconds
    assert len(running(seconds)) >= len("00:00")


def test_a_running_clock_never_shows_less_than_nothing():
    assert running(-2) == "00:00"
    assert running(157) == "02:37"


@pytest.mark.parametrize(
    ("given_number", "written"),
    [
        ("+33639984127", "06 39 98 41 27"),
        ("0639984127", "06 39 98 41 27"),
        ("06.39.98.41.27", "06 39 98 41 27"),
        ("0033199001234", "01 99 00 12 34"),
        ("+3225551234", "+32 2 555 12 34"),
        ("+442079460018", "+44 20 7946 0018"),
        ("anonymous", "anonymous"),
        ("3117", "3117"),
        ("15", "15"),
        ("", ""),
        ("<script>", "<script>"),
    ],
)
def test_phone(given_number, written):
    assert phone(given_number).replace(NB, " ") == written


@given(st.from_regex(r"0[1-9]\d{8}", fullmatch=True))
def test_french_numbers_keep_their_digits_and_cannot_be_broken(number):
    written = phone(number)
    assert written.replace(NB, "") == number
    assert phone("+33" + number[1:]) == written == phone(written)


@given(st.text(max_size=40))
def test_any_text_is_survived(number):
    assert phone(number) is not None


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Urgent : fuite", f"Urgent{NB}: fuite"),
        ("Pourquoi ?", f"Pourquoi{THIN}?"),
        ("Oui ; non !", f"Oui{THIN}; non{THIN}!"),
        ("« Bonjour »", f"«{NB}Bonjour{NB}»"),
        ("l'eau de l'évier", "l’eau de l’évier"),
        ("à 10 km, 14 h 30, 5 €", f"à 10{NB}km, 14{NB}h{NB}30, 5{NB}€"),
        ("https://exemple.fr:8000/?a=1", "https://exemple.fr:8000/?a=1"),
        ("10 hommes, 14 h 300", f"10 hommes, 14{NB}h 300"),
        ("'guillemets'", "'guillemets'"),
    ],
)
def test_typo(typed, printed):
    assert typo(typed) == printed
    assert typo(typed, "en") == typed


@given(st.text(alphabet="ab12 :;!?«»'’\u00a0\u202f\nh€", max_size=60))
def test_typography_changes_spaces_and_apostrophes_only_and_once(text):
    printed = typo(text)
    assert typo(printed) == printed

    def bare(words: str) -> str:
        return "".join(words.replace("’", "'").split())

    assert bare(printed) == bare(text)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-400, 400))
def test_every_instant_can_be_told_in_both_languages(at, away):
    assume(date.min.toordinal() < at.toordinal() + away < date.max.toordinal())
    for language in ("fr", "en"):
        assert ago_day(at, at.date() + timedelta(days=away), language)
