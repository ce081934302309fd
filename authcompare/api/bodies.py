"""The bodies that views write by hand, as a client sees them. What a view itself reads or writes with a
serializer is described by that serializer."""

from rest_framework import serializers

LATER = "False where Redis could not be told: then a copy may answer for up to 60 s more."
TYPES = (
    "A short word, stable for programs: invalid, parse_error, bad_request, invalid_request, credentials, "
    "not_authenticated, invalid_token, csrf, reauthenticate, permission_denied, not_found, "
    "method_not_allowed, not_acceptable, too_large, unsupported_media_type, token_too_large, locked, "
    "https_required, lab, server_error, busy, unavailable."
)


class Me(serializers.Serializer):
    """Who answered."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    is_staff = serializers.BooleanField()
    scheme = serializers.ChoiceField(["session", "token"])
    authenticated_by = serializers.CharField(help_text="The authenticator that knew you.")
    login = serializers.UUIDField(help_text="This login, as in `active/`.")
    expires_at = serializers.DateTimeField(help_text="When the presented credential ends at the latest.")


class TokenPair(serializers.Serializer):
    """Tokens and how long they live, in seconds. By cookie transport the two tokens come as cookies."""

    access = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(["Bearer"])
    expires_in = serializers.IntegerField(min_value=0)
    refresh_expires_in = serializers.IntegerField(min_value=0)


class RenewedPair(TokenPair):
    """After a password change, with which every other login ended."""

    told_redis = serializers.BooleanField(help_text=LATER)


class Refresh(serializers.Serializer):
    """The refresh token; none where it comes as a cookie."""

    refresh = serializers.CharField(required=False)


class LoggedOut(serializers.Serializer):
    """The same whatever the token was (RFC 7009)."""

    detail = serializers.CharField()
    told_redis = serializers.BooleanField(help_text=LATER)


class Ended(serializers.Serializer):
    """How many logins ended."""

    ended = serializers.IntegerField(min_value=0)
    told_redis = serializers.BooleanField(help_text=LATER)


class Problem(serializers.Serializer):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text=TYPES)
    title = serializers.CharField()
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField(help_text="For people.")
    errors = serializers.DictField(  # type: ignore[assignment]  # not the serializer's own
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with which field; with the type `invalid` only.",
    )
