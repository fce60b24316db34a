"""Live notices reach those to whom they are open, once, in order, whatever is cut, slow or revoked."""

import asyncio
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from permanence.bureau.models import User
from permanence.database.context import EVERY_CLIENT, acting
from permanence.database.embedded import announced
from permanence.database.models import Notice
from permanence.database.notices import tell
from permanence.kernel.actor import Role, system
from permanence.kernel.clock import now
from permanence.trust.models import Grant
from tests.people import grant, make_client, make_member, make_secretary, make_user
from tests.streams import Listener, open_session, run
from tests.test_runtime import is_healthy, pid_of, wait

pytestmark = pytest.mark.processes

# As ``tell`` does, from a connection of another thread.
TELL = """
with told as (insert into database_notice (channel, kind, subject, at) values (%s, %s, %s, now()) returning id)
select pg_notify('permanence_notices', '') from told
"""
OPTIONS = "\r\n".join(
    [
        "OPTIONS sip:permanence SIP/2.0",
        "Via: SIP/2.0/WS x.invalid;branch=z9hG4bK1",
        "Max-Forwards: 1",
        "To: <sip:permanence>",
        "From: <sip:x@x.invalid>;tag=1",
        "Call-ID: 1@x",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
        "\r\n",
    ]
)


@pytest.fixture
def nadia(rows):
    """A secretary who holds a grant on the plumber, and her session."""
    with rows():
        secretary, plumber = make_secretary("Nadia Benali"), make_client("Plomberie Roux")
        grant(secretary, plumber)
        yield secretary, plumber, open_session(secretary.user)


@pytest.fixture
def listen(installation):
    opened = []

    def listening(session="", **start):
        opened.append(Listener(installation.url, session, **start))
        return opened[-1]

    yield listening
    for listener in opened:
        listener.close()


def subjects(heard):
    return [one.subject for one in heard]


def test_a_stranger_has_no_stream(listen):
    assert listen().status == 401
    assert listen("a" * 32).status == 401


def test_everybody_hears_his_own_channels_and_no_other(nadia, listen):
    secretary, plumber, hers = nadia
    lawyer = make_client("Cabinet Diallo")
    member = make_member(plumber).user
    supervisor = make_user("Karim Haddad", Role.SUPERVISOR)
    pages = {
        "secretary": listen(hers),
        "member": listen(open_session(member)),
        "supervisor": listen(open_session(supervisor)),
    }
    channels = ["bureau", f"secretary:{secretary.pk}", f"client:{plumber.pk}", f"client:{lawyer.pk}"]
    channels += [f"user:{person.pk}" for person in (secretary.user, member, supervisor)]
    with transaction.atomic():
        for channel in channels:
            tell(channel, "call", channel)
        for one in ("secretary:0", f"user:{secretary.user_id}", f"user:{member.pk}", f"user:{supervisor.pk}"):
            tell(one, "call", "end")
    expected = {
        "secretary": [*channels[:3], channels[4], "end"],
        "member": [channels[2], channels[5], "end"],
        "supervisor": ["bureau", channels[6], "end"],
    }
    for who, heard in expected.items():
        assert subjects(pages[who].wait_for(len(heard))) == heard
        assert pages[who].headers["content-type"].startswith("text/event-stream")
        assert pages[who].headers["x-accel-buffering"] == "no"


def test_nothing_is_lost_or_doubled_across_reconnections(nadia, listen):
    _secretary, plumber, hers = nadia
    told = 300
    done = threading.Event()

    def work():
        with psycopg.connect(announced_url(), autocommit=True) as connection:
            for number in range(told):
                connection.execute(TELL, [f"client:{plumber.pk}", "call", str(number)])
        done.set()

    heard, listener = [], listen(hers)
    threading.Thread(target=work, daemon=True).start()
    while not done.is_set() or subjects(heard)[-1:] != [str(told - 1)]:
        time.sleep(0.05)
        listener.close()
        assert listener.closed.wait(5)
        heard += listener.heard
        listener = listen(hers, last=heard[-1].id if heard else 0)
        if done.is_set():
            missing = told - len(heard)
            heard += listener.wait_for(missing) if missing else []
            break
    assert subjects(one for one in heard if one.channel == f"client:{plumber.pk}") == [str(n) for n in range(told)]
    assert [one.id for one in heard] == sorted({one.id for one in heard})


def announced_url():
    return announced_url.place["application"]


@pytest.fixture(autouse=True)
def place(installation):
    announced_url.place = announced(installation.folder / "run" / "database.json")


def test_a_transaction_that_commits_late_is_not_skipped(nadia, listen):
    _secretary, plumber, hers = nadia
    listener = listen(hers)
    with psycopg.connect(announced_url()) as slow:
        slow.execute(TELL, [f"client:{plumber.pk}", "call", "slow"])  # takes the lower number
        tell(f"client:{plumber.pk}", "call", "quick")
        last = listener.wait_for(1)[-1].id
        listener.close()
        slow.commit()
    assert subjects(listen(hers, last=last).wait_for(1)) == ["slow"]


def test_a_page_asks_what_was_told_since_it_was_made(nadia, listen):
    _secretary, plumber, hers = nadia
    made = datetime.now(UTC)
    tell(f"client:{plumber.pk}", "call", "between them")
    wait(lambda: Notice.objects.filter(position=None).count() == 0)
    since = made.isoformat().replace("+00:00", "Z")
    listener = listen(hers, since=since)
    wait(lambda: f"client:{plumber.pk}" in {one.channel for one in listener.heard})
    assert subjects(one for one in listener.heard if one.channel == f"client:{plumber.pk}") == ["between them"]
    later = (made + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert not listen(hers, since=later).heard


def test_the_database_cut_for_a_moment_loses_nothing(installation, nadia, listen):
    _secretary, plumber, hers = nadia
    listener = listen(hers)
    tell(f"client:{plumber.pk}", "call", "before")
    listener.wait_for(1)
    with psycopg.connect(announced_url().replace("permanence_app", "postgres"), autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
            " and (query ilike 'listen permanence%' or query like '%database_notice where position >%')"
        )
    tell(f"client:{plumber.pk}", "call", "during")
    assert subjects(listener.wait_for(2)) == ["before", "during"]


def test_a_grant_given_or_revoked_changes_what_is_heard(nadia, listen):
    secretary, plumber, hers = nadia
    lawyer = make_client("Cabinet Diallo")
    listener = listen(hers)
    grant(secretary, lawyer)
    tell(f"secretary:{secretary.pk}", "grants", lawyer.pk)
    listener.wait_for(1)
    tell(f"client:{lawyer.pk}", "call", "now open")
    listener.wait_for(2)
    with acting(system("tests"), EVERY_CLIENT):
        Grant.objects.filter(secretary=secretary, client=plumber).update(revoked_at=now())
        tell(f"secretary:{secretary.pk}", "grants", plumber.pk)
    listener.wait_for(3)
    tell(f"client:{plumber.pk}", "call", "no longer hers")
    tell(f"client:{lawyer.pk}", "call", "still hers")
    assert subjects(listener.wait_for(4))[-1] == "still hers"


def test_a_revoked_session_ends_its_stream_at_once_and_no_other(nadia, listen):
    secretary, _plumber, hers = nadia
    other = open_session(secretary.user)
    ended, living = listen(hers), listen(other)
    SessionStore(hers).delete()
    tell(f"user:{secretary.user_id}", "signed_out")
    assert ended.closed.wait(5)
    assert [one.kind for one in ended.heard] == ["signed_out"]
    tell(f"user:{secretary.user_id}", "state", "goes on")
    assert subjects(living.wait_for(1)) == ["goes on"]
    assert listen(hers).status == 401


def test_a_person_who_left_has_no_stream_within_the_minute(nadia, listen):
    secretary, _plumber, hers = nadia
    listener = listen(hers)
    User.objects.filter(pk=secretary.user_id).update(is_active=False)  # without a word to anybody
    assert listener.closed.wait(60)
    assert listen(hers).status == 401


def test_the_web_process_stops_at_once_with_streams_open_and_they_come_back(installation, nadia, listen):
    _secretary, plumber, hers = nadia
    streams = [listen(hers) for _ in range(20)]
    tell(f"client:{plumber.pk}", "call", "before")
    last = streams[0].wait_for(1)[-1].id
    web = pid_of(installation, "web")
    begun = time.monotonic()
    os.kill(web, signal.SIGTERM)
    assert all(one.closed.wait(5) for one in streams)
    wait(lambda: pid_of(installation, "web") not in (None, web))
    assert time.monotonic() - begun < 8
    tell(f"client:{plumber.pk}", "call", "while it was away")
    wait(lambda: is_healthy(installation))
    assert subjects(listen(hers, last=last).wait_for(1)) == ["while it was away"]


def softphone(installation, session, *, origin=None, subprotocols=("sip",)):
    return connect(
        installation.url.replace("http", "ws") + "/phone/ws",
        subprotocols=list(subprotocols),
        origin=origin,
        additional_headers={"Cookie": f"session={session}"},
        proxy=None,
    )


@pytest.mark.parametrize("case", ["stranger", "member", "elsewhere", "other words"])
def test_only_a_secretarys_page_telephones(installation, nadia, case):
    _secretary, plumber, hers = nadia
    given = {
        "stranger": {"session": "a" * 32},
        "member": {"session": open_session(make_member(plumber).user)},
        "elsewhere": {"session": hers, "origin": "https://elsewhere.example"},
        "other words": {"session": hers, "subprotocols": ["chat"]},
    }[case]

    async def dial():
        with pytest.raises(InvalidStatus) as refused:
            async with softphone(installation, given.pop("session"), **given):
                pass
        return refused.value.response.status_code

    assert run(dial()) == 403


@pytest.mark.phone
def test_a_softphone_reaches_asterisk_until_its_session_is_revoked(installation, nadia):
    secretary, _plumber, hers = nadia

    async def dial():
        async with softphone(installation, hers, origin=installation.url) as link:
            await link.send(OPTIONS)
            assert str(await asyncio.wait_for(link.recv(), 10)).startswith("SIP/2.0 ")
            await asyncio.to_thread(revoke)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(link.recv(), 5)
            return link.close_code

    def revoke():
        with psycopg.connect(announced_url(), autocommit=True) as connection:
            connection.execute("delete from django_session where session_key = %s", [hers])
            connection.execute(TELL, [f"user:{secretary.user_id}", "signed_out", ""])

    assert run(dial()) == 4401
