"""Tokens that say something twice, and cookies that no browser keeps."""

from typing import Any

from authcompare.settings import *  # noqa: F403
from authcompare.settings import MIDDLEWARE


def plant(get_response: Any) -> Any:
    """The header repeats a claim; a cookie may be as large as a header."""
    import jwt

    from tokens_demo.tokens import backend, keys, kinds

    def twice(claims: dict[str, Any], typ: str) -> str:
        key = keys.ring().signing()
        headers = {"username": claims.get("username"), "typ": typ, "kid": key.kid}
        return jwt.encode(claims, key.signs_with, algorithm=key.algorithm, headers=headers)

    backend.encode = twice
    kinds.FamilyToken.limit = classmethod(lambda kind, transport: backend.MAX_LENGTH)  # type: ignore[assignment, method-assign]
    return get_response


MIDDLEWARE = [f"{__name__}.plant", *MIDDLEWARE]
