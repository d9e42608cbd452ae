"""The tables of the local HipChat server."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ApiRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("method", models.CharField(max_length=20)),
                ("path", models.TextField()),
                ("query", models.JSONField()),
                ("content_type", models.TextField()),
                ("headers", models.JSONField()),
                ("form", models.JSONField(null=True)),
                ("json", models.JSONField(null=True)),
                ("status", models.SmallIntegerField(db_index=True, null=True)),
                ("fault", models.CharField(max_length=20, null=True)),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("number", models.BigIntegerField(db_index=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sender", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("message_format", models.CharField(max_length=4)),
                ("color", models.CharField(max_length=6)),
                ("color_asked", models.CharField(max_length=6)),
                ("notify", models.BooleanField()),
                ("card", models.JSONField(null=True)),
                ("api_version", models.SmallIntegerField()),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="hipchat_server.room",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
    ]
