from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "permanence.supervision"
    label = "supervision"
