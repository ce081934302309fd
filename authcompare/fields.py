"""Text as it was sent."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A string, not empty: nothing is trimmed (ASVS 6.2.8), no number is taken for one (15.3.5)."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(trim_whitespace=False, min_length=1, **limits)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
