"""Django's user admin, where it would end its own login or trip over rows that nobody may delete."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from authcompare.accounts.models import User
from authcompare.logins.models import Login


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Saving or deleting a user here ends logins as it does everywhere, see `EndsLogins`."""

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """One's own password is changed where the old one is asked for and this login is kept."""
        if unquote(id) == str(request.user.pk):
            return redirect("password")
        return super().user_change_password(request, id, form_url)

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        """Logins go with their user, although nobody may delete one by hand."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return (
            to_delete,
            counts,
            perms_needed - {str(kind._meta.verbose_name) for kind in Login.kinds()},
            protected,
        )
