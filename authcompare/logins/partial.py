"""Instances made of what is said elsewhere than in their row: by a token, by a copy."""

from functools import cache
from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


def partial(model: type[M], **known: Any) -> M:
    """A `model` that knows these columns, made without a query; all others load when asked for."""
    names = _in_order(model, frozenset(known))
    return model.from_db(None, names, [known[name] for name in names])


@cache
def _in_order(model: type[models.Model], names: frozenset[str]) -> list[str]:
    # from_db takes its values in the order of the model's fields, whatever the order of the names.
    return [field.attname for field in model._meta.concrete_fields if field.attname in names]
