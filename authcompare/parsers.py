"""JSON as Django takes forms: bounded. DRF reads the stream itself, past DATA_UPLOAD_MAX_MEMORY_SIZE."""

import io
from collections.abc import Mapping
from typing import Any

from rest_framework import exceptions, parsers


class JSONParser(parsers.JSONParser):
    """Raises RequestDataTooBig (400) for a body over the limit, ParseError where it is nested too deeply."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = (parser_context or {})["request"]._request.body
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("JSON parse error - nested too deeply") from error
