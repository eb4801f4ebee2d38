"""The admin of referencings, with the import of django-import-export as its documentation sets it up."""

from __future__ import annotations

from django.contrib import admin
from django_office.models import Referencing
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource


class ReferencingResource(ModelResource):
    """Rows are recognised by their number, as in our file; those that do not change are not written."""

    class Meta:
        """All else is as it comes: one transaction, every difference shown, a log entry for each row."""

        model = Referencing
        import_id_fields = ("ans_number",)
        skip_unchanged = True


@admin.register(Referencing)
class ReferencingAdmin(ImportExportModelAdmin):
    """What a data steward opens."""

    resource_classes = (ReferencingResource,)
    list_display = ("ans_number", "software_name", "software_version", "publisher_name", "dsr", "status")
