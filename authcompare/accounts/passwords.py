"""What a new password may not be, besides too short, too common or like its user's name."""

from typing import Any

from django.core.exceptions import ValidationError

CONTEXT_WORDS = ("authcompare", "auth compare")  # what everybody who guesses here tries first


class ContextWords:
    """A validator: no word of this very place in it (ASVS 6.2.11). Another project names its own words."""

    def __init__(self, words: tuple[str, ...] = CONTEXT_WORDS) -> None:
        self.words = words

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError."""
        if any(word in password.casefold() for word in self.words):
            raise ValidationError("The password contains the name of this site.", code="password_context")

    def get_help_text(self) -> str:
        return "Your password can't contain the name of this site."
