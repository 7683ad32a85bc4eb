import kontor.values.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Period',
            fields=[
                ('id', kontor.values.columns.IdField(default=kontor.values.columns.new_id, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('code', models.CharField(editable=False, max_length=7, verbose_name='period')),
                ('year', models.PositiveIntegerField(editable=False, verbose_name='fiscal year')),
                ('place', models.PositiveSmallIntegerField(editable=False, verbose_name='month of the year')),
                ('starts_on', models.DateField(editable=False, verbose_name='from')),
                ('ends_on', models.DateField(editable=False, verbose_name='to')),
                ('stock', models.CharField(choices=[('open', 'Open'), ('soft', 'Soft-closed'), ('closed', 'Closed')], default='open', editable=False, max_length=6, verbose_name='stock')),
                ('ledger', models.CharField(choices=[('open', 'Open'), ('soft', 'Soft-closed'), ('closed', 'Closed')], default='open', editable=False, max_length=6, verbose_name='ledger')),
                ('tax', models.CharField(choices=[('open', 'Open'), ('soft', 'Soft-closed'), ('closed', 'Closed')], default='open', editable=False, max_length=6, verbose_name='tax')),
                ('year_closed', models.BooleanField(default=False, editable=False, verbose_name='year closed')),
            ],
            options={
                'verbose_name': 'accounting period',
                'verbose_name_plural': 'accounting periods',
                'constraints': [models.UniqueConstraint(fields=('starts_on',), name='calendars_period_start'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='calendars_period_order', violation_error_message='A period ends after it begins.'), models.CheckConstraint(condition=models.Q(models.Q(('ledger', 'closed'), _negated=True), ('stock', 'closed'), _connector='OR'), name='calendars_period_stock_first', violation_error_message='Stock is closed first, then the ledger; reopen the ledger before stock.')],
            },
        ),
    ]
