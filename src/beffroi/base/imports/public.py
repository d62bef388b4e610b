"""What a room needs to let its data be imported by command and by page."""

from beffroi.base.imports.importers import (
    ImportCancelled,
    Importer,
    Report,
    UnreadableSource,
    register_importer,
)

__all__ = ["ImportCancelled", "Importer", "Report", "UnreadableSource", "register_importer"]
