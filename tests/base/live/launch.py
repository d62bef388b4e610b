"""Starts a hub process with the settings given as JSON on the command line."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from beffroi.base.live.limits import networks
from beffroi.base.live.server import LiveSettings, run

settings = json.loads(sys.argv[1])
for name in ("upstream_socket", "internal_socket", "log_path", "tls_cert", "tls_key"):
    if name in settings:
        settings[name] = Path(settings[name])
for name in ("trusted_proxies", "unlimited"):
    if name in settings:
        settings[name] = networks(settings[name])
settings["key"] = settings["key"].encode()
logging.basicConfig(level=logging.INFO)
run(LiveSettings(**settings))
