from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class TokensDemoConfig(AppConfig):
    """The client carries."""

    name = "tokens_demo"
    verbose_name = "Tokens: the client carries"

    def ready(self) -> None:
        """A wrong path in TOKEN_EXTRA_CLAIMS stops the start, not the first login."""
        if settings.TOKEN_EXTRA_CLAIMS:
            import_string(settings.TOKEN_EXTRA_CLAIMS)
