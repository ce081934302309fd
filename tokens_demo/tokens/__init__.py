"""Access and refresh tokens: SimpleJWT's token classes on a strict backend of our own."""

from tokens_demo.tokens.kinds import AccessToken, FamilyToken, RefreshToken, TooLarge

__all__ = ["AccessToken", "FamilyToken", "RefreshToken", "TooLarge"]
