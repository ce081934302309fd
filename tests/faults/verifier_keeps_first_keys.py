"""A second service that reads the public keys once and never again."""

from authcompare.experiments import verifier


class Settled(verifier.PublicKeys):
    """What it has it has."""

    def _ask(self, kid: str) -> None:
        if not self._keys:
            super()._ask(kid)


verifier.PublicKeys = Settled  # type: ignore[misc]

if __name__ == "__main__":
    verifier.main()
