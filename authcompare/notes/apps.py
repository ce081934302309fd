from django.apps import AppConfig


class NotesConfig(AppConfig):
    """The protected resource. It never asks how you logged in."""

    name = "authcompare.notes"
    label = "notes"
