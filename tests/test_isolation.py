"""Isolation is in the database: what the catalogue says of every table, and what hostile statements get."""

import hashlib
import hmac
import itertools
import random
import re
import time

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from permanence.database.context import EVERY_CLIENT, acting, context_of, sign
from permanence.database.models import ClientOwned
from permanence.kernel.actor import system
from tests.people import actor_for, make_client, make_member
from tests.world import furnish

pytestmark = pytest.mark.django_db
WORD, OTHER_WORD = "Quetzalcoatl", "Huitzilopochtli"
OWNED = """
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'client_id'
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not a.attisdropped order by 1
"""

_MINE = "select 1 from {} where client_id = %s"


def ask(statement, values=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def attempt(statement):
    """What the statement gives and why it was refused; nothing that it changed stays."""
    try:
        with transaction.atomic():
            found = ask(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return [], str(error)
    return found, ""


def tables():
    return [name for (name,) in ask(OWNED)]


def test_every_table_of_a_client_forces_a_policy_on_its_rows():
    assert len(tables()) > 20
    loose = """
        select c.relname from pg_class c where c.relname = any (%s) and c.relnamespace = 'public'::regnamespace
        and not (c.relrowsecurity and c.relforcerowsecurity and exists (
            select from pg_policy p where p.polrelid = c.oid and p.polname = 'client' and p.polpermissive
            and p.polcmd = '*' and pg_get_expr(p.polqual, c.oid) ~ '(allowed|listed)_clients'
            and pg_get_expr(p.polwithcheck, c.oid) ~ '(allowed|listed)_clients'))
    """
    assert ask(loose, [[*tables(), "clients_client"]]) == [], "add IsolateByClient to the part's migration"


def test_no_other_policy_opens_a_row_to_the_application():
    opened = """
        select polrelid::regclass, polname from pg_policy where polpermissive and polname <> 'client'
        and (0 = any (polroles) or 'permanence_app'::regrole = any (polroles))
    """
    assert ask(opened) == []


def test_every_table_of_a_client_has_an_index_that_begins_with_the_client():
    unindexed = """
        select c.relname from pg_class c where c.relname = any (%s) and not exists (
            select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = c.oid and a.attname = 'client_id')
    """
    assert ask(unindexed, [tables()]) == []


def test_a_unique_constraint_tells_nothing_about_another_client():
    """A number's line is the exception: it is what says whose call is coming in."""
    leaking = """
        select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
        where i.indisunique and not i.indisprimary and c.relname = any (%s) and not exists (
            select from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey)
            and a.attname in ('client_id', 'user_id', 'person_id', 'secretary_id'))
    """
    assert {name.split("_number")[0] for (name,) in ask(leaking, [tables()])} <= {"calls_line"}


def test_the_application_owns_nothing_and_rules_over_nothing():
    ((superuser, bypass, creates_roles, creates_bases),) = ask(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
    )
    assert (superuser, bypass, creates_roles, creates_bases) == (False, False, False, False)
    assert ask("select relname from pg_class where relowner = current_user::regrole") == []
    assert ask("select proname from pg_proc where proowner = current_user::regrole") == []
    assert ask("select roleid::regrole from pg_auth_members where member = current_user::regrole") == []
    assert ask("select has_schema_privilege('public', 'create')") == [(False,)]


def test_what_runs_as_the_owner_looks_names_up_in_a_fixed_order():
    unfixed = """
        select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace
        and not coalesce(array_to_string(proconfig, ' ') ~ 'search_path=pg_catalog.*pg_temp$', false)
    """
    assert ask(unfixed) == []
    assert (
        ask("select relname from pg_class where relkind in ('v', 'm') and relnamespace = 'public'::regnamespace") == []
    )


def test_every_model_with_a_client_is_among_the_tables_looked_at():
    models = [model for model in apps.get_models() if issubclass(model, ClientOwned)]
    assert {model._meta.db_table for model in models} <= set(tables())


@pytest.fixture
def plumber(db):
    """With an id that is no other row's number: wherever it is found, it leaked."""
    return make_client("Plomberie Roux", id=900_000_001)


@pytest.fixture
def furnished(plumber, secretary, owner):
    furnish(plumber, secretary, owner, WORD)
    with acting(system("tests"), EVERY_CLIENT):
        empty = [table for table in tables() if not ask(_MINE.format(table), [plumber.pk])]
    assert empty == [], "tests/world.py must give each table a row"
    return plumber


def forged_contexts(secretary, plumber):
    """Strings that an injected statement may set: none is signed with our key for now."""
    true = sign("user", str(secretary.user_id), "-")
    kind, subject, client, expiry, nonce, mac = true.split("|")
    body = f"system|x|*|{expiry}|{nonce}"
    other = hmac.new(b"another key", body.encode(), "sha256").hexdigest()
    plain = hashlib.sha256(body.encode()).hexdigest()
    return [
        "", "|", "|||||", "*", str(plumber.pk), "system|x|*", body, f"{body}|", f"{body}|{'0' * 64}",
        f"{body}|{mac}", f"{body}|{other}", f"{body}|{plain}",
        f"system|{subject}|*|{expiry}|{nonce}|{mac}", f"{kind}|{subject}|{plumber.pk}|{expiry}|{nonce}|{mac}",
        f"{kind}|{subject}|{client}|999999999999|{nonce}|{mac}", f"{true}|{mac}", true.upper(), f" {true}", true[:-1],
        f"{kind}|{subject}|{client}|{expiry}|{nonce}||{mac}",
        sign("user", str(secretary.user_id), "-", expiry=int(time.time()) - 1),
        sign("system", "tests", "*", expiry=1), sign("system", "tests", "-"), sign("system", "tests", "x"),
        sign("link", "-", "-"), sign("link", "-", "*"), sign("user", "*", "*"), sign("user", "", "*"),
        sign("user", "0 or true", "-"), sign("user", "-1", "-"), sign("User", str(secretary.user_id), "-"),
        sign("owner", "permanence_owner", "*"),
    ]  # fmt: skip


READS = [
    "select * from {table}",
    "select * from {table} where client_id = {client}",
    "select * from {table} where client_id in (select {client})",
    "select * from {table} t where t::text ~ '.'",
    "select * from {table} t where t.client_id::text like '%' or true",
    "with everything as (select * from {table}) select * from everything",
    "with everything as materialized (select * from {table}) select * from everything where client_id = {client}",
    "select a.* from {table} a join {table} b on a.client_id = b.client_id",
    "select b.* from clients_client c right join {table} b on b.client_id = c.id",
    "select t.* from generate_series(1, 2) n, lateral (select * from {table} offset n - 1) t",
    "select * from {table} union all select * from {table}",
    "select (select json_agg(t) from {table} t where t.client_id = {client}) where exists (select from {table})",
    "select max(client_id) from {table} having count(*) > 0",
    "table {table}",
    "select * from only {table} tablesample system (100)",
    "select row_to_json(t) from {table} t order by t.client_id desc limit 5",
    "select * from {table} for key share",
]


def test_leak_fuzz_nobody_else_reads_a_row_however_he_asks(furnished, secretary, colleague, stranger, lawyer):
    contexts = forged_contexts(secretary, furnished)
    for person in (stranger, colleague):
        contexts += [context_of(actor_for(person), None), context_of(actor_for(person), furnished.pk)]
    contexts.append(context_of(actor_for(secretary), lawyer.pk))
    asked = 0
    present = None
    for context, table, read in sorted(_sampled(contexts, tables(), READS, 6000)):
        statement = read.format(table=table, client=furnished.pk)
        if context != present:
            ask("select set_config('app.ctx', %s, true)", [context])
            present = context
        found, refusal = attempt(statement)
        # The right to lock rows goes with the right to change them.
        assert not refusal or "permission denied" in refusal, (statement, refusal)
        assert WORD not in repr(found), (context, statement)
        assert all(furnished.pk not in row for row in found), (context, statement)
        asked += not refusal
    assert asked > 5000


def _sampled(contexts, names, statements, number):
    """Always the same sample of all combinations, so that a failure comes back."""
    every = list(itertools.product(contexts, names, statements))
    return random.Random(20261123).sample(every, min(number, len(every)))  # noqa: S311


WRITES = [
    "insert into {table} (client_id) values ({client})",
    "insert into {table} select * from {table} where client_id = {client}",
    "insert into {table} select (jsonb_populate_record(t, '{{\"client_id\": {client}}}')).* from {table} t",
    "update {table} set client_id = {client}",
    "update {table} set client_id = {mine} where client_id = {client}",
    "update {table} t set client_id = t.client_id from clients_client c where t.client_id = {client}",
    "delete from {table} where client_id = {client}",
    "with gone as (delete from {table} where client_id = {client} returning *) select * from gone",
    "truncate {table}",
    "lock table {table} in access exclusive mode",
    "merge into {table} t using (select {client} as id) s on t.client_id = s.id when matched then delete",
]


def test_leak_fuzz_nobody_else_changes_a_row(furnished, stranger, colleague, lawyer):
    furnish(lawyer, colleague, make_member(lawyer, "Awa Diallo"), OTHER_WORD)
    refused = 0
    for person, table, write in itertools.product((stranger, colleague), tables(), WRITES):
        statement = write.format(table=table, client=furnished.pk, mine=lawyer.pk)
        with acting(actor_for(person)):
            found, refusal = attempt(statement)
        assert not refusal or re.search("row-level security|permission denied|generated column", refusal), statement
        assert found == [], statement
        refused += bool(refusal)
    assert refused > 200, refused


def test_a_write_that_is_not_refused_touches_nothing(furnished, stranger):
    """Without refusal there was no row to change: as the other client, every foreign row is absent."""
    for table in tables():
        for write in (f"update {table} set client_id = client_id", f"delete from {table}"):  # noqa: S608
            with acting(actor_for(stranger)):
                _, refusal = attempt(f"{write} where client_id = {furnished.pk}")
                with connection.cursor() as cursor:
                    if not refusal:
                        cursor.execute(f"{write} where client_id = %s", [furnished.pk])
                        assert cursor.rowcount == 0, write


ESCALATIONS = [
    "set role permanence_owner",
    "set session authorization permanence_owner",
    "set session authorization postgres",
    "set row_security = off; select * from messaging_message",
    "alter table messaging_message disable row level security",
    "alter table messaging_message no force row level security",
    "alter role permanence_app bypassrls",
    "grant permanence_owner to permanence_app",
    "create policy mine on messaging_message using (true)",
    "drop policy client on messaging_message",
    "create or replace function allowed_clients() returns bigint[] language sql as $$ select array[1] $$",
    "alter function allowed_clients() owner to permanence_app",
    "create function public.mine() returns int language sql security definer as $$ select 1 $$",
    "create table public.mine (client_id bigint)",
    "create view mine as select * from messaging_message; select * from mine",
    "select * from context_key",
    "update context_key set ipad = ''",
    "insert into context_key values (false, '', '')",
    "copy messaging_message to program 'cat'",
    "copy (select 1) to '/tmp/leak'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select * from pg_authid",
    "select query_to_xml('select * from context_key', true, true, '')",
    "alter role permanence_app superuser",
    "do $$ begin perform * from context_key; end $$",
    "create trigger mine before insert on messaging_message execute function suppress_redundant_updates_trigger()",
    "load 'auto_explain'",
]


@pytest.mark.parametrize("statement", ESCALATIONS)
def test_a_statement_that_climbs_is_refused(colleague, statement):
    with acting(actor_for(colleague)):
        found, refusal = attempt(statement)
    assert found == []
    assert re.search(r"denied|must be|must have|would be affected|not allowed|[Oo]nly roles", refusal), refusal


def test_a_temporary_table_does_not_pass_for_ours(furnished, colleague):
    """What runs as the owner names its schema, so a look-alike that a session may make changes nothing."""
    with acting(actor_for(colleague)):
        ask("create temp table trust_grant as select now() as granted_at")
        ask("create temp table context_key as select true singleton, ''::bytea ipad, ''::bytea opad")
        ask("set local search_path = pg_temp, public")
        mac = hashlib.sha256(hashlib.sha256(b"system|x|*|999999999999|0").digest()).hexdigest()
        ask("select set_config('app.ctx', %s, true)", [f"system|x|*|999999999999|0|{mac}"])
        assert ask("select allowed_clients(), listed_clients(), oversees()") == [([], [], False)]
        assert ask("select * from clients_client") == []


def test_an_id_that_exists_elsewhere_and_one_that_does_not_look_alike(furnished, stranger):
    """Neither rows nor errors tell which: both come back empty."""
    with acting(actor_for(stranger)):
        for table in tables():
            for client_id in (furnished.pk, furnished.pk + 10_000):
                assert ask(f"select count(*) from {table} where client_id = %s", [client_id]) == [(0,)]  # noqa: S608


def test_a_new_client_is_nobody_s_until_somebody_is_let_in(furnished, secretary, colleague, owner):
    made = make_client("Boulangerie Petit", "bakery")
    for person in (secretary, colleague, owner):
        with acting(actor_for(person)):
            assert ask("select id from clients_client where id = %s", [made.pk]) == []
