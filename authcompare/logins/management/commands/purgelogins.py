"""Delete logins that ended, idled out or expired longer ago than the retention."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from authcompare.logins.budget import GuessingBudget
from authcompare.logins.models import RETENTION, Login
from authcompare.logins.trail import AuthEvent

BATCH = 500  # rows a transaction: short locks, and a killed run loses one batch


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
            deleted = self.purge(kind, now - timedelta(days=days))
            self.stdout.write(f"{kind._meta.verbose_name_plural}: {deleted} deleted")
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()  # as Django's clearsessions
        GuessingBudget.objects.filter(until__lt=now).delete()
        purged = AuthEvent.objects.purge(before=now - timedelta(days=trail_days))
        self.stdout.write(f"trail: {purged} deleted")

    def purge(self, kind: type[Login], before: datetime) -> int:
        """Delete in batches, each one short statement of its own; returns how many."""
        deleted = 0
        for ids in self.batches(kind, before):
            deleted += kind._default_manager.filter(pk__in=ids).delete()[0]
            self.stdout.write(f"{kind._meta.verbose_name_plural}: {deleted} so far")
        return deleted

    @staticmethod
    def batches(kind: type[Login], before: datetime) -> Iterator[list[UUID]]:
        """Ids of finished logins, in the order of the primary key.

        Each batch begins behind the last one: starting over would read all that was just deleted again.
        """
        finished = kind._default_manager.finished_before(before)  # type: ignore[attr-defined]
        ids = list(finished.order_by("pk").values_list("pk", flat=True)[:BATCH])
        while ids:
            yield ids
            behind = finished.filter(pk__gt=ids[-1])
            ids = list(behind.order_by("pk").values_list("pk", flat=True)[:BATCH])
