"""The addresses of the secretary's desk."""

from django.urls import path

from permanence.desk.views import calls, clients, console, messages, state

app_name = "desk"
urlpatterns = [
    path("", console.console, name="console"),
    path("strip/", console.strip, name="strip"),
    path("queue/", console.queue, name="queue"),
    path("today/", console.today, name="today"),
    path("state/", state.state, name="state"),
    path("softphone/", state.softphone, name="softphone"),
    path("calls/<uuid:call_id>/", calls.card, name="call"),
    path("calls/<uuid:call_id>/message/", calls.message, name="message"),
    path("calls/<uuid:call_id>/draft/", calls.draft, name="draft"),
    path("calls/<uuid:call_id>/voicemail/", calls.voicemail, name="voicemail"),
    path("calls/<uuid:call_id>/wrap-up/", calls.wrap_up, name="wrap_up"),
    path("messages/<int:message_id>/", messages.thread, name="thread"),
    path("messages/<int:message_id>/replies/", messages.reply, name="reply"),
    path("deliveries/<int:delivery_id>/attempts/", messages.attempt, name="attempt"),
    path("clients/", clients.clients, name="clients"),
    path("clients/<int:client_id>/", clients.client, name="client"),
    path("clients/<int:client_id>/context/", clients.context, name="context"),
    path("clients/<int:client_id>/knowledge/", clients.knowledge, name="knowledge"),
    path("knowledge/<int:entry_id>/", clients.entry, name="entry"),
    path("instructions/<int:version_id>/reading/", clients.reading, name="reading"),
]
