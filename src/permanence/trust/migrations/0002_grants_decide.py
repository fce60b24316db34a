"""From here on, grants and memberships say which clients an actor may open."""

from django.db import migrations

from permanence.database.isolation import IsolateByClient

DECIDE = """
create or replace function allowed_clients() returns bigint[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    claims record;
    found bigint[];
begin
    select * into claims from public.context_claims();
    if claims.kind is null then return '{}'; end if;
    if claims.kind = 'system' and claims.client = '*' then
        return array(select id from public.clients_client);
    end if;
    if claims.kind in ('system', 'link') then
        return case when claims.client ~ '^[0-9]{1,18}$' then array[claims.client::bigint] else '{}' end;
    end if;
    if claims.kind <> 'user' or claims.subject !~ '^[0-9]{1,18}$' then return '{}'; end if;
    found := array(
        select g.client_id from public.trust_grant g
        join public.bureau_secretary s on s.id = g.secretary_id
        join public.bureau_user u on u.id = s.user_id
        where s.user_id = claims.subject::bigint and u.is_active
          and g.revoked_at is null and g.during @> clock_timestamp()
        union
        select m.client_id from public.clients_member m
        join public.bureau_user u on u.id = m.user_id
        where m.user_id = claims.subject::bigint and u.is_active
    );
    if claims.client ~ '^[0-9]{1,18}$' then
        return case when claims.client::bigint = any (found) then array[claims.client::bigint] else '{}' end;
    end if;
    return found;
end $$;

create or replace function oversees() returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare claims record;
begin
    select * into claims from public.context_claims();
    if claims.kind = 'system' then return claims.client = '*'; end if;
    if claims.kind is distinct from 'user' or claims.subject !~ '^[0-9]{1,18}$' then return false; end if;
    return exists (
        select from public.bureau_user u
        where u.id = claims.subject::bigint and u.is_active and u.role in ('supervisor', 'administrator')
    );
end $$;

create or replace function listed_clients() returns bigint[]
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    if public.oversees() then return array(select id from public.clients_client); end if;
    return public.allowed_clients();
end $$;
"""

NOBODY = """
create or replace function allowed_clients() returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select '{}'::bigint[] $$;
create or replace function listed_clients() returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select '{}'::bigint[] $$;
create or replace function oversees() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select false $$;
"""

# Whoever can write a grant can open a client: in the database, too, only overseers (and our own processes) do,
# and a grant that was given is never changed or deleted, only revoked.
WRITE = """
create policy given on trust_grant as restrictive for insert to permanence_app with check ((select oversees()));
create policy revoked on trust_grant as restrictive for update to permanence_app using ((select oversees()));
revoke update, delete on trust_grant from permanence_app;
grant update (revoked_at, revoked_by_id) on trust_grant to permanence_app;
"""

UNWRITE = """
drop policy given on trust_grant;
drop policy revoked on trust_grant;
grant update, delete on trust_grant to permanence_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("trust", "0001_initial"),
        ("database", "0001_security_context"),
        ("clients", "0002_isolation"),
        ("bureau", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(DECIDE, NOBODY),
        IsolateByClient("trust_grant", scope="directory"),
        migrations.RunSQL(WRITE, UNWRITE),
    ]
