"""Every setting an installation may change, declared once, read from the environment.

The declarations are the source of docs/settings.md and of `beffroi doctor`, which names
the variables it does not know.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CHECKOUT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Setting:
    name: str
    default: str
    help: str


SETTINGS: dict[str, Setting] = {}


def declare(name: str, default: str, help: str) -> None:
    SETTINGS[name] = Setting(name, default, help)


declare(
    "BEFFROI_DATA", "", "Folder of all persistent files; by default `.beffroi/data` beside `run`."
)
declare(
    "BEFFROI_STATE",
    "",
    "Folder of what can be rebuilt (environment, browser files); by default `.beffroi`.",
)
declare(
    "BEFFROI_DATABASE_URL",
    "",
    "`postgresql://user:password@host:port/name`; empty: SQLite in the data folder.",
)
declare("BEFFROI_HOST", "127.0.0.1", "Address on which the public origin listens.")
declare("BEFFROI_PORT", "8000", "Port of the public origin.")
declare("BEFFROI_MQTT_HOST", "127.0.0.1", "Address on which the MQTT listener of `intake` listens.")
declare(
    "BEFFROI_MQTT_PORT",
    "0",
    "Port of the MQTT listener; 0 takes the public port plus 883 (8883 for 8000).",
)
declare(
    "BEFFROI_MQTT_URL",
    "",
    "An external broker, `mqtt://user:password@host:port/topic-prefix`; empty: none.",
)
declare(
    "BEFFROI_PUBLIC_URL",
    "",
    "Address that people type, used in mails and feeds; by default made of host and port.",
)
declare(
    "BEFFROI_ALLOWED_HOSTS",
    "",
    "Comma-separated host names that are answered, besides the public address and loopback.",
)
declare("BEFFROI_TLS_CERT", "", "Certificate chain (PEM) for TLS at the public origin.")
declare("BEFFROI_TLS_KEY", "", "Private key (PEM) of that certificate.")
declare(
    "BEFFROI_TRUSTED_PROXY",
    "",
    "Addresses (comma-separated) of a front server whose X-Forwarded-For is believed.",
)
declare(
    "BEFFROI_UNLIMITED_ADDRESSES",
    "127.0.0.0/8, ::1",
    "Addresses and networks (comma-separated) to which the limits per address do not apply.",
)
declare(
    "BEFFROI_CONNECTIONS_PER_ADDRESS",
    "500",
    "Connections that one address (IPv6: one /64) may hold open at once.",
)
declare(
    "BEFFROI_REQUESTS_PER_SECOND", "100", "Requests per second of one address, in the long run."
)
declare("BEFFROI_REQUEST_BURST", "500", "Requests that one address may make at once.")
declare("BEFFROI_MAX_UPLOAD_MB", "1024", "Largest body accepted by the public origin, in MiB.")
declare("BEFFROI_HUB_DAYS", "7", "Days for which the hub keeps events for those who come back.")
declare("BEFFROI_WEB_WORKERS", "1", "Worker processes of `web`.")
declare("BEFFROI_WEB_THREADS", "4", "Threads of each worker of `web`.")
declare(
    "BEFFROI_WORKER_THREADS",
    "1",
    "Threads of `worker` for ordinary tasks; one more is kept for urgent ones.",
)
declare("BEFFROI_MQTT_TLS_CERT", "", "Certificate chain (PEM) for TLS at the MQTT listener.")
declare("BEFFROI_MQTT_TLS_KEY", "", "Private key (PEM) of that certificate.")
declare(
    "BEFFROI_MQTT_RATE",
    "50",
    "Messages per second that one device may send for long; beyond, it alone is slowed down.",
)
declare(
    "BEFFROI_SMTP_URL",
    "",
    "`smtp://user:password@host:port?starttls=1`; empty: mails wait and nothing leaves.",
)
declare("BEFFROI_MAIL_FROM", "ne-pas-repondre@localhost", "Sender of the mails.")
declare(
    "BEFFROI_DEMO",
    "1",
    "`1`: an empty data folder receives the demonstration town at first start; `0`: never.",
)
declare(
    "BEFFROI_DEMO_PASSWORD",
    "",
    "Password of the demonstration accounts; by default `beffroi-demo`, and a random one, shown at "
    "start, where others than this machine are answered.",
)
declare(
    "BEFFROI_HOSTED_BY",
    "",
    "Name and address of the hosting company, for the legal page; empty: the authority itself.",
)
declare("BEFFROI_DEBUG", "0", "`1`: error pages for developers; never on a public address.")


def value(name: str) -> str:
    """The value of a declared setting, from the environment or its default."""
    setting = SETTINGS[name]
    return os.environ.get(name, "") or setting.default


def flag(name: str) -> bool:
    return value(name).lower() in {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Installation:
    """Where this installation keeps its files and under which address it answers."""

    data: Path
    state: Path
    public_url: str
    port: int
    mqtt_port: int
    run: Path = field(init=False)
    keys: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "run", self.data / "run")
        object.__setattr__(self, "keys", self.data / "keys")

    @classmethod
    def from_environment(cls) -> Installation:
        state = Path(value("BEFFROI_STATE") or CHECKOUT / ".beffroi").absolute()
        data = Path(value("BEFFROI_DATA") or state / "data").absolute()
        port = int(value("BEFFROI_PORT"))
        host = value("BEFFROI_HOST")
        scheme = "https" if value("BEFFROI_TLS_CERT") else "http"
        shown_host = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104 - compared, not bound
        public_url = value("BEFFROI_PUBLIC_URL").rstrip("/") or f"{scheme}://{shown_host}:{port}"
        mqtt_port = int(value("BEFFROI_MQTT_PORT")) or port + 883
        return cls(data=data, state=state, public_url=public_url, port=port, mqtt_port=mqtt_port)

    def create_folders(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for private in (self.run, self.keys):
            private.mkdir(mode=0o700, exist_ok=True)

    @property
    def demo_password(self) -> str:
        """The published one only while nobody else can knock: among the accounts is an administrator."""
        reached = {value("BEFFROI_HOST"), urlsplit(self.public_url).hostname}
        usual = "beffroi-demo" if reached <= LOOPBACK else self.secret("demo-password")
        return value("BEFFROI_DEMO_PASSWORD") or usual

    def secret(self, name: str) -> str:
        """A random secret kept in the data folder, made on first use.

        Made with O_EXCL so that two processes that start together agree on one value.
        """
        self.create_folders()
        path = self.keys / name
        if not path.exists():
            draft = self.keys / f".{name}.{secrets.token_hex(8)}"
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
