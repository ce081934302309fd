"""The budget for guessing passwords: attempts are reserved before the hasher runs, in one statement.

Counting after the fact, or reading before writing, lets parallel guesses through: a limit of 5 let 40 of 40
pass in a trial. Here the database decides, and exactly `LOGIN_LIMIT` pass.
"""

import ipaddress
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from authcompare.logins.hashing import Busy
from authcompare.logins.trail import AuthEvent

WINDOW = timedelta(minutes=15)
ADDRESS_FACTOR = 10  # one address may try ten accounts as often as one account
ACCOUNT_FACTOR = 10  # ten strange addresses may try one account as often as one of them
UNKNOWN = "unknown"
STRANGERS = "*"  # instead of an address: all that nobody has logged in from as this account

RESERVE = """
INSERT INTO logins_guessingbudget (key, used, wrong, until) VALUES (%s, 1, 0, %s)
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN logins_guessingbudget.until <= %s THEN 1 ELSE logins_guessingbudget.used + 1 END,
    wrong = CASE WHEN logins_guessingbudget.until <= %s THEN 0 ELSE logins_guessingbudget.wrong END,
    until = CASE WHEN logins_guessingbudget.until <= %s
                 THEN excluded.until ELSE logins_guessingbudget.until END
WHERE logins_guessingbudget.until <= %s OR logins_guessingbudget.used < %s
RETURNING used
"""
WRONG = "UPDATE logins_guessingbudget SET wrong = wrong + 1 WHERE key = %s RETURNING wrong"


class GuessingBudget(models.Model):
    """How many attempts a key has used in the window that ends at `until`; of some it is not known yet."""

    key = models.CharField(max_length=300, primary_key=True)
    used = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField(default=0, db_default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ["view", "unlock"]

    def __str__(self) -> str:
        return f"{self.account or 'any account'} from {self.place}"

    @property
    def account(self) -> str:
        """Whose attempts; empty where it is all of one address."""
        return self.key.partition(" ")[2]

    @property
    def place(self) -> str:
        """From where, for people."""
        address = self.key.partition(" ")[0]
        return "unknown addresses" if address == STRANGERS else address

    @property
    def limit(self) -> int:
        """How many attempts the key has in a window."""
        return _limit(self.key.partition(" ")[0], self.account)

    @property
    def is_locked(self) -> bool:
        """True while there is no attempt left. Until it is known that all were wrong, nobody is locked."""
        return self.wrong >= self.limit and self.until > timezone.now()


def unlock(budgets: "models.QuerySet[GuessingBudget]", by: Any) -> int:
    """Give all attempts back, with a line in the trail for each; returns how many."""
    with transaction.atomic():
        rows = list(budgets)
        AuthEvent.append(
            AuthEvent(
                kind=AuthEvent.Kind.UNLOCKED,
                username=row.account[:150],
                actor=by.get_username(),
                reason=row.place[:32],
            )
            for row in rows
        )
        GuessingBudget.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


class Locked(Exception):
    """The budget is used up; `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    @property
    def sentence(self) -> str:
        """For people."""
        return f"Too many attempts. Try again in {-(-self.retry_after // 60)} minutes."


def client_address(request: HttpRequest) -> str | None:
    """Who is connected. Of X-Forwarded-For only what our own proxies wrote is believed, from the right."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        address = hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])  # a zone means something on one machine only
    except ValueError:
        return None
    # A dual-stack socket writes IPv4 as ::ffff:192.0.2.1, and all of that is one /64.
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def keys_of(
    request: HttpRequest, username: str, known: Callable[[str, str], bool]
) -> Iterator[tuple[str, int]]:
    """What an attempt counts against, each with its limit; `known`: has this account logged in from there.

    Three keys. The address, first: one that is locked leaves no traces of the names it tries. The account at
    this address, so that one stranger cannot lock its owner out elsewhere. The account at all strange
    addresses together, so that many strangers have no more guesses than few; where the owner has logged in
    from does not count there, so many cannot lock the owner out either. Only that one needs `known`, which
    is not asked before the others were reserved.
    """
    place = network(client_address(request))
    account = unicodedata.normalize("NFKC", username).casefold()
    yield _counted(place, "")
    yield _counted(place, account)
    if not known(username, place):
        yield _counted(STRANGERS, account)


def _counted(address: str, account: str) -> tuple[str, int]:
    return f"{address} {account}".strip()[:300], _limit(address, account)


def _limit(address: str, account: str) -> int:
    if not account:
        return int(settings.LOGIN_LIMIT * ADDRESS_FACTOR)
    return int(settings.LOGIN_LIMIT * (ACCOUNT_FACTOR if address == STRANGERS else 1))


def network(address: str | None) -> str:
    """An IPv6 client owns a /64, so that is what counts as one address."""
    if address is None:
        return UNKNOWN
    ip = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def reserve(keys: Iterable[tuple[str, int]]) -> list[str]:
    """Use one attempt of each key; says which these are.

    At the first key that has none left, those of the keys before it are given back. Raises Locked if all its
    attempts were wrong, and Busy if some are being checked yet: in a second there may be one again.
    """
    now, reserved = timezone.now(), list[str]()
    for key, limit in keys:
        if not _reserve(key, limit, now):
            give_back(reserved)
            raise _refusal(key)
        reserved.append(key)
    return reserved


def _reserve(key: str, limit: int, now: datetime) -> bool:
    adapt = connection.ops.adapt_datetimefield_value
    moment, until = adapt(now), adapt(now + WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, [key, until, moment, moment, moment, moment, limit])
        return cursor.fetchone() is not None


def _refusal(key: str) -> Exception:
    row = GuessingBudget.objects.filter(key=key).first()
    if row is None or not row.is_locked:
        return Busy()
    # From now, not from when the attempt came: one that had to wait would be told more than the window.
    return Locked(max(1, int((row.until - timezone.now()).total_seconds())))


def missed(keys: list[str]) -> bool:
    """The password was wrong; True if that was the last attempt of any key."""
    return True in [_missed(key) for key in keys]


def _missed(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WRONG, [key])
        row = cursor.fetchone()
    return row is not None and row[0] == GuessingBudget(key=key).limit


def refund(keys: list[str]) -> None:
    """The password was right: the account starts afresh here, what it shares gets its attempt back."""
    address, own, *strangers = keys
    GuessingBudget.objects.filter(key=own).delete()
    give_back([address, *strangers])


def give_back(keys: Iterable[str]) -> None:
    """One attempt of each key, for one that was not made."""
    GuessingBudget.objects.filter(key__in=list(keys), used__gt=0).update(used=models.F("used") - 1)
