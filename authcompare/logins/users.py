"""What a user model needs so that a password change, a deactivation and a deletion end logins.

Form, admin, `changepassword`, shell and bulk updates all come through `save`, `update` and `delete`. What
Django deletes by cascade does not: a user who goes with a row of another model (a company, say) goes without
a mark, and copies and access tokens live on for as long as they are believed. Delete such users first.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from asgiref.sync import sync_to_async
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from authcompare.logins.models import Ended, Login, Reason, end_logins_of
from authcompare.logins.partial import partial
from authcompare.logins.trail import AuthEvent


class Superseded(Exception):
    """Somebody else changed the password (or deactivated the user) since this one was read."""


class SnapshotError(Exception):
    """A user built from a token or a copy knows too little to be saved; load it from the database first."""


STAMPED = ("password_changed_at", "must_change_password")  # written with every new password
U = TypeVar("U", bound="EndsLogins")


class EndsLoginsQuerySet(models.QuerySet[U], Generic[U]):
    """`update` and `delete` that end logins; `bulk_update` comes through `update`."""

    told = True  # whether Redis could be told of what the last delete has ended

    def bulk_create(  # spelled out as Django's: what is passed by position counts, too
        self,
        objs: Iterable[U],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[U]:
        """Django's; ValueError where it would overwrite what logins hang on, without saying whose."""
        if {"password", "is_active"} & set(update_fields or ()):
            raise ValueError("Change passwords and is_active with bulk_update(): it ends logins.")
        return super().bulk_create(
            objs, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )

    def update(self, **values: Any) -> int:
        reason = _reason_to_end(values)
        if reason is None:
            return super().update(**values)
        if "password" in values:
            values = {"must_change_password": False, **values, "password_changed_at": timezone.now()}
        with transaction.atomic():
            users = self._locked()
            updated = models.QuerySet(self.model).filter(pk__in=users).update(**values)
            _note(AuthEvent.Kind(reason), users)
            end_logins_of(users, reason)
        return updated

    def delete(self, by: Any = None) -> tuple[int, dict[str, int]]:
        """`by` is the acting user, whom the trail names."""
        with transaction.atomic():
            users = self._locked()
            _note(AuthEvent.Kind.DELETED, users, by)
            self.told = end_logins_of(users, Reason.DELETED, by).told
            return super().delete()

    delete.alters_data = delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's own

    def _locked(self) -> dict[Any, str]:
        # The user rows first, the logins after: the order of locks everywhere.
        locked = self.select_for_update(of=("self",)).order_by("pk")
        return dict(locked.values_list("pk", self.model.USERNAME_FIELD))  # type: ignore[attr-defined]


def _plain(user: models.Model) -> "models.QuerySet[Any]":
    """Rows as they are: `update` on this ends nothing."""
    return models.QuerySet(type(user))


def _note(kind: AuthEvent.Kind, users: dict[Any, str], by: Any = None) -> None:
    """A line of the trail for each account, besides those of its logins: it may have none."""
    actor = "" if by is None else by.get_username()
    AuthEvent.append(
        AuthEvent(kind=kind, user_id=str(pk), username=name, actor=actor) for pk, name in users.items()
    )


def _reason_to_end(values: dict[str, Any]) -> Reason | None:
    if "password" in values:
        return Reason.PASSWORD
    return None if values.get("is_active", True) is True else Reason.DEACTIVATED


class EndsLogins(models.Model):
    """Mix into a user model before AbstractUser, with a manager made from EndsLoginsQuerySet."""

    password: Any  # the field of AbstractBaseUser
    password_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    must_change_password = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta:
        abstract = True

    is_snapshot = False
    acting: Any = None  # who changes this user; the trail names them
    told = True  # whether Redis could be told of what the last save or delete has ended
    _stored: tuple[Any, Any] = (None, None)  # password and is_active as read; a snapshot has read neither

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any
    ) -> Self:
        user = super().from_db(db, field_names, values, **more)
        user._remember()
        return user

    @classmethod
    def snapshot(cls, said: Any, known: Mapping[str, Any]) -> Self:
        """A user from what a token or a copy says, without a query; all other fields load when asked for.

        `said` is the primary key as it is said there. Raises ValidationError if it cannot be one.
        """
        key = cls._meta.pk
        user = partial(cls, {key.attname: key.to_python(said), **known})
        user.is_snapshot = True
        return user

    def _remember(self) -> None:
        self._stored = (self.__dict__.get("password"), self.__dict__.get("is_active"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.is_snapshot:
            raise SnapshotError("load this user from the database before saving it")
        reason = None if self._state.adding else self._reason_to_end(kwargs.get("update_fields"))
        if reason is Reason.PASSWORD:
            self._stamp(kwargs)
        with transaction.atomic():
            if reason is not None:
                self._lock()
            super().save(*args, **kwargs)
            if reason is not None:
                self._note(AuthEvent.Kind(reason), self.acting)
                self.told = end_logins_of([self.pk], reason, by=self.acting).told
        self._remember()

    def _note(self, kind: AuthEvent.Kind, by: Any) -> None:
        _note(kind, {self.pk: self.get_username()}, by)  # type: ignore[attr-defined]

    def _reason_to_end(self, update_fields: Sequence[str] | None) -> Reason | None:
        password, is_active = self._stored
        written = {
            name for name in ("password", "is_active") if update_fields is None or name in update_fields
        }
        written &= self.__dict__.keys()
        if "password" in written and self.__dict__["password"] != password:
            return Reason.PASSWORD
        if "is_active" in written and not self.__dict__["is_active"] and is_active is not False:
            return Reason.DEACTIVATED
        return None

    def _stamp(self, kwargs: dict[str, Any]) -> None:
        self.password_changed_at, self.must_change_password = timezone.now(), False
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], *STAMPED}

    def _lock(self) -> None:
        list(type(self)._base_manager.select_for_update().filter(pk=self.pk).values_list("pk"))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self._lock()
            self._note(AuthEvent.Kind.DELETED, self.acting)
            self.told = end_logins_of([self.pk], Reason.DELETED, by=self.acting).told
            return super().delete(*args, **kwargs)

    def end_all_logins(self, by: Any) -> Ended:
        """End every login of every kind: one decision, with a line of its own in the trail."""
        with transaction.atomic():
            self._lock()
            self._note(AuthEvent.Kind.ENDED_ALL, by)
            return end_logins_of([self.pk], Reason.ADMIN, by)

    def require_new_password(self, by: Any) -> Ended:
        """End every login, and let the next one in only with a new password, see `credentials.check`."""
        with transaction.atomic():
            self._lock()
            _plain(self).filter(pk=self.pk).update(must_change_password=True)
            self._note(AuthEvent.Kind.MUST_CHANGE, by)
            return self.end_all_logins(by)

    def check_password(self, raw_password: str | None) -> bool:
        """As Django's; but a stronger hash of the same password is no change and ends nothing."""

        def upgrade(raw: str) -> None:
            stronger = make_password(raw)
            same = _plain(self).filter(pk=self.pk, password=self.password)
            if same.update(password=stronger):
                self.password = stronger
            else:  # a login beside this one was faster, or somebody changed the password
                stored = _plain(self).filter(pk=self.pk).values_list("password", flat=True).first()
                self.password = stored if stored and check_password(raw, stored) else self.password
            self._remember()

        return check_password(raw_password, self.password, upgrade)

    async def acheck_password(self, raw_password: str | None) -> bool:
        """See check_password()."""
        return await sync_to_async(self.check_password)(raw_password)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Django derives it from the encoded password, which a hasher upgrade changes: that would log the
        # user's other devices out.
        value = f"{self.pk} {self.password_changed_at.isoformat()}"
        salt = "authcompare.logins.users.EndsLogins"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()

    def change_password(self, encoded: str, keep: Login | None) -> Ended:
        """Set what `hashing.encoded` gave and end every other login of both kinds, in one transaction.

        Raises Superseded if the stored password is no longer the one this user was read with.
        """
        stored, now = self._stored[0], timezone.now()
        with transaction.atomic():
            same = _plain(self).filter(pk=self.pk, password=stored, is_active=True)
            if not same.update(password=encoded, password_changed_at=now, must_change_password=False):
                raise Superseded
            ended = end_logins_of([self.pk], Reason.PASSWORD, by=self, keep=keep)
            if keep is None:
                self._note(AuthEvent.Kind.PASSWORD, by=self)
            else:
                keep.event(AuthEvent.Kind.PASSWORD, actor=self.get_username()).save()  # type: ignore[attr-defined]
        self.password, self.password_changed_at, self.must_change_password = encoded, now, False
        self._remember()
        return ended
