"""Persons, with or without an account, and accounts.

Logs and traces name a person by the random `key` only; erasing the person deletes the row
that gives the key a meaning.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from beffroi.base.authorities.models import Authority


class Person(models.Model):
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="people")
    given_name = models.CharField(_("prénom"), max_length=100, blank=True)
    family_name = models.CharField(_("nom"), max_length=100, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)
    language = models.CharField(_("langue"), max_length=2, default="fr")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("personne")
        ordering = ("family_name", "given_name")

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}".strip() or self.email or self.phone


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None, person: Person) -> Account:
        account = self.model(email=email.strip().lower(), person=person)
        account.set_password(password)
        account.save()
        return account


class Account(AbstractBaseUser):
    email = models.EmailField(_("courriel"), unique=True)
    person = models.OneToOneField(Person, models.CASCADE, related_name="account")
    is_active = models.BooleanField(_("actif"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("compte")

    def __str__(self) -> str:
        return str(self.person)

    def get_username(self) -> str:
        return self.email
