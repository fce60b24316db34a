from django.db import migrations

from permanence.database.isolation import IsolateByClient


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial"), ("database", "0001_security_context")]
    operations = [
        IsolateByClient("calls_line", scope="directory"),
        *(IsolateByClient(f"calls_{table}") for table in ["call", "callevent", "correspondent"]),
        migrations.RunSQL("revoke update, delete on calls_callevent from permanence_app", migrations.RunSQL.noop),
    ]
