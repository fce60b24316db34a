"""Addresses under ``/supervision/``."""

from django.urls import path

from permanence.supervision.views import board, clients, people

app_name = "supervision"
urlpatterns = [
    path("", board.board, name="board"),
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.new_client, name="new_client"),
    path("clients/<int:client_id>/", clients.client, name="client"),
    path("clients/<int:client_id>/pair/", clients.pair, name="pair"),
    path("clients/<int:client_id>/grants/", clients.grants, name="grants"),
    path("clients/<int:client_id>/grants/<int:grant_id>/revocation/", clients.revocation, name="revocation"),
    path("clients/<int:client_id>/members/", clients.members, name="members"),
    path(
        "clients/<int:client_id>/members/<int:member_id>/invitation/",
        clients.member_invitation,
        name="member_invitation",
    ),
    path("clients/<int:client_id>/lines/", clients.lines, name="lines"),
    path("clients/<int:client_id>/outbound/", clients.outbound, name="outbound"),
    path("people/", people.people, name="people"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/invitation/", people.invitation, name="invitation"),
    path("people/<int:user_id>/closing/", people.closing, name="closing"),
]
