"""What a process may keep of these tables, until the next write (``kontor.configuration.kept``)."""

from django.db import migrations

from kontor.configuration.kept import watch


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial"), ("configuration", "0002_guards")]

    operations = [
        watch("organization_branch", "organization"),
        watch("organization_department", "organization"),
        watch("organization_assignment", "organization"),
    ]
