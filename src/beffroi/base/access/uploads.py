"""Files are for those who work here: what a stranger sends is not even read."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class AgentsOnly(FileUploadHandler):
    """The first of the handlers. Every form is read before its page says who may send it (the
    protection against forgery wants its token): without this anyone could fill the disk."""

    def new_file(self, *args: object, **kwargs: object) -> None:
        super().new_file(*args, **kwargs)  # type: ignore[arg-type]
        actor = getattr(self.request, "actor", None)
        if actor is None or not actor.is_agent:
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None
