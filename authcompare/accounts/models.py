"""The one user."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager

from authcompare.logins.users import EndsLogins, EndsLoginsQuerySet


class Users(UserManager.from_queryset(EndsLoginsQuerySet)):  # type: ignore[misc]
    """A class with a name, because migrations write it down."""


class User(EndsLogins, AbstractUser):
    """Django's user, whose logins end when the password changes or the account goes."""

    objects: ClassVar[Any] = Users()
