"""An API that is not strict about content types, where a host name says so."""

from collections.abc import Mapping
from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import UnsupportedMediaType

from authcompare.experiments.browsing.variants import Layer, layers_of

FORMS = (parsers.FormParser, parsers.MultiPartParser)


class AnythingParser(parsers.BaseParser):
    """What an API takes that is not strict: forms, and JSON that says it is plain text."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = dict(parser_context or {})
        kind = (media_type or "").partition(";")[0]
        if Layer.JSON in layers_of(context["request"].get_host()):
            raise UnsupportedMediaType(kind)
        reader = next((form for form in FORMS if form.media_type == kind), parsers.JSONParser)
        return reader().parse(stream, media_type, context)
