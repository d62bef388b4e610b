from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from beffroi.base.tasks.public import every

from .models import Pairing, WrongCode


@every("signage.forget", seconds=3600)
def forget() -> None:
    """Removes expired codes and old wrong guesses."""
    now = timezone.now()
    Pairing.objects.filter(expires_at__lte=now).delete()
    WrongCode.objects.filter(at__lte=now - timedelta(days=1)).delete()
