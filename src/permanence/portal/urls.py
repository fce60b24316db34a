"""Every address of the client's space."""

from django.urls import path

from permanence.portal.views import calls, company, home, hours, instructions, journal, knowledge, members, people
from permanence.portal.views import messages as message_views

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("waiting/", home.waiting, name="waiting"),
    path("count/", home.count, name="count"),
    path("today/", home.today, name="today"),
    path("pair/", home.pair, name="pair"),
    path("presence/", home.presence, name="presence"),
    path("more/", home.more, name="more"),
    path("messages/", message_views.messages, name="messages"),
    path("messages/<int:message_id>/", message_views.message, name="message"),
    path("messages/<int:message_id>/acknowledgement/", message_views.acknowledgement, name="acknowledgement"),
    path("messages/<int:message_id>/handling/", message_views.handling, name="handling"),
    path("messages/<int:message_id>/reply/", message_views.reply, name="reply"),
    path("messages/<int:message_id>/voicemail/", message_views.voicemail, name="voicemail"),
    path("calls/", calls.calls, name="calls"),
    path("instructions/", instructions.instructions, name="instructions"),
    path("instructions/new/", instructions.new, name="instruction_new"),
    path("instructions/<int:instruction_id>/", instructions.edit, name="instruction"),
    path("instructions/<int:instruction_id>/withdrawal/", instructions.withdrawal, name="withdrawal"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/details/", people.edit, name="person_edit"),
    path("people/<int:person_id>/departure/", people.departure, name="departure"),
    path("people/<int:person_id>/availability/", people.availability, name="availability"),
    path(
        "people/<int:person_id>/availability/<int:availability_id>/", people.availability_end, name="availability_end"
    ),
    path("hours/", hours.hours, name="hours"),
    path("hours/days/", hours.days, name="exceptional_days"),
    path("hours/days/<int:day_id>/", hours.day_end, name="exceptional_day_end"),
    path("company/", company.company, name="company"),
    path("company/lines/<int:line_id>/", company.line, name="line"),
    path("company/lines/<int:line_id>/welcome/", company.welcome, name="welcome"),
    path("knowledge/", knowledge.knowledge, name="knowledge"),
    path("knowledge/new/", knowledge.new, name="knowledge_new"),
    path("knowledge/<int:entry_id>/", knowledge.edit, name="knowledge_entry"),
    path("knowledge/<int:entry_id>/removal/", knowledge.removal, name="knowledge_removal"),
    path("members/", members.members, name="members"),
    path("members/<int:member_id>/", members.edit, name="member"),
    path("members/<int:member_id>/closing/", members.closing, name="member_closing"),
    path("journal/", journal.journal, name="journal"),
]
