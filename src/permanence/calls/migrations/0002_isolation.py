from django.db import migrations

from permanence.database.isolation import IsolateByClient


# Whoever can write a policy can call dear numbers: in the database, too, only overseers do.
WRITE = """
create policy set on calls_outboundpolicy as restrictive for insert to permanence_app with check ((select oversees()));
create policy changed on calls_outboundpolicy as restrictive for update to permanence_app using ((select oversees()));
create policy dropped on calls_outboundpolicy as restrictive for delete to permanence_app using ((select oversees()));
"""
UNWRITE = """
drop policy set on calls_outboundpolicy;
drop policy changed on calls_outboundpolicy;
drop policy dropped on calls_outboundpolicy;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial"), ("database", "0001_security_context")]
    operations = [
        IsolateByClient("calls_line", scope="directory"),
        IsolateByClient("calls_outboundpolicy", scope="directory"),
        migrations.RunSQL(WRITE, UNWRITE),
        *(IsolateByClient(f"calls_{table}") for table in ["call", "callevent", "correspondent"]),
        migrations.RunSQL("revoke update, delete on calls_callevent from permanence_app", migrations.RunSQL.noop),
    ]
