"""A second service that lets the issuer decide, and calls that verification."""

import urllib.request
from typing import Any

from authcompare.experiments import verifier


class Dependent(verifier.Verifier):
    """Whoever the issuer's own `me/` accepts."""

    def claims(self, token: str) -> dict[str, Any]:
        claims = super().claims(token)
        issuer = self.keys.url.replace("/.well-known/jwks.json", "/tokens/me/")
        request = urllib.request.Request(issuer, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
        try:
            urllib.request.urlopen(request, timeout=2).close()  # noqa: S310
        except OSError as error:
            raise verifier.Refused from error
        return claims


if __name__ == "__main__":
    verifier.main(Dependent)
