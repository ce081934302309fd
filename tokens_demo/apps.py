from django.apps import AppConfig


class TokensDemoConfig(AppConfig):
    """The client carries."""

    name = "tokens_demo"
    verbose_name = "Tokens: the client carries"
