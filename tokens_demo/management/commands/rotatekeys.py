"""Make a new signing key, let the old one verify until its last token has expired, then remove it.

Run it as the user that runs the servers: key files are readable by their owner only. The servers notice
within a second and need no restart.
"""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from authcompare.keyfiles import written_once
from authcompare.logins.trail import AuthEvent
from tokens_demo.tokens.backend import CLOCK_TOLERANCE
from tokens_demo.tokens.keys import LOOK_AGAIN_SECONDS, PUBLIC_SECONDS, Key, KeyRing, make, read

NOTICED_SECONDS = int(LOOK_AGAIN_SECONDS) + 2  # by then every process of ours knows a new key
LEAST_AFTER_SECONDS = PUBLIC_SECONDS + CLOCK_TOLERANCE  # by then every verifier elsewhere does
MOST_AFTER_SECONDS = 365 * 24 * 3600
AFTER_SECONDS = 2 * PUBLIC_SECONDS


def replaced_at(key: Key, keys: list[Key]) -> int | None:
    """When another key takes over from `key`; None while none does.

    The newest key of an algorithm that is not in force may still sign, on a server that was not told yet.
    """
    later = [other for other in keys if (other.not_before, other.kid) > (key.not_before, key.kid)]
    same = [other.not_before for other in later if other.algorithm == key.algorithm and other.kid != key.kid]
    return min(same, default=None)


def token_life() -> int:
    """How long after a key's last signature a token of it may be shown."""
    refresh = min(settings.TOKEN_IDLE_SECONDS, settings.TOKEN_ABSOLUTE_SECONDS)
    return int(max(settings.TOKEN_ACCESS_SECONDS, refresh)) + CLOCK_TOLERANCE


def is_over(key: Key, keys: list[Key], now: float) -> bool:
    """Whether every token that `key` signed has expired."""
    replaced = replaced_at(key, keys)
    return replaced is not None and replaced + token_life() <= now


def signing(keys: list[Key], now: float) -> Key | None:
    """The one that signs at `now`."""
    return next((key for key in reversed(of_algorithm(keys)) if key.not_before <= now), None)


def of_algorithm(keys: list[Key]) -> list[Key]:
    """Those of the algorithm in force, in the order in which they sign."""
    return [key for key in keys if key.algorithm == settings.TOKEN_ALGORITHM]


def at(moment: float) -> str:
    """For people."""
    return f"{datetime.fromtimestamp(moment, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"


def role(key: Key, keys: list[Key], now: float) -> str:
    """What `key` is there for, for people."""
    replaced = replaced_at(key, keys)
    if replaced is not None:
        signs = f"signs until {at(replaced)}, " if key.not_before <= now < replaced else ""
        return f"{signs}verifies until {at(replaced + token_life())}"
    if key.algorithm != settings.TOKEN_ALGORITHM:
        return f"is no {settings.TOKEN_ALGORITHM} key; stays until --remove, as a server may sign with it yet"
    return "signs" if key.not_before <= now else f"signs from {at(key.not_before)}"


class Command(BaseCommand):
    """Every run also removes the keys that are over, says which keys there are, and writes to the trail."""

    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument(
            "--after", type=int, metavar="SECONDS", help=f"the new key signs from then on ({AFTER_SECONDS})"
        )
        how.add_argument(
            "--now", action="store_true", help="it signs at once: verifiers elsewhere may be late"
        )
        how.add_argument("--tidy", action="store_true", help="make none, only remove those that are over")
        parser.add_argument(
            "--remove", metavar="KID", help="a compromised key: all its tokens die at once (--remove=KID)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys, now = self.keys(), time.time()
        refuse_nonsense(keys, now, options)
        for key in [key for key in keys if is_over(key, keys, now)]:
            self.drop(key, "over", "every token it signed has expired")
        if options["now"] or not (options["tidy"] or options["remove"]):
            self.make(keys, now, options)
        for key in [key for key in self.keys() if key.kid == options["remove"]]:
            own, elsewhere = f"{LOOK_AGAIN_SECONDS:.0f} s", f"{PUBLIC_SECONDS} s"
            self.drop(key, "removed", f"its tokens are refused within {own}, by others within {elsewhere}")
        keys, now = self.keys(), time.time()
        for key in keys:
            self.stdout.write(f"{key.algorithm} {key.kid} {role(key, keys, now)}")

    @staticmethod
    def keys() -> list[Key]:
        """All keys, read anew."""
        try:
            return KeyRing(settings.TOKEN_KEYS).all()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def make(self, keys: list[Key], now: float, options: dict[str, Any]) -> None:
        """A key that signs from a moment at which everybody who has to can verify it."""
        seconds = NOTICED_SECONDS if options["now"] else options["after"] or AFTER_SECONDS
        if signing(keys, now) is None:
            seconds = 0  # nobody can log in until there is one
        suffix, content = make(settings.TOKEN_ALGORITHM)
        file = settings.TOKEN_KEYS / f"{int(now) + seconds}{suffix}"
        if written_once(file, content) != content:
            raise CommandError(f"{file.name} was made by somebody else just now; look, then run this again.")
        key = read(file)
        note(key, "made")
        self.stdout.write(f"made {key.algorithm} {key.kid}")
        if options["remove"]:
            time.sleep(max(0.0, key.not_before - time.time()))  # somebody has to sign at every moment

    def drop(self, key: Key, reason: str, says: str) -> None:
        """The file goes, and with it the key."""
        with transaction.atomic():
            note(key, reason)
            key.file.unlink(missing_ok=True)
        self.stdout.write(f"removed {key.algorithm} {key.kid}: {says}")


def refuse_nonsense(keys: list[Key], now: float, options: dict[str, Any]) -> None:
    """Raises CommandError with one sentence."""
    after, remove = options["after"], options["remove"]
    if after is not None and not LEAST_AFTER_SECONDS <= after <= MOST_AFTER_SECONDS:
        raise CommandError(
            f"--after is between {LEAST_AFTER_SECONDS} s, because others keep our public keys for "
            f"{PUBLIC_SECONDS} s, and {MOST_AFTER_SECONDS} s; in an emergency, --now."
        )
    if remove is not None:
        refuse_removal(remove, keys, now, options)
    elif not (options["now"] or options["tidy"]):
        refuse_a_second(keys, now)


def refuse_removal(kid: str, keys: list[Key], now: float, options: dict[str, Any]) -> None:
    """A key that is not there, and one without which nobody could log in."""
    if kid not in {key.kid for key in keys}:
        raise CommandError(f"There is no key {kid} in {settings.TOKEN_KEYS}.")
    if options["after"] is not None:
        raise CommandError("A compromised key goes at once: --remove does not go with --after.")
    current = signing(keys, now)
    if current is not None and current.kid == kid and not options["now"]:
        raise CommandError(f"{kid} signs now: add --now, so that a new key takes over before it goes.")


def refuse_a_second(keys: list[Key], now: float) -> None:
    """One rotation at a time."""
    for key in of_algorithm(keys):
        if key.not_before > now:
            raise CommandError(
                f"{key.kid} is made already and signs from {at(key.not_before)}: wait, or --now."
            )


def note(key: Key, reason: str) -> None:
    """For the trail."""
    about = f"{key.algorithm} {key.kid}"
    AuthEvent(kind=AuthEvent.Kind.KEY, scheme="token", actor="rotatekeys", reason=reason, device=about).save()
