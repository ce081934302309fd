"""Delete logins that ended, idled out or expired longer ago than the retention."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from authcompare.logins.batches import delete
from authcompare.logins.budget import GuessingBudget
from authcompare.logins.models import RETENTION, Login
from authcompare.logins.trail import AuthEvent

TRAIL_DAYS = 365


def days(text: str) -> int:
    """From 1 (an active login is never purged) to 100 years. Raises ValueError."""
    number = int(text)
    if not 1 <= number <= 36_500:
        raise ValueError(text)
    return number


class Command(BaseCommand):
    """Safe beside live traffic; may be stopped and run again at any time."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=days, default=RETENTION.days, help="how long ended logins are kept"
        )
        parser.add_argument("--trail-days", type=days, default=TRAIL_DAYS, help="for the trail")

    def handle(self, *args: Any, days: int, trail_days: int, **options: Any) -> None:
        now = timezone.now()
        for kind in Login.kinds():
            self.purge(kind, now - timedelta(days=days))
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()  # as Django's clearsessions
        delete(GuessingBudget.objects.filter(until__lt=now), by="until")
        purged = AuthEvent.objects.purge(before=now - timedelta(days=trail_days))
        self.stdout.write(f"trail: {purged} deleted")

    def purge(self, kind: type[Login], before: datetime) -> None:
        """Delete what ended or timed out before then, and say how far it is."""
        logins: Any = kind._default_manager
        # One after the other: both at once have no index in whose order they could be found.
        ended = self._delete(kind, logins.filter(ended_at__lt=before), "ended_at")
        timed_out = self._delete(kind, logins.timed_out(before), "idle_until", ended)
        self.stdout.write(f"{kind._meta.verbose_name_plural}: {ended + timed_out} deleted")

    def _delete(self, kind: type[Login], finished: Any, by: str, before: int = 0) -> int:
        name = kind._meta.verbose_name_plural
        return delete(finished, by, lambda so_far: self.stdout.write(f"{name}: {before + so_far} so far"))
