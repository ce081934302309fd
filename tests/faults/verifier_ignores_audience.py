"""A second service that takes tokens meant for others."""

from typing import Any

from authcompare.experiments import verifier


class Careless(verifier.Verifier):
    """Verification without the audience."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.expected["options"] = {**self.expected["options"], "verify_aud": False, "strict_aud": False}


if __name__ == "__main__":
    verifier.main(Careless)
