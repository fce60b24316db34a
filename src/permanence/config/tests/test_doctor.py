"""Each ailment is named with its remedy; what is well is ok."""

import pytest

from permanence.config import doctor
from permanence.config.words import say
from tests.installation import free_port
from tests.mailbox import open_mailbox

pytestmark = pytest.mark.django_db(databases=["default", "owner"])


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setattr(doctor, "say", str)


def examined(capsys):
    code = doctor.main([])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(doctor.CHECKS)
    return code, {line[:20].strip(): line[20:].strip() for line in lines}


@pytest.fixture
def nothing_answers(settings, tmp_path):
    settings.ASTERISK_HTTP = f"127.0.0.1:{free_port()}"
    settings.EMAIL_PORT = free_port()
    settings.DATA = tmp_path


def test_one_line_each_ok_or_what_to_do(in_english, nothing_answers, settings, capsys):
    code, found = examined(capsys)
    assert code == 1
    assert found["database"].startswith("ok (PostgreSQL 18")
    assert found["keys"] == found["clock"] == "ok"
    assert found["disk"].startswith("ok (")
    assert str(settings.EMAIL_PORT) in found["mail"]
    assert "PERMANENCE_SMTP_HOST" in found["mail"]
    assert not found["telephone"].startswith("ok")


def test_a_mail_server_that_answers_is_ok_unless_it_lacks_the_encryption_we_want(settings, in_english):
    with open_mailbox() as mailbox:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", mailbox.port, False
        assert doctor.mail() == f"127.0.0.1:{mailbox.port}"
        settings.EMAIL_USE_TLS = True
        with pytest.raises(doctor.Ailing, match="no encryption"):
            doctor.mail()


def test_a_key_that_others_read_is_named(nothing_answers, in_english, settings):
    place = settings.DATA / "keys" / "secret_key"
    place.parent.mkdir()
    place.write_text("s")
    place.chmod(0o644)
    with pytest.raises(doctor.Ailing, match=r"secret_key can be read by others: chmod 600"):
        doctor.keys()
    place.chmod(0o600)
    assert doctor.keys() == ""


def test_a_context_key_that_the_database_does_not_know_is_said(settings, in_english, nothing_answers):
    settings.CONTEXT_KEY = b"another"
    with pytest.raises(doctor.Ailing, match="permanence migrate"):
        doctor.keys()


def test_a_full_disk_is_said(monkeypatch, in_english, nothing_answers):
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 60)
    with pytest.raises(doctor.Ailing, match="make room"):
        doctor.disk()


def test_its_words_are_the_catalogues(nothing_answers, capsys):
    doctor.main([])
    assert say("database") in capsys.readouterr().out
