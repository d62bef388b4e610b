"""Django's settings, computed from `project.configuration`. No side effect but the data folder."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF

from beffroi.project.configuration import CHECKOUT, Installation, flag, value

BEFFROI = Installation.from_environment()
SECRET_KEY = BEFFROI.secret("django")
DEBUG = flag("BEFFROI_DEBUG")
PACKAGE = Path(__file__).resolve().parents[1]

_public_host = urlsplit(BEFFROI.public_url).hostname or "localhost"
ALLOWED_HOSTS = sorted(
    {
        _public_host,
        "localhost",
        "127.0.0.1",
        "[::1]",
        *filter(None, (h.strip() for h in value("BEFFROI_ALLOWED_HOSTS").split(","))),
    }
)
SECURE = BEFFROI.public_url.startswith("https:")
UNLIMITED_ADDRESSES = value("BEFFROI_UNLIMITED_ADDRESSES")
CSRF_TRUSTED_ORIGINS = [BEFFROI.public_url] if SECURE else []

#: All rooms, lowest first. `base` imports no room; a room imports another by its public.py only.
ROOMS = [
    "beffroi.base.authorities",
    "beffroi.base.people",
    "beffroi.base.access",
    "beffroi.base.audit",
    "beffroi.base.provenance",
    "beffroi.base.retention",
    "beffroi.base.tasks",
    "beffroi.base.outbox",
    "beffroi.base.intake",
    "beffroi.base.notify",
    "beffroi.base.imports",
    "beffroi.base.design",
    "beffroi.base.desk",
    "beffroi.base.portal",
    "beffroi.base.api",
    "beffroi.accessible.information.broadcast",
    "beffroi.accessible.information.signage",
    "beffroi.accessible.information.assistant",
    "beffroi.accessible.reception.appointments",
    "beffroi.accessible.inclusion.workshops",
    "beffroi.sustainable.territory.objects",
    "beffroi.sustainable.territory.interventions",
    "beffroi.sustainable.territory.insights",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "csp",
    "django_htmx",
    *ROOMS,
    "beffroi.project",
]

MIDDLEWARE = [
    "beffroi.base.access.middleware.FrontAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "beffroi.base.authorities.middleware.ChosenAuthority",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "beffroi.base.access.middleware.CurrentActor",
    "beffroi.base.access.middleware.DatabaseBusy",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "beffroi.project.urls"
WSGI_APPLICATION = "beffroi.project.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "beffroi.base.authorities.context.authority",
            ],
        },
    }
]


def _database(url: str) -> dict[str, object]:
    """Django's description of the main database: SQLite in the data folder, or PostgreSQL by URL."""
    if not url:
        return {
            "ENGINE": "beffroi.base.sqlite",
            "NAME": BEFFROI.data / "main.sqlite3",
            "CONN_MAX_AGE": None,
            # A file, not memory: the suite must meet the same locks as a town does.
            "TEST": {"NAME": str(BEFFROI.data / "test-main.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"BEFFROI_DATABASE_URL: {parts.scheme!r} is not postgresql")
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(value("BEFFROI_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "beffroi.base.people.authentication.Accounts",
]
LOGIN_URL = "people:login"
LOGIN_REDIRECT_URL = "people:after_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "beffroi.base.people.views.sign_in_name"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "beffroi.base.people.views.locked_out"
AXES_CLIENT_IP_CALLABLE = "beffroi.base.access.middleware.client_address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_HTTP_RESPONSE_CODE = 429
OTP_TOTP_ISSUER = "Beffroi"

SESSION_COOKIE_NAME = "beffroi_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "beffroi_csrf"
CSRF_FAILURE_VIEW = "beffroi.base.access.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "beffroi_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [PACKAGE / "project" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATIC_ROOT = BEFFROI.state / "static"
STATICFILES_DIRS = [BEFFROI.state / "vendor"] if (BEFFROI.state / "vendor").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = BEFFROI.data / "files"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "beffroi.base.access.uploads.AgentsOnly",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # mails leave by base.notify only

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}},
}
NINJA_PAGINATION_PER_PAGE = 100
SILENCED_SYSTEM_CHECKS: list[str] = []
CHECKOUT_FOLDER = CHECKOUT
