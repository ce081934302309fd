"""One file = one row of the table. A new file is found by itself."""

import inspect
import pkgutil
from importlib import import_module
from typing import Any

from authcompare.experiments.claim import Claim
from authcompare.experiments.rows import place


def discover() -> list[Claim[Any]]:
    """Every claim in this package, in the order of the table."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    found: list[Claim[Any]] = [
        kind()
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Claim) and kind.__module__ == module.__name__
    ]
    return sorted(found, key=lambda claim: place(claim.row))
