"""Words without their accents, as people type them when they search."""

from django.db import migrations

FOLD = r"""
create function fold_accents(given text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog
return replace(replace(regexp_replace(normalize(lower(given), NFD), '[\u0300-\u036f]', '', 'g'), 'œ', 'oe'), 'æ', 'ae');
"""


class Migration(migrations.Migration):
    dependencies = [("database", "0002_notices")]
    operations = [migrations.RunSQL(FOLD, "drop function fold_accents(text)")]
