"""A second service that is shown session cookies: it can tell nothing from one, so it asks who made it.

    python -m authcompare.experiments.asker --jwks http://127.0.0.1:8000/.well-known/jwks.json --port 9000
    curl -H "Authorization: Bearer $COOKIE" http://127.0.0.1:9000/me

It is the verifier but for where it gets its answer. A session that has ended it refuses from then on.
"""

import json
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin

from authcompare.experiments import verifier
from authcompare.experiments.verifier import FETCH_SECONDS, NoAnswer, Refused, Verifier

COOKIE = "sessionid"


class Asker(Verifier):
    """Says of a session's cookie what the issuer says of it."""

    def claims(self, token: str) -> dict[str, Any]:
        """Raises Refused, or NoAnswer where it cannot be said."""
        where = urljoin(self.keys.url, "/sessions/me/")
        request = urllib.request.Request(where, headers={"Cookie": f"{COOKIE}={token}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=FETCH_SECONDS) as answer:  # noqa: S310
                said = json.loads(answer.read(100_000))
        except HTTPError as error:
            raise (Refused if error.code == 401 else NoAnswer) from error
        except (OSError, HTTPException) as error:
            raise NoAnswer from error
        return {"sub": str(said["id"]), "username": said["username"], "exp": said["expires_at"]}


if __name__ == "__main__":
    verifier.main(Asker)
