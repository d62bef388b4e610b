"""`beffroi proxy nginx|caddy`: prints a configuration for a front server with TLS.

The front server ends TLS (and offers HTTP/2 and compression); `live` stays behind it on loopback
and believes its X-Forwarded-For once BEFFROI_TRUSTED_PROXY names its address.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

from beffroi.project.configuration import Installation, value

NGINX = """# {name} behind nginx. Save as /etc/nginx/conf.d/beffroi.conf, then: nginx -t && systemctl reload nginx
# And for Beffroi itself: BEFFROI_PUBLIC_URL=https://{name} BEFFROI_TRUSTED_PROXY=127.0.0.1,::1
upstream beffroi {{
    server {upstream};
    keepalive 64;
}}
server {{
    listen {http_port};
    server_name {name};
    return 308 https://$host{port_suffix}$request_uri;
}}
server {{
    listen {https_port} ssl http2;
    server_name {name};
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size {upload_mb}m;
    gzip on;
    gzip_proxied any;
    gzip_types text/css application/javascript application/json image/svg+xml;

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto https;

    # Event streams: passed at once, kept open, never compressed.
    location = /.well-known/mercure {{
        proxy_pass http://beffroi;
        proxy_buffering off;
        proxy_read_timeout 1h;
        gzip off;
    }}
    location / {{
        proxy_pass http://beffroi;
        # Uploads go through as they come: Content-Length is kept, nothing is stored twice.
        proxy_request_buffering off;
        proxy_read_timeout 90s;
    }}
}}
"""

CADDY = """# {name} behind caddy. Save as /etc/caddy/Caddyfile, then: systemctl reload caddy
# And for Beffroi itself: BEFFROI_PUBLIC_URL=https://{name} BEFFROI_TRUSTED_PROXY=127.0.0.1,::1
{{
    # Open event streams do not hold a reload or a stop.
    grace_period 3s
{ports}}}
{site} {{
    {tls}
    @pages not path /.well-known/mercure
    encode @pages gzip
    request_body {{
        max_size {upload_mb}MB
    }}
    reverse_proxy {upstream} {{
        # Event streams are passed at once.
        flush_interval -1
        header_up X-Forwarded-For {{remote_host}}
        header_up X-Forwarded-Proto https
    }}
}}
"""


@dataclass(frozen=True)
class Front:
    """What a front server has to know."""

    name: str
    upstream: str
    certificate: str = ""
    key: str = ""
    http_port: int = 80
    https_port: int = 443
    upload_mb: int = 1024

    @property
    def port_suffix(self) -> str:
        return "" if self.https_port == 443 else f":{self.https_port}"


def nginx(front: Front) -> str:
    return NGINX.format(
        name=front.name,
        upstream=front.upstream,
        http_port=front.http_port,
        https_port=front.https_port,
        port_suffix=front.port_suffix,
        certificate=front.certificate or f"/etc/ssl/{front.name}/fullchain.pem",
        key=front.key or f"/etc/ssl/{front.name}/privkey.pem",
        upload_mb=front.upload_mb,
    )


def caddy(front: Front) -> str:
    own_ports = front.https_port != 443 or front.http_port != 80
    return CADDY.format(
        name=front.name,
        ports=f"    http_port {front.http_port}\n    https_port {front.https_port}\n"
        if own_ports
        else "",
        site=f"https://{front.name}{front.port_suffix}",
        # Without a certificate of its own caddy fetches one by ACME.
        tls=f"tls {front.certificate} {front.key}"
        if front.certificate
        else "# certificate: automatic (ACME)",
        upstream=front.upstream,
        upload_mb=front.upload_mb,
    )


WRITERS = {"nginx": nginx, "caddy": caddy}


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="beffroi proxy", description=__doc__)
    parser.add_argument("server", choices=sorted(WRITERS))
    parser.add_argument("--name", default="", help="nom public, par exemple services.ville.example")
    parser.add_argument(
        "--cert", default=value("BEFFROI_TLS_CERT"), help="chaîne de certificats (PEM)"
    )
    parser.add_argument("--key", default=value("BEFFROI_TLS_KEY"), help="clé privée (PEM)")
    parser.add_argument("--http-port", type=int, default=80)
    parser.add_argument("--https-port", type=int, default=443)
    options = parser.parse_args(argv)
    installation = Installation.from_environment()
    host = value("BEFFROI_HOST")
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    front = Front(
        name=options.name or "services.ville.example",
        upstream=f"[{host}]:{installation.port}" if ":" in host else f"{host}:{installation.port}",
        certificate=options.cert,
        key=options.key,
        http_port=options.http_port,
        https_port=options.https_port,
        upload_mb=int(value("BEFFROI_MAX_UPLOAD_MB")),
    )
    sys.stdout.write(WRITERS[options.server](front))
    return 0
