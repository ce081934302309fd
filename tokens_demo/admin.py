from datetime import timedelta

from django.conf import settings
from django.contrib import admin
from django.utils import timezone

from authcompare.logins.admin import LoginAdmin
from tokens_demo.models import TokenFamily


@admin.register(TokenFamily)
class TokenFamilyAdmin(LoginAdmin):
    """Token families; no token and no `jti` is shown."""

    @property
    def consequence(self) -> str:
        """Honest about what TOKEN_CHECK=none cannot do."""
        if settings.TOKEN_CHECK != "none":
            return "Access tokens already issued are refused from now on."
        seconds = settings.TOKEN_ACCESS_SECONDS
        until = timezone.now() + timedelta(seconds=seconds)
        return f"Access tokens already issued work until {until:%H:%M:%S} UTC, at most {seconds} s."
