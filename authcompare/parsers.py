"""Bodies as Django takes forms: bounded, and of a type that is said."""

import io
from collections.abc import Mapping
from typing import Any

from rest_framework import exceptions, parsers
from rest_framework.negotiation import DefaultContentNegotiation


class JSONParser(parsers.JSONParser):
    """DRF's own reads the stream itself, past DATA_UPLOAD_MAX_MEMORY_SIZE.

    Raises RequestDataTooBig (413) for a body over the limit, ParseError (400) where it is nested too deeply.
    """

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = (parser_context or {})["request"]._request.body
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - nested too deeply") from error


class ContentNegotiation(DefaultContentNegotiation):
    """`Content-Type: application/*` would be JSON to DRF and none to whoever asks for the type: 415."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        media_type = request.content_type.partition(";")[0]
        return None if "*" in media_type else super().select_parser(request, parsers)
