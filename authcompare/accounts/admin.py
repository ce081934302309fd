"""Django's user admin, with what users are logged in on, and without ways round the rules for ending."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from authcompare.accounts.models import User
from authcompare.logins.admin.asking import Question, ask, say
from authcompare.logins.admin.fresh import fresh, fresh_to_write
from authcompare.logins.ending import end_all_of, may_end, of_users
from authcompare.logins.ends import late
from authcompare.logins.models import Login
from authcompare.logins.overview import logged_in, over

RANKS = ("is_staff", "is_superuser", "groups", "user_permissions")
ALL: dict[str, Any] = {"title": _("End all logins of %s?")}
NEW_PASSWORD: dict[str, Any] = {
    "title": _("End all logins of %s and require a new password?"),
    "at_once": [_("The next login is let in only together with a new password, at every door.")],
    "later": [
        _("Whoever knows the present password can choose the new one."),
        _("If a stranger may know it, set a password yourself instead, which ends all logins, too."),
    ],
    "yes": _("Yes, end them and require a new password"),
}


@admin.register(User)
@method_decorator(fresh_to_write, "changelist_view")
@method_decorator(fresh_to_write, "change_view")
@method_decorator(fresh, "end_logins")
@method_decorator(fresh, "user_change_password")
@method_decorator(fresh, "delete_view")
class AccountAdmin(UserAdmin):
    """Saving or deleting a user here ends logins as it does everywhere, see `EndsLogins`."""

    def get_urls(self) -> list[Any]:
        end = self.admin_site.admin_view(self.end_logins)
        return [
            path("<id>/end-logins/", end, name="accounts_user_end"),
            path("<id>/renew/", end, {"require_new_password": True}, name="accounts_user_renew"),
            *super().get_urls(),
        ]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The user, who knows who is about to change them: the trail says it."""
        user = super().get_object(request, object_id, from_field)
        if user is not None:
            user.acting = request.user
        return user

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser is changed by a superuser only: a password or a tick would end their logins."""
        return super().has_change_permission(request, obj) and _within_reach(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See has_change_permission()."""
        return super().has_delete_permission(request, obj) and _within_reach(request.user, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody makes themselves, or somebody else, a superuser."""
        readonly = super().get_readonly_fields(request, obj)
        return readonly if request.user.is_superuser else [*readonly, *RANKS]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The user, and below what they are logged in on, as far as one may see it."""
        user = self.get_object(request, unquote(object_id))
        if user is None:
            return super().change_view(request, object_id, form_url, extra_context)
        visible = [kind for kind in Login.kinds() if self._may_view(request, kind)]
        active = logged_in(user.pk, visible)
        lines = [*active.lines, *over(user.pk, visible)]
        shown = {
            "logins": [(line.login, _page_of(line.login)) for line in lines],
            "not_shown": active.not_shown,
            "sees_logins": bool(visible),
            "ends_logins": self._may_end(request, user),
        }
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def _may_view(self, request: HttpRequest, kind: type[Login]) -> bool:
        return bool(self.admin_site._registry[kind].has_view_permission(request))

    def end_logins(self, request: HttpRequest, id: str, require_new_password: bool = False) -> HttpResponse:  # noqa: A002
        """Ask, then end all logins of this user, of both kinds."""
        user = self.get_object(request, unquote(id))
        if user is None:
            raise Http404
        if not self._may_end(request, user, require_new_password):
            raise PermissionDenied
        page = reverse("admin:accounts_user_change", args=[user.pk])
        if request.method != "POST":
            words = NEW_PASSWORD if require_new_password else ALL
            question = Question(words["title"] % user, of_users([user.pk]), request.user)
            return ask(self, request, question, **{**words, "title": question.title, "back": page})
        tally = end_all_of([user], request.user, require_new_password)
        say(self, request, tally, f"{_('A new password is required.')}" if require_new_password else "")
        return redirect(page)

    def _may_end(self, request: HttpRequest, user: Any, require_new_password: bool = False) -> bool:
        if require_new_password and not self.has_change_permission(request, user):
            return False
        return may_end(request.user, *Login.kinds()) and _within_reach(request.user, user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """One's own password is changed where the old one is asked for and this login is kept."""
        if unquote(id) == str(request.user.pk):
            return redirect("password")
        return super().user_change_password(request, id, form_url)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Here both forms end, the user's and the password's."""
        self._warn(request, obj.told)
        return super().log_change(request, obj, message)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._warn(request, obj.told)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """Here it is known by whom."""
        queryset.delete(by=request.user)
        self._warn(request, queryset.told)

    def _warn(self, request: HttpRequest, told: bool) -> None:
        if not told:
            self.message_user(request, late(), messages.WARNING)

    def get_deleted_objects(self, objs: Any, request: Any) -> Any:
        """Logins go with their user, although nobody may delete one by hand."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return (
            to_delete,
            counts,
            perms_needed - {str(kind._meta.verbose_name) for kind in Login.kinds()},
            protected,
        )


def _page_of(login: Login) -> str:
    return reverse(f"admin:{login._meta.app_label}_{login._meta.model_name}_change", args=[login.pk])


def _within_reach(by: Any, user: Any) -> bool:
    return bool(user is None or by.is_superuser or not user.is_superuser)
