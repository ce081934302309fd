"""Text as it was sent."""

from typing import Any

from rest_framework import serializers


class TextField(serializers.CharField):
    """A string, exactly: nothing is trimmed (ASVS 6.2.8), and no number is taken for one (ASVS 15.3.5)."""

    def __init__(self, **limits: Any) -> None:
        super().__init__(trim_whitespace=False, **limits)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
