import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from permanence.ui.icons import icon_names

SOURCES = Path(__file__).parents[2]


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context)


class Message(forms.Form):
    number = forms.CharField(label="Rappeler au", help_text="Relu", initial="06")
    reason = forms.CharField(label="Motif", required=False)
    urgency = forms.ChoiceField(label="Urgence", choices=[("n", "Normale"), ("u", "Urgente")], widget=forms.RadioSelect)
    read = forms.BooleanField(label="Relu")


def test_an_icon_is_silent_and_an_unknown_one_is_a_fault():
    drawn = render('{% icon "phone" "i-s" %}')
    assert drawn.startswith('<svg class="i i-s" aria-hidden="true"><use href="')
    assert "icons.svg#phone" in drawn
    with pytest.raises(TemplateSyntaxError):
        render('{% icon "phone-of-tomorrow" %}')


def test_every_icon_named_in_a_template_exists_and_none_is_carried_for_nothing():
    sources = [path for kind in ("*.html", "*.py") for path in SOURCES.rglob(kind) if "tests" not in path.parts]
    texts = [path.read_text() for path in sources]
    named = {name for text in texts for name in re.findall(r'{% icon "([\w-]+)"|{% lozenge "\w*" "([\w-]+)"', text)}
    assert {one or other for one, other in named} <= icon_names()
    everything = "\n".join(texts)
    unused = {name for name in icon_names() if not re.search(rf"[\"'=]{name}[\"'|]", everything)}
    assert not unused


def test_a_name_that_holds_markup_stays_text():
    client = SimpleNamespace(monogram="<b", hue='"><script>')
    drawn = render("{% mono client %}{% lozenge 'warn' 'clock' text %}", client=client, text="<img onerror=x>")
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "&lt;b" in drawn


def test_a_field_binds_its_label_hint_and_error():
    drawn = render("{% field form.number extra='num' %}", form=Message({"number": ""}))
    assert '<label class="form-label" for="id_number">' in drawn
    assert 'class="form-control is-invalid num"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_number_helptext id_number_error"' in drawn
    assert 'id="id_number_helptext"' in drawn
    assert '<ul class="form-error" id="id_number_error">' in drawn


def test_a_field_says_that_it_is_optional_and_groups_its_choices():
    form = Message()
    assert "optional" in translated("en", "{% field form.reason %}", form=form)
    drawn = render("{% field form.urgency %}{% field form.read %}", form=form)
    assert drawn.count("<fieldset") == 1
    assert drawn.count('type="radio"') == 2
    assert 'class="form-check-input"' in drawn
    assert "form-control" not in drawn


def translated(language: str, source: str, **context: object) -> str:
    with translation.override(language):
        return render(source, **context)


def test_figures_follow_the_reader_language_and_the_bureau_time_zone():
    at = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    assert translated("fr", "{{ at|clock }}, {{ at|day }}", at=at).replace("\u00a0", " ") == (
        "14 h 30, lundi 23 novembre 2026"
    )
    assert translated("en", "{{ at|clock }}, {{ at|day_short }}", at=at).replace("\u00a0", " ") == "14:30, Mon 23"
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert translated("fr", "{{ at|day_short }}", at=late).replace("\u00a0", " ") == "mar. 24"


def test_nothing_is_written_for_what_is_unknown():
    source = "{{ x|clock }}{{ x|day }}{{ x|day_short }}{{ x|ago_day }}{{ x|duration }}{{ x|running }}{{ x|phone }}"
    assert render(source, x=None) == ""


def test_typography_leaves_markup_escaped():
    assert render("{{ text|typo }}", text="<b> : l'eau") == "&lt;b&gt;\u00a0: l’eau"


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_pages_of_refusal_need_no_request_and_no_database(name):
    page = render_to_string(name)
    assert page.count("<h1") == 1
    assert 'id="work"' in page


def test_the_design_page_shows_every_piece_and_breaks_no_security_policy(settings):
    request = RequestFactory().get("/design/")
    request.user = AnonymousUser()
    from permanence.ui.views import design

    page = design(request).content.decode()
    assert "Pieces of the house" in page
    assert not re.search(r"\s(style|on\w+)=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("user", "cookie", "theme", "follows"),
    [
        (AnonymousUser(), "", "light", True),
        (AnonymousUser(), "dark", "dark", False),
        (SimpleNamespace(is_authenticated=True, pk=7, theme="dark"), "light", "dark", False),
        (SimpleNamespace(is_authenticated=True, pk=7, theme=""), "dark", "light", True),
    ],
)
def test_a_chosen_theme_is_there_from_the_first_paint_else_the_machine_decides(user, cookie, theme, follows):
    request = RequestFactory().get("/")
    request.COOKIES |= {"theme": cookie} if cookie else {}
    request.user = user
    page = engines["django"].from_string('{% extends "ui/base.html" %}').render({}, request)
    assert f'data-bs-theme="{theme}"' in page
    assert ("theme.js" in page) == follows
    assert ("data-live-url-value" in page) == user.is_authenticated


@pytest.mark.django_db
def test_an_unknown_address_is_answered_in_the_house_style():
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    assert "lone-card" in answer.content.decode()
