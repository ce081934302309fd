"""The admin base of both kinds of login, and the trail."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from authcompare.logins.budget import GuessingBudget
from authcompare.logins.models import Login, Reason
from authcompare.logins.trail import AuthEvent


class ReadOnly(admin.ModelAdmin):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StateFilter(admin.SimpleListFilter):
    """Active, ended, or past a time-out."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("active", _("active")), ("ended", _("ended")), ("expired", _("idle or expired"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "active":
                return queryset.active()
            case "ended":
                return queryset.over()
            case "expired":
                return queryset.filter(ended_at__isnull=True).finished_before(timezone.now())
        return queryset


class LoginAdmin(ReadOnly):
    """Who is logged in where; ends logins through `LoginQuerySet.end`, as everybody else does."""

    consequence: Any = ""  # what does not happen at once, said after every end

    list_display: Any = [
        "user",
        "device",
        "ip",
        "created_at",
        "last_seen_at",
        "idle_until",
        "expires_at",
        "status",
    ]
    list_filter = [StateFilter, "ended_reason", "created_at", "device"]
    list_select_related = ["user"]
    search_fields = ["user__username", "ip__startswith", "id"]
    fields = [*list_display, "id", "user_agent", "authenticated_at", "ended_at", "ended_by"]
    actions = ["end_selected"]
    ordering = ["-created_at"]
    show_full_result_count = False

    @admin.display(description=_("state"))
    def status(self, login: Login) -> str:
        """In words, with who ended it."""
        by = f" ({login.ended_by})" if login.ended_by else ""
        return f"{login.get_ended_reason_display() or login.state}{by}"

    def get_queryset(self, request: HttpRequest) -> Any:
        """A session without a user is no login."""
        return super().get_queryset(request).filter(user__isnull=False)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Ending is a permission of its own: seeing does not include it."""
        return request.user.has_perm(f"{self.opts.app_label}.end_{self.opts.model_name}")

    @admin.action(description=_("End selected logins"), permissions=["end"])
    def end_selected(self, request: HttpRequest, queryset: Any) -> None:
        """End them; a superuser's logins are ended by a superuser only."""
        if not request.user.is_superuser:
            queryset = queryset.filter(user__is_superuser=False)
        ended = queryset.active().end(Reason.ADMIN, by=request.user)
        message = ngettext("%d login ended.", "%d logins ended.", ended.count) % ended.count
        self.message_user(request, f"{message} {self.consequence}".strip(), messages.SUCCESS)
        if not ended.told:
            warning = _("Redis could not be told: an ended login may be answered for up to 60 s more.")
            self.message_user(request, warning, messages.WARNING)


@admin.register(AuthEvent)
class AuthEventAdmin(ReadOnly):
    """The trail."""

    list_display = ["at", "kind", "scheme", "username", "actor", "reason", "ip", "device", "login_id"]
    list_filter = ["kind", "scheme", "reason", "at"]
    search_fields = ["username", "actor", "ip__startswith", "login_id"]
    show_full_result_count = False


@admin.register(GuessingBudget)
class GuessingBudgetAdmin(ReadOnly):
    """Deleting a row unlocks."""

    list_display = ["key", "used", "until"]
    search_fields = ["key"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("logins.delete_guessingbudget")
