from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "permanence.trust"
    label = "trust"
