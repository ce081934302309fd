"""What a deployment adds to its access tokens: TOKEN_EXTRA_CLAIMS names a function `user → claims`."""

import logging
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)

# What we say ourselves, and what RFC 7519 §4.1 and RFC 7800 give a meaning that verifiers act on.
OURS = frozenset(
    "iss sub aud exp nbf iat jti client_id sid transport auth_time username is_staff cnf".split()  # noqa: SIM905
)


def extra_claims(user: Any) -> dict[str, Any]:
    """The claims to add for `user`; those that are ours are left out, whatever the function says."""
    if not settings.TOKEN_EXTRA_CLAIMS:
        return {}
    claims: dict[str, Any] = import_string(settings.TOKEN_EXTRA_CLAIMS)(user)
    if taken := OURS & claims.keys():
        log.warning("TOKEN_EXTRA_CLAIMS may not set: %s", ", ".join(sorted(taken)))
    return {name: value for name, value in claims.items() if name not in OURS}
