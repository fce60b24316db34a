from django.apps import AppConfig


class BureauConfig(AppConfig):
    name = "permanence.bureau"
    label = "bureau"
