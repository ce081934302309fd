"""The description of a view, from the table of operations: names that read well in a client; every error."""

from functools import cached_property
from typing import Any

from drf_spectacular import openapi
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from authcompare import problems
from authcompare.api import authenticators, bodies
from authcompare.api.configuration import CSRF
from authcompare.api.operations import PROBLEMS, Operation, operation

HEADERS = [
    OpenApiParameter("WWW-Authenticate", str, "header", response=[401], description="The challenge."),
    OpenApiParameter("Retry-After", int, "header", response=[429, 503], description="Seconds."),
]


class AutoSchema(openapi.AutoSchema):
    """drf-spectacular's, but what it would guess is said in `operations.py`."""

    @cached_property
    def found(self) -> tuple[str, Operation] | None:
        """The mount and the operation; None where there is nothing for programs."""
        return operation(self.method, self.path)

    @property
    def mount(self) -> str:
        return self.found[0] if self.found else ""

    @property
    def operation(self) -> Operation:
        assert self.found is not None
        return self.found[1]

    def is_excluded(self) -> bool:
        return self.found is None

    def get_operation_id(self) -> str:
        return f"{self.mount}_{self.operation.name}"

    def get_tags(self) -> list[str]:
        return [self.mount]

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]
        return self.operation.detail

    def get_request_serializer(self) -> Any:
        return self.operation.takes

    def get_response_serializers(self) -> Any:
        fails = {*self.operation.fails, 503} | ({400} if self.mount == "tokens" else set())
        wrong = {
            (status, problems.CONTENT_TYPE): OpenApiResponse(bodies.Problem, description=PROBLEMS[status])
            for status in sorted(fails)
        }
        return {**self.operation.gives, **wrong}

    def get_override_parameters(self) -> list[Any]:
        return [*self.operation.parameters, *HEADERS]

    def get_auth(self) -> list[dict[str, Any]]:
        """Who logs in is not known yet, but a cookie that may come along makes the CSRF token necessary."""
        if not self.operation.logs_in:
            return super().get_auth()
        needs_csrf = self.mount == "sessions" and self.method not in authenticators.SAFE
        return [{CSRF: []}] if needs_csrf else [{}]
