"""A note: the thing worth protecting."""

from django.conf import settings
from django.db import models

MAX_TEXT = 10_000


class Note(models.Model):
    """Belongs to one user; nobody else ever sees it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=MAX_TEXT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"])]  # the list of one owner, in order

    def __str__(self) -> str:
        return f"note {self.pk}"
