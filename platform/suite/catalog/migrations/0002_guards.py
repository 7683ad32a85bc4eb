"""What a process may keep of these tables, until the next write (``kontor.configuration.kept``)."""

from django.db import migrations

from kontor.configuration.kept import watch


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("configuration", "0002_guards")]

    operations = [
        watch("catalog_tax", "taxes"),
        watch("catalog_taxrule", "taxes"),
        watch("catalog_unit", "units"),
    ]
