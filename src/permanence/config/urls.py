"""Every address of the product."""

from django.conf import settings
from django.urls import include, path

from permanence.config import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("account/", include("permanence.bureau.urls")),
    path("desk/", include("permanence.desk.urls")),
    path("portal/", include("permanence.portal.urls")),
    path("supervision/", include("permanence.supervision.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("design/", include("permanence.ui.urls")))
if settings.DEMO:
    urlpatterns.append(path("demo/", include("permanence.config.demo.urls")))
