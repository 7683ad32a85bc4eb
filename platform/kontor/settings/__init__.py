"""Settings, read from the environment; `./kontor` sets it, operators may.

One file, no per-environment variants: what differs between machines is an environment variable.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kontor.settings.apps import SHARED_APPS, TENANT_APPS
from kontor.settings.catalogs import compiled
from kontor.settings.headers import of_static_files

ROOT = Path(__file__).resolve().parents[3]
STATE = Path(os.environ.get("KONTOR_STATE", ROOT / ".kontor"))
VENDOR = Path(os.environ.get("KONTOR_VENDOR", STATE / "vendor"))
FILES = Path(os.environ.get("KONTOR_FILES", STATE / "files"))

SECRET_KEY = os.environ.get("KONTOR_SECRET_KEY", "only-for-a-shell-without-state")
SECRET_KEY_FALLBACKS = [k for k in os.environ.get("KONTOR_SECRET_KEY_FALLBACKS", "").split(",") if k]
DEBUG = False
ALLOWED_HOSTS = ["*"]  # the tenant's domain row decides; an unknown host is a 404 before any view
BASE_DOMAIN = os.environ.get("KONTOR_DOMAIN", "localhost")
PORT = int(os.environ.get("KONTOR_PORT", "8000"))


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "ENGINE": "kontor.database.backend",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # one that died in the pool (the server was started again) is not handed out
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": int(os.environ.get("KONTOR_POOL", "12")), "timeout": 30},
            "prepare_threshold": None,  # what is prepared is Kontor's own choice: kontor.database.prepared
        },
        "ATOMIC_REQUESTS": False,  # the tenant's middleware opens the one transaction of a request
        "TEST": {"NAME": f"test_{parts.path.lstrip('/')}"},
    }


# Prepared statements outlive a transaction; behind a pooler that shares its sessions they are to be switched off.
PREPARED_STATEMENTS = os.environ.get("KONTOR_PREPARED", "1") != "0"
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://kontor:dev@127.0.0.1:5499/kontor"))}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]
MIGRATION_MODULES: dict[str, str] = {}

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenants.middleware.TenantMiddleware",
    "kontor.web.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kontor.web.middleware.ContextMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "kontor.web.middleware.SecurityPolicyMiddleware",
]
ROOT_URLCONF = "kontor.urls"
WSGI_APPLICATION = "kontor.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "platform" / "kontor" / "identity" / "templates"],  # before allauth's own
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "kontor.web.shell.shell_context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "kontor.web.templatetags.kontor"],
        },
    }
]

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "kontor.identity.passwords.MaximumLength"},
    {"NAME": "kontor.identity.passwords.NotACommonWordInDisguise"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_ADAPTER = "kontor.identity.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "60/m/ip"}  # per name and second factor: kontor.identity.attempts
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds in which sensitive changes do not ask again
MFA_ADAPTER = "kontor.identity.adapters.MfaAdapter"
MFA_FORMS = {
    "authenticate": "kontor.identity.forms.AuthenticateForm",
    "reauthenticate": "kontor.identity.forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Kontor"
SESSION_ENGINE = "kontor.identity.session_store"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14  # of the cookie; sessions end by the company's limits: kontor.identity.sessions
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("KONTOR_HTTPS") == "1"
CSRF_FAILURE_VIEW = "kontor.web.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if os.environ.get("KONTOR_HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # The browser takes these for no path, domain or plain connection but the company's own.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"

USE_I18N = USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文"), ("zh-hans", "简体中文")]
LOCALE_PATHS = compiled(ROOT, STATE)
LANGUAGE_COOKIE_NAME = "kontor_language"
TIME_ZONE = "UTC"  # instants; a tenant's zone is set per request

STATIC_URL = "/static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [("vendor", VENDOR)]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = of_static_files
MEDIA_ROOT = FILES
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

BROKER_URL = os.environ.get("BROKER_URL", "")
CACHES: dict[str, dict[str, object]]
if BROKER_URL.startswith(("redis://", "rediss://")):
    CACHES = {
        "default": {
            "BACKEND": "kontor.database.caching.ForgivingCache",
            "LOCATION": BROKER_URL,
            "KEY_FUNCTION": "kontor.database.caching.tenant_key",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},  # seconds; without an answer it is empty
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "KEY_FUNCTION": "kontor.database.caching.tenant_key",
        }
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "kontor.api.authentication.KeyAuthentication",
        "kontor.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["kontor.api.rendering.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kontor.api.rendering.JsonParser"],
    "EXCEPTION_HANDLER": "kontor.api.problems.exception_handler",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("KONTOR_LOG", "WARNING")},
}
# W004: user names are unique without regard to case, by a constraint on Lower("username")
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
