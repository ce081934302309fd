"""The budget for guessing: who is locked out where, and the key."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from authcompare.logins.admin.lists import LargeList, moment
from authcompare.logins.budget import GuessingBudget, unlock


@admin.register(GuessingBudget)
class GuessingBudgetAdmin(LargeList):
    """Attempts of the last minutes; to unlock is a permission of its own."""

    list_display: Any = ["__str__", "wrong", "used", "allowed", moment("until", _("until")), "state"]
    search_help_text = _("A part of a user name, or of an address.")
    ordering = ["-until", "key"]
    readonly_fields = fields = list_display
    actions = ["unlock"]

    def meaning(self, word: str) -> Q:
        return Q(key__icontains=word)

    @admin.display(description=_("of"))
    def allowed(self, budget: GuessingBudget) -> int:
        """Attempts in a window."""
        return budget.limit

    @admin.display(description=_("state"))
    def state(self, budget: GuessingBudget) -> Any:
        """Whether there is an attempt left."""
        return _("locked") if budget.is_locked else _("open")

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Seeing does not include it."""
        return request.user.has_perm("logins.unlock_guessingbudget")

    @admin.action(description=_("Unlock: give all attempts back"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: Any) -> None:
        """Written to the trail with the name of who did it."""
        number = unlock(queryset, by=request.user)
        said = ngettext("%d unlocked.", "%d unlocked.", number) % number
        self.message_user(request, said, messages.SUCCESS)
