"""One file = one row of the table. A new file is found by itself."""

import inspect
import pkgutil
from importlib import import_module
from typing import Any

from authcompare.experiments.claim import Claim


def discover() -> list[Claim[Any]]:
    """Every claim in this package, in the order of their names."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return [
        kind()
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Claim) and kind.__module__ == module.__name__
    ]
