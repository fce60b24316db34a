"""The log is written by one function, which runs as the owner; the application may only read what is open to it."""

from django.db import migrations

from permanence.database.isolation import IsolateByClient

FUNCTIONS = """
create function grown_frontier(size bigint, frontier bytea, leaf bytea) returns bytea
language plpgsql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
begin
    while size & 1 = 1 loop
        leaf := sha256('\\x01' || substr(frontier, length(frontier) - 31) || leaf);
        frontier := substr(frontier, 1, length(frontier) - 32);
        size := size >> 1;
    end loop;
    return frontier || leaf;
end $$;

create function append_leaf(client bigint, body text, openings jsonb default '{}') returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    parsed jsonb := body::jsonb;
    leaf bytea := sha256('\\x00' || convert_to(body, 'UTF8'));
    place bigint;
    opened bigint;
begin
    if not (client = any (public.allowed_clients()) or client = any (public.listed_clients())) then
        raise insufficient_privilege using message = 'the log of this client is not open to this context';
    end if;
    insert into public.audit_loghead as h (client_id, size, frontier) values (client, 1, leaf)
    on conflict (client_id) do update
    set size = h.size + 1, frontier = public.grown_frontier(h.size, h.frontier, leaf)
    returning h.size - 1 into place;
    insert into public.audit_logleaf (client_id, number, at, body, leaf_hash)
    values (client, place, (parsed ->> 'at')::timestamptz, body, leaf);
    if openings <> '{}' then
        insert into public.audit_opening (client_id, number, field, nonce, value)
        select client, place, o.key, decode(o.value ->> 0, 'hex'), o.value ->> 1 from jsonb_each(openings) o
        where encode(sha256(decode(o.value ->> 0, 'hex') || convert_to(o.value ->> 1, 'UTF8')), 'hex')
            = parsed -> 'personal' ->> o.key;
        get diagnostics opened = row_count;
        if opened <> (select count(*) from jsonb_object_keys(openings)) then
            raise check_violation using message = 'an opening does not fit its commitment';
        end if;
    end if;
    return place;
end $$;

create function erase_opening(client bigint, leaf bigint, opened text) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    delete from public.audit_opening o
    where o.client_id = client and o.number = leaf and o.field = opened and client = any (public.allowed_clients());
    return found;
end $$;

revoke all on function append_leaf(bigint, text, jsonb), erase_opening(bigint, bigint, text) from public;
grant execute on function append_leaf(bigint, text, jsonb), erase_opening(bigint, bigint, text) to permanence_app;
revoke insert, update, delete, truncate on audit_loghead, audit_logleaf, audit_opening from permanence_app;
"""

DROP = """
drop function append_leaf(bigint, text, jsonb); drop function grown_frontier(bigint, bytea, bytea);
drop function erase_opening(bigint, bigint, text);
grant insert, update, delete on audit_loghead, audit_logleaf, audit_opening to permanence_app;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("database", "0001_security_context")]
    operations = [
        *(IsolateByClient(f"audit_{table}") for table in ["loghead", "logleaf", "opening"]),
        migrations.RunSQL(FUNCTIONS, DROP),
    ]
