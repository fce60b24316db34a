from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "permanence.database"
    label = "database"
