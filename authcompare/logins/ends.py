"""Why a login ends, and what an end did."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from authcompare.logins.marks import COPY_SECONDS


class Reason(models.TextChoices):
    """Why a login ended."""

    LOGOUT = "logout", _("logged out")
    REMOTE = "remote", _("ended from another device")
    REPLACED = "replaced", _("replaced by a new login on the same device")
    ADMIN = "admin", _("ended by an administrator")
    PASSWORD = "password", _("password changed")
    DEACTIVATED = "deactivated", _("account deactivated")
    DELETED = "deleted", _("account deleted")
    REUSE = "reuse", _("an old refresh token was used again")


@dataclass(frozen=True, slots=True)
class Ended:
    """What an end did: how many logins, and whether Redis could be told.

    Where `told` is False, a copy made just before may answer for up to 60 s more.
    """

    count: int
    told: bool

    def __add__(self, other: "Ended") -> "Ended":
        return Ended(self.count + other.count, self.told and other.told)


NOTHING_ENDED = Ended(0, True)


def late() -> str:
    """For people: what is not done yet where Redis could not be told."""
    return _("Redis could not be told: an ended login may be answered for up to %d s more.") % COPY_SECONDS
