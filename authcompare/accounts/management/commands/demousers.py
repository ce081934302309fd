"""Make the demo users alice, bob and admin, or give them a new password."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from authcompare.accounts.models import User

USERS = {"alice": False, "bob": False, "admin": True}  # name → superuser


class Command(BaseCommand):
    """The password comes from DEMO_PASSWORD, or is made up and printed."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo users have one shared password: not in production.")
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        for username, superuser in USERS.items():
            self.make(username, password, superuser)
            self.stdout.write(f"{username} {password}")

    @staticmethod
    def make(username: str, password: str, superuser: bool) -> None:
        """A password that is right already stays as it is: setting it anew would end logins."""
        user = User.objects.filter(username=username).first() or User(username=username)
        user.is_staff = user.is_superuser = superuser
        user.is_active = True
        if not user.check_password(password):
            user.set_password(password)
        user.save()
