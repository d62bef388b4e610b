from django.db import migrations

from beffroi.base.audit import append_only


def install(apps: object, schema_editor: object) -> None:
    append_only.install(schema_editor.connection)  # type: ignore[attr-defined]


def remove(apps: object, schema_editor: object) -> None:
    append_only.remove(schema_editor.connection)  # type: ignore[attr-defined]


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
