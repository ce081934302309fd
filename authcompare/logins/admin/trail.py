"""The trail: read, searched, and taken away as CSV. Nobody writes it here."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from authcompare.logins.admin.lists import LargeList, Period, Seen, as_address, as_id, moment
from authcompare.logins.models import Reason
from authcompare.logins.trail import SAID, AuthEvent

CHUNK = 2_000  # rows fetched at once while the CSV is written
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what makes a spreadsheet calculate


class KindFilter(admin.SimpleListFilter):
    """What happened."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(AuthEvent.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class SchemeFilter(Seen):
    """By which door."""

    title = _("scheme")
    parameter_name = "scheme"


class ReasonFilter(Seen):
    """Why."""

    title = _("reason")
    parameter_name = "reason"


class HappenedFilter(Period):
    """When."""

    field = "at"


@admin.register(AuthEvent)
class AuthEventAdmin(LargeList):
    """Newest first; filters and search also decide what the CSV contains."""

    list_display: Any = [
        moment("at", _("time")),
        "kind",
        "scheme",
        "username",
        "actor",
        "why",
        "ip",
        "device",
        "login_id",
    ]
    list_filter = [KindFilter, SchemeFilter, HappenedFilter, ReasonFilter]
    search_help_text = _("The beginning of a user's or an actor's name, an IP address, or a login's id.")
    ordering = ["-at", "-id"]
    actions = None

    @admin.display(description=_("reason"))
    def why(self, event: AuthEvent) -> Any:
        """In words, where it is the end of a login."""
        return dict(Reason.choices).get(event.reason, event.reason)

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="logins_authevent_export"), *super().get_urls()]

    def meaning(self, word: str) -> Q:
        if login_id := as_id(word):
            return Q(login_id=login_id)
        if address := as_address(word):
            return Q(ip=address)
        return Q(username__begins=word) | Q(actor__begins=word)

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows, all of it, row by row: a million rows never stand in memory."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            events = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return redirect("admin:logins_authevent_changelist")
        response = StreamingHttpResponse(
            lines(events.iterator(CHUNK)), content_type="text/csv; charset=utf-8"
        )
        name = f"trail-{timezone.now():%Y%m%dT%H%M%SZ}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the address of its CSV."""
        asked = request.GET.urlencode()
        return super().changelist_view(request, {"export": f"export/?{asked}", **(extra_context or {})})


class Line:
    """What `csv` writes to: it gives the line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def lines(events: Iterable[AuthEvent]) -> Iterator[str]:
    """CSV (RFC 4180), a head and a line for each event."""
    writer = csv.writer(Line())
    yield writer.writerow(SAID)
    for event in events:
        yield writer.writerow([cell(getattr(event, name)) for name in SAID])


def cell(value: Any) -> str:
    """As text; an apostrophe before what a spreadsheet takes for a formula: names are strangers' words."""
    text = "" if value is None else str(value)
    # Normalised, because the full-width forms of these signs count as well.
    return f"'{text}" if unicodedata.normalize("NFKC", text[:1]).startswith(FORMULA) else text
