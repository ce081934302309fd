"""The page that asks before logins end, and the sentence that says what was done."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from authcompare.logins.ending import Tally, within_reach
from authcompare.logins.ends import late
from authcompare.logins.models import Login

LOOKED_AT = 1_000  # of more logins the page says "more than"
NAMED = 10


class Question:
    """What would end if somebody said yes: `chosen` are querysets of active logins, one for each kind."""

    def __init__(self, title: Any, chosen: list[Any], by: Any) -> None:
        self.title = title
        logins = [list(within_reach(each, by).select_related("user")[: LOOKED_AT + 1]) for each in chosen]
        self.logins: list[Login] = [login for each in logins for login in each]
        self.is_more = any(len(each) > LOOKED_AT for each in logins)
        self.out_of_reach = 0 if by.is_superuser else sum(_superusers(each) for each in chosen)

    @property
    def number(self) -> str:
        """In words: "2 sessions, 1 token family"."""
        return _("more than 1,000 logins") if self.is_more else counted(Counter(map(type, self.logins)))

    @property
    def names(self) -> list[str]:
        """Whose they are; the first ones."""
        return sorted({login.user.get_username() for login in self.logins})[:NAMED]

    @property
    def others(self) -> int:
        """How many users are not named."""
        return len({login.user_id for login in self.logins}) - len(self.names)

    @property
    def at_once(self) -> list[Any]:
        """What happens at once."""
        return [kind.at_once() for kind in Login.kinds() if kind in set(map(type, self.logins))]

    @property
    def later(self) -> list[str]:
        """What does not."""
        tally = Tally()
        for login in self.logins:
            tally.note(login)
        lines = [answered(tally)] if tally.answered else []
        if settings.REDIS_URL:
            lines.append(
                _("Should Redis not answer just then, a copy may be answered for 60 s more; you are told so.")
            )
        return lines


def _superusers(logins: Any) -> int:
    return int(logins.filter(user__is_superuser=True).order_by()[: LOOKED_AT + 1].count())


def ask(
    model_admin: ModelAdmin, request: HttpRequest, question: Question, action: str = "", **more: Any
) -> TemplateResponse:
    """The page; its form sends the same selection again, and `confirmed`."""
    hidden = [(ACTION_CHECKBOX_NAME, one) for one in request.POST.getlist(ACTION_CHECKBOX_NAME)]
    hidden.append(("select_across", request.POST.get("select_across", "0")))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": question.title,
        "question": question,
        "hidden": [*hidden, ("action", action)] if action else [],
        **more,
    }
    return TemplateResponse(request, "admin/logins/end_confirmation.html", context)


def say(model_admin: ModelAdmin, request: HttpRequest, tally: Tally, first: str = "") -> None:
    """What was done, with numbers, and what is not done yet."""
    level = messages.SUCCESS
    done = f"{first} {_('Ended: %s.') % counted(tally.ended)}".strip()
    if tally.answered:
        done = f"{done} {answered(tally)}"
    if not tally.told:
        level = messages.WARNING
        done = f"{done} {late()}"
    model_admin.message_user(request, done, level)


def counted(kinds: "Counter[type[Login]]") -> str:
    """For people: "2 sessions, 1 token family"."""
    if not kinds:
        return _("no active login")
    said = [
        f"{number} {kind._meta.verbose_name if number == 1 else kind._meta.verbose_name_plural}"
        for kind, number in kinds.items()
    ]
    return ", ".join(said)


def answered(tally: Tally) -> str:
    """Honest about what TOKEN_CHECK=none cannot do."""
    assert tally.until is not None
    said = _("Access tokens already issued to %d of them work until %s UTC at the latest.")
    return said % (tally.answered, f"{tally.until:%H:%M:%S}")
