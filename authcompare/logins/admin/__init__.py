"""The admin of logins of either kind, of the trail, and of the budget for guessing."""

from authcompare.logins.admin.budget import GuessingBudgetAdmin
from authcompare.logins.admin.logins import LoginAdmin
from authcompare.logins.admin.trail import AuthEventAdmin

__all__ = ["AuthEventAdmin", "GuessingBudgetAdmin", "LoginAdmin"]
