from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "permanence.config"
    label = "config"

    def ready(self) -> None:
        from permanence.config import wiring

        wiring.connect()
