"""Where attempts to sign in are counted, for all web processes together (Django's database cache)."""

from django.db import migrations

TABLE = """
create table bureau_throttle (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamp with time zone not null
);
create index bureau_throttle_expires on bureau_throttle (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("bureau", "0001_initial")]
    operations = [migrations.RunSQL(TABLE, "drop table bureau_throttle")]
