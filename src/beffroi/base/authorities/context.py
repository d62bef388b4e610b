from django.http import HttpRequest


def authority(request: HttpRequest) -> dict[str, object]:
    """What every page shows: whose page it is, and who reads it."""
    return {
        "authority": getattr(request, "authority", None),
        "actor": getattr(request, "actor", None),
    }
