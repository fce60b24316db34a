from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "permanence.audit"
    label = "audit"
