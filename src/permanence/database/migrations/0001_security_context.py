"""The functions that policies call. Until ``trust`` says who holds grants, nobody is allowed anything."""

from django.db import migrations

FUNCTIONS = """
create table context_key (
    singleton boolean primary key default true check (singleton),
    ipad bytea not null,
    opad bytea not null
);
revoke all on context_key from public, permanence_app;

create function context_claims(out kind text, out subject text, out client text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    context text := nullif(current_setting('app.ctx', true), '');
    parts text[];
    body text;
    pads public.context_key;
begin
    if context is null then return; end if;
    parts := string_to_array(context, '|');
    if array_length(parts, 1) is distinct from 6 or parts[4] !~ '^[0-9]{1,12}$' then return; end if;
    if parts[4]::bigint < extract(epoch from clock_timestamp()) then return; end if;
    select * into pads from public.context_key;
    if not found then return; end if;
    body := array_to_string(parts[1:5], '|');
    if encode(sha256(pads.opad || sha256(pads.ipad || convert_to(body, 'UTF8'))), 'hex') is distinct from parts[6] then
        return;
    end if;
    kind := parts[1]; subject := parts[2]; client := parts[3];
end $$;

create function allowed_clients() returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select '{}'::bigint[] $$;
create function listed_clients() returns bigint[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select '{}'::bigint[] $$;
create function oversees() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$ select false $$;
"""

DROP = """
drop function oversees(); drop function listed_clients(); drop function allowed_clients();
drop function context_claims(); drop table context_key;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
