"""A process that writes into a SQLite file through the product's backend.

writer.py DATABASE NAME STOP_FILE PAUSE: one row per transaction until STOP_FILE exists, then
prints how many were committed. PAUSE "hold" instead keeps one transaction open for ever.
"""

import sys
import time
from pathlib import Path

import django
from django.conf import settings


def main() -> None:
    database, name, stop, pause = sys.argv[1:]
    settings.configure(
        DATABASES={"default": {"ENGINE": "beffroi.base.sqlite", "NAME": database}},
        USE_TZ=True,
    )
    django.setup()
    from django.db import connection, transaction

    connection.ensure_connection()
    print("ready", flush=True)  # noqa: T201 - the test reads it
    written = 0
    while not Path(stop).exists():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO entry (writer) VALUES (%s)", [name])
            if pause == "hold":
                print("holding", flush=True)  # noqa: T201
                time.sleep(3600)
        written += 1
        if float(pause):
            time.sleep(float(pause))
    print(written, flush=True)  # noqa: T201


main()
