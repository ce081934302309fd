"""Many rows in short statements: short locks, and a run that is killed loses one batch."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

BATCH = 500  # rows a statement


def batches(rows: Any) -> Iterator[list[Any]]:
    """Primary keys of the queryset `rows`, in their order.

    Each batch begins behind the last one: starting over would read all that was just deleted again.
    """
    keys = rows.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:BATCH])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:BATCH])


def delete(rows: Any, by: str, tell: Callable[[int], None] = lambda so_far: None) -> int:
    """Delete the queryset `rows`, in the order of `by`, whose index finds the next ones.

    `tell` hears after each batch how many are gone. Returns how many. A row that has become another
    meanwhile, so that it would not be chosen any more, stays. For what is over: no login ends by this.
    """
    gone, rest = 0, rows
    while batch := list(rest.order_by(by).values("pk", by)[:BATCH]):
        gone += QuerySet.delete(rows.filter(pk__in=[row["pk"] for row in batch]))[0]
        tell(gone)
        rest = rows.filter(**{f"{by}__gte": batch[-1][by]})  # not `gt`: many have ended at the same moment
    return gone
