"""The admin base of both kinds of login: who is logged in where, and the end of it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from authcompare.logins.admin.asking import Question, ask, say
from authcompare.logins.admin.fresh import fresh_to_write
from authcompare.logins.admin.lists import LargeList, Period, Seen, Typed, as_address, as_id, moment
from authcompare.logins.ending import end_all_of, end_logins, may_end, of_users
from authcompare.logins.models import Login, Reason

MOST_USERS = 1_000  # whose logins one act ends; each takes a transaction of its own
TOO_MANY = _("That is more than 1,000 users: choose fewer, or say with a filter whom you mean.")


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
                return queryset.filter(ended_at__isnull=False)
            case "expired":
                return queryset.timed_out()
        return queryset


class EndFilter(admin.SimpleListFilter):
    """Why it ended."""

    title = _("kind of end")
    parameter_name = "ended_reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Reason.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() and request.GET.get("state") in ("active", "expired"):
            return queryset.none()  # none of them has ended; the database would read them all to find out
        # "Not empty" is the index's own condition: SQLite takes it only for a query that says the same.
        ended = queryset.exclude(ended_reason="")
        return ended.filter(ended_reason=self.value()) if self.value() else queryset


class UserFilter(Typed):
    """One user, by name."""

    title = _("user")
    parameter_name = "user"

    @property
    def column(self) -> str:  # type: ignore[override]
        """The name under which users log in."""
        return f"user__{get_user_model().USERNAME_FIELD}"


class BeganFilter(Period):
    """By the time of the login."""

    field = "created_at"


class DeviceFilter(Seen):
    """By the device as it is shown."""

    title = _("device")
    parameter_name = "device"


@method_decorator(fresh_to_write, "changelist_view")
class LoginAdmin(LargeList):
    """Who is logged in where; ends logins through `LoginQuerySet.end`, as everybody else does."""

    list_display: Any = [
        "user",
        "status",
        "device",
        "ip",
        moment("created_at", _("logged in")),
        moment("last_seen_at", _("last seen")),
        moment("idle_until", _("ends unused")),
        moment("expires_at", _("ends at the latest")),
    ]
    list_filter = [StateFilter, EndFilter, BeganFilter, UserFilter, DeviceFilter]
    list_select_related = ["user"]
    search_help_text = _("The beginning of a user name, an IP address, or the id of a login.")
    readonly_fields = [
        *list_display,
        moment("authenticated_at", _("password asked for")),
        moment("ended_at", _("ended")),
    ]
    fields = ["id", *readonly_fields, "user_agent"]
    actions = ["end_selected", "end_all_of_their_users"]
    ordering = ["-created_at", "-id"]

    @admin.display(description=_("state"))
    def status(self, login: Login) -> str:
        """In words, with who ended it."""
        return login.in_words

    def get_queryset(self, request: HttpRequest) -> Any:
        """A session without a user is no login."""
        return super().get_queryset(request).filter(user__isnull=False)

    def meaning(self, word: str) -> Q:
        if login_id := as_id(word):
            return Q(pk=login_id)
        if address := as_address(word):
            return Q(ip=address)
        users = get_user_model()
        named = users._default_manager.filter(**{f"{users.USERNAME_FIELD}__begins": word})
        return Q(user__in=named.values("pk"))

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Ending is a permission of its own: seeing does not include it."""
        return may_end(request.user, self.model)

    def has_end_everywhere_permission(self, request: HttpRequest) -> bool:
        """To end all of a user's logins one must be allowed to end each kind."""
        return may_end(request.user, *Login.kinds())

    @admin.action(description=_("End selected logins"), permissions=["end"])
    def end_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask, then end them."""
        if "confirmed" not in request.POST:
            question = Question(_("End these logins?"), [queryset.active()], request.user)
            return ask(self, request, question, "end_selected")
        say(self, request, end_logins(queryset.active(), request.user))
        return None

    @admin.action(description=_("End all logins of these users"), permissions=["end_everywhere"])
    def end_all_of_their_users(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask, then end both kinds, on every device."""
        chosen = queryset.order_by().values_list("user_id", flat=True).distinct()
        users = set(chosen[: MOST_USERS + 1])
        if len(users) > MOST_USERS:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        if "confirmed" not in request.POST:
            question = Question(_("End all logins of these users?"), of_users(users), request.user)
            return ask(self, request, question, "end_all_of_their_users")
        people = get_user_model()._default_manager.filter(pk__in=users).order_by("pk")
        say(self, request, end_all_of(people, request.user))
        return None
