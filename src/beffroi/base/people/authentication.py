from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from .models import Account


class Accounts(ModelBackend):
    """Accounts by e-mail and password; the person comes with the account, as every page asks for both."""

    def get_user(self, user_id: int) -> Account | None:
        account = Account.objects.select_related("person").filter(pk=user_id).first()
        return account if account is not None and self.user_can_authenticate(account) else None
