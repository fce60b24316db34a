from django.urls import path

from permanence.config.demo import views

app_name = "demo"
urlpatterns = [
    path("phone/", views.phone, name="phone"),
    path("phone/credentials/", views.phone_credentials, name="phone-credentials"),
    path("outbox/", views.outbox, name="outbox"),
]
