from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "permanence.ui"
    label = "ui"
