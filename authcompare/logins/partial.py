"""Instances made of what is said elsewhere than in their row: by a token, by a copy."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


def partial(model: type[M], known: Mapping[str, Any], **related: models.Model) -> M:
    """A `model` that knows these columns, made without a query; all others load when asked for.

    `related` is what its foreign keys lead to, by their names.

    Made as unpickling makes one, out of its state: through `__init__`, which goes over every field and sends
    two signals, it would take ten times as long.
    """
    instance = model.__new__(model)
    state = ModelState()
    state.adding = False
    state.fields_cache = related
    instance.__dict__.update(known, _state=state)
    return instance
