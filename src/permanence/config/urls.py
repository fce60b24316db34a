"""Every address of the product."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("desk/", include("permanence.desk.urls")),
    path("portal/", include("permanence.portal.urls")),
    path("supervision/", include("permanence.supervision.urls")),
]
