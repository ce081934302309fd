"""A SELECT that is written once: the look-up of every request, without Django writing its SQL every time.

To turn a queryset with a join into SQL takes Django 0.4 ms, ten times as long as SQLite takes to answer it.
The SQL of a look-up is always the same, so it is kept; what comes back is what the queryset would have given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression

M = TypeVar("M", bound=models.Model)


class Given(Expression):
    """In a filter of a prepared SELECT: a value that is known only when it is asked."""

    def __init__(self, name: str, field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> Any:
        """A placeholder, and this object where its value will be."""
        return "%s", [self]

    def adapted(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
        """The value as this database wants it."""
        return self.output_field.get_db_prep_value(values[self.name], connection)


@dataclass(frozen=True)
class Part:
    """The columns of one model in a row, and what makes Python values of those that need it."""

    model: type[models.Model]
    names: Sequence[str]
    converters: Sequence[tuple[int, Any, Any]]

    @classmethod
    def of(cls, model: type[models.Model], connection: BaseDatabaseWrapper) -> "Part":
        """All concrete fields, in the order in which Django selects them."""
        fields = model._meta.concrete_fields
        columns = [field.get_col(model._meta.db_table) for field in fields]
        converters = [
            (place, convert, column)
            for place, column in enumerate(columns)
            for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        ]
        return cls(model, [field.attname for field in fields], converters)

    def instance(self, row: list[Any], connection: BaseDatabaseWrapper) -> Any:
        """The model's instance; None where an outer join found no row."""
        for place, convert, column in self.converters:
            row[place] = convert(row[place], column, connection)
        instance = self.model.from_db(connection.alias, self.names, row)
        return None if instance.pk is None else instance


class Prepared(Generic[M]):
    """What `queryset`, whose filters may hold `Given` values, selects together with the related `joined`."""

    def __init__(self, queryset: "models.QuerySet[M]", joined: str) -> None:
        self._queryset = queryset.select_related(joined).order_by()[:1]
        self._relation: Any = queryset.model._meta.get_field(joined)
        self._written: dict[str, tuple[str, Sequence[Any], Part, Part]] = {}

    def first(self, **values: Any) -> M | None:
        """The row (one of them) in one statement; None where there is none."""
        connection = connections[router.db_for_read(self._queryset.model)]
        sql, params, own, joined = self._written.get(connection.alias) or self._write(connection)
        adapted = [one.adapted(values, connection) if isinstance(one, Given) else one for one in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, adapted)
            row = cursor.fetchone()
        if row is None:
            return None
        found: Any = own.instance(list(row[: len(own.names)]), connection)
        self._relation.set_cached_value(found, joined.instance(list(row[len(own.names) :]), connection))
        return found

    def _write(self, connection: BaseDatabaseWrapper) -> tuple[str, Sequence[Any], Part, Part]:
        # A clone each: writing it changes the query, and two first requests may come at once.
        sql, params = self._queryset.query.clone().get_compiler(connection=connection).as_sql()
        own = Part.of(self._queryset.model, connection)
        joined = Part.of(self._relation.related_model, connection)
        return self._written.setdefault(connection.alias, (sql, params, own, joined))
