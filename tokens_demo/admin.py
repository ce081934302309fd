from django.contrib import admin

from authcompare.logins.admin import LoginAdmin
from tokens_demo.models import TokenFamily


@admin.register(TokenFamily)
class TokenFamilyAdmin(LoginAdmin):
    """Token families; no token and no `jti` is shown."""
