"""The WSGI application that granian serves."""

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "authcompare.settings")
django = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # or the first request to each worker waits for every view's imports


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django reads the type, and the query by its charset, before it catches any error."""
    environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        measure(environ)
    return django(environ, start_response)


def measure(environ: dict[str, Any]) -> None:
    """A body in chunks says no length, which to Django is no body. One over the limit is read until then."""
    body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


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
