"""Makes the tables, alice, and a login of hers; prints the header that shows it."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """The lab runs it once before it starts the set-up's servers."""

    help = "Prepare this set-up; print the header of a fresh login."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        user, _ = get_user_model().objects.get_or_create(username="alice")
        name, value = import_string(settings.CREDENTIAL)(user)
        self.stdout.write(f"{name}: {value}")
