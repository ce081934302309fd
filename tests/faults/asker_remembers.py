"""A second service that goes on believing in a session once the issuer has said whose it is."""

from typing import Any

from authcompare.experiments import asker, verifier


class Remembering(asker.Asker):
    """Asks about a cookie once."""

    known: dict[str, dict[str, Any]] = {}

    def claims(self, token: str) -> dict[str, Any]:
        if token not in self.known:
            self.known[token] = super().claims(token)
        return self.known[token]


if __name__ == "__main__":
    verifier.main(Remembering)
