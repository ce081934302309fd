"""The parts of the README that runs write: each stands between two marks with its name."""

import re
from collections.abc import Mapping
from typing import Any

from authcompare.experiments.servers import BASE_DIR
from authcompare.experiments.telling.contents import code

README = BASE_DIR / "README.md"


def put(name: str, text: str) -> None:
    """Write this part of the README anew."""
    README.write_text(between(README.read_text(), name, text))


def between(page: str, name: str, text: str) -> str:
    """The page with this text in place of what stood between the marks of that name."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    changed, found = marks.subn(lambda pair: f"{pair[1]}{text}{pair[2]}", page)
    if not found:
        raise ValueError(f"No place on the page is marked '<!-- {name} -->' to '<!-- /{name} -->'.")
    return changed


def measured_on(started: str, machine: Mapping[str, Any], command: str) -> str:
    """The day, the code, the machine and the command, without a full stop."""
    where = f"{code(machine)}, on {machine['cpu']}, {machine['cores']} cores"
    return f"Measured {started[:10]} at {where}, by `{command}`"
