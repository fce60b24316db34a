from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "permanence.calls"
    label = "calls"
