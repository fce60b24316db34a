"""What a member types in his space and that belongs to no single part."""

from django import forms
from django.utils.translation import gettext_lazy as _

from permanence.calls.models import Line

LARGEST_RECORDING = 20_000_000


class ReplyForm(forms.Form):
    """A sentence to the bureau under a message. Its length is the use case's rule, so that nothing typed is cut."""

    text = forms.CharField(
        label=_("Write to the bureau"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class WelcomeForm(forms.Form):
    """A recording that replaces the spoken words. What is a sound, the telephone's converter says."""

    recording = forms.FileField(
        label=_("Recording (WAV or MP3)"), widget=forms.FileInput(attrs={"accept": "audio/wav,audio/mpeg,.wav,.mp3"})
    )

    def audio(self) -> bytes:
        """At most one byte more than the largest that is converted."""
        return bytes(self.cleaned_data["recording"].read(LARGEST_RECORDING + 1))


class LineForm(forms.ModelForm[Line]):
    """The words that callers hear on one line before somebody answers, and when the company is closed."""

    class Meta:
        model = Line
        fields = ["welcome_text", "closed_text"]
        labels = {
            "welcome_text": _("Said while the call is being put through"),
            "closed_text": _("Said when the company is closed"),
        }
        widgets = {
            "welcome_text": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "closed_text": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        }
