from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "permanence.clients"
    label = "clients"
