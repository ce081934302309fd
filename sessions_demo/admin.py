from django.contrib import admin

from authcompare.logins.admin import LoginAdmin
from sessions_demo.models import Session


@admin.register(Session)
class SessionAdmin(LoginAdmin):
    """Sessions; neither the key's hash nor the data is shown."""
