"""What rooms may ask about authorities."""

from .models import (
    Address,
    Authority,
    Competence,
    Domain,
    Kind,
    Membership,
    Service,
    Share,
    ShareLevel,
    Site,
    Street,
)
from .queries import default_authority, find_streets, holder_of, shared_with, today_in
from .street_names import searchable

__all__ = [
    "Address", "Authority", "Competence", "Domain", "Kind", "Membership", "Service", "Share", "ShareLevel",
    "Site", "Street", "default_authority", "find_streets", "holder_of",
    "searchable", "shared_with", "today_in",
]  # fmt: skip
