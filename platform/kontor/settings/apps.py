"""Which apps have tables where: ``public`` holds only the platform, a tenant's schema all the rest."""

SHARED_APPS = [
    "django_tenants",
    "tenants",
]

TENANT_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "kontor.resources",
    "kontor.configuration",
    "kontor.organization",
    "kontor.identity",
    "kontor.access",
    "kontor.history",
    "kontor.documents",
    "kontor.fields",
    "kontor.calendars",
    "kontor.jobs",
    "kontor.surfaces",
    "kontor.reports",
    "kontor.api",
    "kontor.web",
    "suite.parties",
    "suite.catalog",
    "suite.finance",
    "suite.inventory",
    "suite.sales",
    "suite.purchasing",
    "suite.packs",
]
