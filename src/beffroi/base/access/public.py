"""Who may do what: what every room uses."""

from django.core.exceptions import PermissionDenied

from .actor import Actor
from .doors import door, visible
from .live_tokens import follow, live_token
from .paces import paced
from .pages import page, public_page
from .queries import actor_of_account, actor_of_key, authorities_of
from .references import new_ref
from .registry import PERMISSIONS, declare
from .requests import Request
from .roles import Role

__all__ = [
    "PERMISSIONS", "Actor", "PermissionDenied", "Request", "Role", "actor_of_account", "actor_of_key", "authorities_of",
    "declare", "door", "follow", "live_token", "new_ref", "paced", "page", "public_page", "visible",
]  # fmt: skip
