from django.db import migrations

from permanence.database.isolation import IsolateByClient

DIRECTORY = ["pairing", "member"]
CONTENT = [
    "opening", "exceptionalday", "person", "personnumber", "availability",
    "instruction", "instructionversion", "instructionreading", "knowledgeentry",
]


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial"), ("database", "0001_security_context")]
    operations = [
        IsolateByClient("clients_client", scope="directory", column="id"),
        *(IsolateByClient(f"clients_{table}", scope="directory") for table in DIRECTORY),
        *(IsolateByClient(f"clients_{table}") for table in CONTENT),
    ]
