from django.db import migrations

from permanence.database.isolation import IsolateByClient

TABLES = ["message", "draft", "delivery", "deliveryevent", "reply"]


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("database", "0001_security_context")]
    operations = [
        *(IsolateByClient(f"messaging_{table}") for table in TABLES),
        migrations.RunSQL("revoke update, delete on messaging_deliveryevent from permanence_app", migrations.RunSQL.noop),
    ]
