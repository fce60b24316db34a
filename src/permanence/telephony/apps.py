from django.apps import AppConfig


class TelephonyConfig(AppConfig):
    name = "permanence.telephony"
    label = "telephony"
