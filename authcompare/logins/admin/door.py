"""A way into the admin where no scheme of the site knows browsers: Django's page behind the one budget.

Without it Django's own would take any number of guesses, and could not say when the password was given.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from authcompare.logins import credentials
from authcompare.logins.admin.fresh import GIVEN_AT
from authcompare.logins.budget import Locked
from authcompare.logins.hashing import Busy


class AdminForm(AdminAuthenticationForm):
    """Django's, whose password is checked where every other door has it checked."""

    password = forms.CharField(
        label=_("Password"), strip=False, max_length=credentials.MAX_PASSWORD, widget=forms.PasswordInput
    )

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.user_cache = self._checked(**self.cleaned_data)
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def _checked(self, username: str, password: str) -> Any:
        assert self.request is not None
        try:
            return credentials.check(self.request, "admin", username, password)
        except credentials.Refused as refused:
            raise self.get_invalid_login_error() from refused
        except Locked as locked:
            raise ValidationError(locked.sentence, code="locked") from locked
        except Busy as busy:
            raise ValidationError(str(busy), code="busy") from busy
        except serializers.ValidationError as required:
            raise ValidationError(credentials.NEW_PASSWORD_REQUIRED, code="new_password") from required


@method_decorator(transaction.non_atomic_requests, name="dispatch")  # a refusal must not undo what it counted
class AdminLogin(LoginView):
    """`/admin/login/`, also for somebody who is logged in and has to give the password again."""

    authentication_form = AdminForm
    template_name = "admin/login.html"
    next_page = "admin:index"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session[GIVEN_AT] = timezone.now().timestamp()
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What Django's page shows to nobody in particular."""
        shown = {"title": _("Log in"), "app_path": self.request.get_full_path(), "user": None}
        return super().get_context_data(**admin.site.each_context(self.request), **shown, **kwargs)
