"""Lists of a million rows that answer like lists of a hundred.

Django's admin counts all rows of every list, sorts by any column and looks for words anywhere in a text.
Here a list is always newest first, counts no further than anybody reads, and looks up what an index finds.
"""

import ipaddress
import re
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Field, Q
from django.db.models.lookups import StartsWith
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

COUNTED = 1_000  # of more rows a list says "more than"; further back one comes by a filter
OFFERED = 50  # values of a column among which one can choose


class MoreThan(int):
    """A count that was not finished: one more than `COUNTED`."""

    def __str__(self) -> str:
        return f"more than {int(self) - 1:,}"


class BoundedPaginator(Paginator):
    """Counts no further than `COUNTED`: `count(*)` over a million rows takes longer than the list itself."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        found = int(rows.order_by()[: COUNTED + 1].count())
        return MoreThan(found) if found > COUNTED else found


class NewestFirst(ChangeList):
    """In the one order that has an index; `?o=` would sort a million rows by another one."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        if any("\x00" in value for value in request.GET.values()):
            raise IncorrectLookupParameters  # for NUL PostgreSQL has an error instead of no row
        return list(self.model_admin.ordering or ())


class LargeList(admin.ModelAdmin):
    """Rows that nobody writes by hand, and of which there are many."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    list_per_page = 50
    search_fields = ["id"]  # shows the search box; what is searched says `meaning`

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestFirst

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return None if "\x00" in object_id else super().get_object(request, object_id, from_field)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The filters, and no other column: what is never shown cannot be asked for either."""
        filters: Any = self.list_filter
        return lookup in {one.parameter_name for one in filters}

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        for word in search_term.split():
            queryset = queryset.filter(self.meaning(word))
        return queryset, False

    def meaning(self, word: str) -> Q:
        """What a word of the search looks up."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Begins(StartsWith):
    """`startswith` by an index on SQLite, too: for LIKE it reads every row, for GLOB it does not."""

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The beginning as a pattern; what would be a wildcard stands in brackets."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} GLOB %s", [*params, re.sub(r"([*?[])", r"[\1]", self.rhs) + "*"]


Field.register_lookup(Begins, "begins")


def as_id(word: str) -> uuid.UUID | None:
    """The id of a login, if that is what the word is."""
    try:
        return uuid.UUID(word)
    except ValueError:
        return None


def as_address(word: str) -> str | None:
    """An IP address, if that is what the word is; without its zone, as it is kept."""
    try:
        return str(ipaddress.ip_address(word.partition("%")[0]))
    except ValueError:
        return None


def moment(column: str, title: Any) -> Any:
    """A column of times, to the second: in a trail the order is the story."""

    @admin.display(description=title)
    def shown(row: Any) -> str:
        at = getattr(row, column)
        return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"

    return shown


class Period(admin.SimpleListFilter):
    """How long ago at most."""

    title = _("period")
    parameter_name = "within"
    field: ClassVar[str]
    periods: ClassVar[dict[str, timedelta]] = {
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(days=7),
        "month": timedelta(days=28),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        said = {"hour": _("last hour"), "day": _("last 24 hours"), "week": _("last 7 days")}
        return [*said.items(), ("month", _("last 28 days"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        period = self.periods.get(self.value() or "")
        return (
            queryset if period is None else queryset.filter(**{f"{self.field}__gte": timezone.now() - period})
        )


class Seen(admin.SimpleListFilter):
    """The values that a column has. Each is looked up behind the last: DISTINCT would read every row."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        column = model_admin.model._default_manager.order_by(self.parameter_name)
        values: list[str] = [""]
        while len(values) <= OFFERED and values[-1] is not None:
            behind = column.filter(**{f"{self.parameter_name}__gt": values[-1]})
            values.append(behind.values_list(self.parameter_name, flat=True).first())
        return [(value, value) for value in values if value]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class Typed(admin.SimpleListFilter):
    """A filter into which one types: there are too many users to choose from."""

    template = "admin/logins/typed_filter.html"
    column: ClassVar[str]

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        # What else is chosen stays chosen; the page number does not.
        dropped = {self.parameter_name, "p", "e"}
        self.others = [(name, value) for name, value in request.GET.items() if name not in dropped]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("", self.title)]  # an empty list would hide the filter

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.filter(**{self.column: value}) if value else queryset
