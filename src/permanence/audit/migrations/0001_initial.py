from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LogHead',
            fields=[
                ('client_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('size', models.BigIntegerField(default=0)),
                ('frontier', models.BinaryField(default=b'')),
            ],
        ),
        migrations.CreateModel(
            name='LogLeaf',
            fields=[
                ('pk', models.CompositePrimaryKey('client_id', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('client_id', models.BigIntegerField()),
                ('number', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('body', models.TextField()),
                ('leaf_hash', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('pk', models.CompositePrimaryKey('client_id', 'number', 'field', blank=True, editable=False, primary_key=True, serialize=False)),
                ('client_id', models.BigIntegerField()),
                ('number', models.BigIntegerField()),
                ('field', models.CharField(max_length=40)),
                ('nonce', models.BinaryField()),
                ('value', models.TextField()),
            ],
        ),
    ]
