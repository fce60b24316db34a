"""Whether the telephone is up."""

from django.db import models


class Node(models.Model):
    """One Asterisk and its daemon, as the daemon last said. Not client-owned: it says nothing of anybody."""

    name = models.CharField(max_length=40, primary_key=True)
    is_up = models.BooleanField(default=False)
    since_at = models.DateTimeField()
    seen_at = models.DateTimeField()
