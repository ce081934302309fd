"""The plain views that programs call too, described by hand: drf-spectacular finds only REST framework's."""

from typing import Any


def _get(operation: str, summary: str, answers: dict[str, str], component: str) -> dict[str, Any]:
    content = {"application/json": {"schema": _ref(component)}}
    responses = {status: {"description": says, "content": content} for status, says in answers.items()}
    described = {"operationId": operation, "summary": summary, "tags": ["service"]}
    return {"get": {**described, "security": [{}], "responses": responses}}


def _ref(component: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{component}"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT = {"type": "string"}
_PART = _ref("PartEnum")

SERVICE_COMPONENTS = {
    "Health": _object(status={"type": "string", "const": "up"}),
    "PartEnum": {"type": "string", "enum": ["ok", "away"]},
    # Named here, and before who refers to them: drf-spectacular would name an enum that stands inside a
    # property, by changing this very dictionary, so that every description but the first would be another.
    "OverallEnum": {"type": "string", "enum": ["ready", "not ready"]},
    "OptionalPartEnum": {"type": "string", "enum": ["ok", "away", "not used"]},
    "PublicKey": {
        **_object(kid=_TEXT, kty=_TEXT, crv=_TEXT, x=_TEXT, use=_TEXT, alg=_TEXT),
        "additionalProperties": _TEXT,
    },
    "PublicKeys": _object(keys={"type": "array", "items": _ref("PublicKey")}),
    "Readiness": _object(
        status=_ref("OverallEnum"),
        database=_PART,
        store=_ref("OptionalPartEnum"),
        keys=_PART,
    ),
}

SERVICE = {
    "/.well-known/jwks.json": _get(
        "service_public_keys",
        "The public keys that verify access tokens (RFC 7517)",
        {"200": "Empty where the algorithm is HS256: a shared secret is never published"},
        "PublicKeys",
    ),
    "/healthz": _get("service_health", "The process answers", {"200": ""}, "Health"),
    "/readyz": _get(
        "service_readiness",
        "Whether requests can be served",
        {"200": "Ready", "503": "A part is away"},
        "Readiness",
    ),
}
