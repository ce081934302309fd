"""The WSGI application that granian serves."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authcompare.settings")
django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django reads this header, and the query by its charset, before it catches any error."""
    environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
    return django(environ, start_response)


def readable(content_type: str) -> str:
    """The header, without its parameters if those cannot be read or name a codec that not all bytes survive.

    Such are `base64`, which makes no text, and `idna`, which replaces nothing.
    """
    if ";" not in content_type:
        return content_type
    try:
        _, parameters = parse_header_parameters(content_type)
        bytes(range(256)).decode(parameters.get("charset", "utf-8"), "replace")
    except (LookupError, ValueError):
        return content_type.partition(";")[0]
    return content_type
