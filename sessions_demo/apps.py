from django.apps import AppConfig


class SessionsDemoConfig(AppConfig):
    """The server remembers."""

    name = "sessions_demo"
    verbose_name = "Sessions: the server remembers"
