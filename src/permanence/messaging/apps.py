from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "permanence.messaging"
    label = "messaging"
