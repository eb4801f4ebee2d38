"""The columns of our `referencing` table, and of what it points to as much as a row of it is named by."""

from __future__ import annotations

from django.db import models


class Dsr(models.Model):
    """A kind of software."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        """Named as ours."""

        db_table = "dsr"

    def __str__(self) -> str:
        return self.name


class Profile(models.Model):
    """A profile of a DSR."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        """Named as ours."""

        db_table = "profile"

    def __str__(self) -> str:
        return self.name


class Referencing(models.Model):
    """A software that the ANS lists, known by its number."""

    class Status(models.TextChoices):
        """What the ANS says of it."""

        PENDING = "pending", "En cours d'instruction par l'ANS"
        VALIDATED = "validated", "Validé par l'ANS"
        WITHDRAWN = "withdrawn", "Retiré par l'ANS"

    row_version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    ans_number = models.CharField(max_length=40, unique=True)
    software_name = models.CharField(max_length=200)
    software_version = models.CharField(max_length=200)
    publisher_name = models.CharField(max_length=200, null=True, blank=True)
    dsr = models.ForeignKey(Dsr, on_delete=models.PROTECT)
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, null=True, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    validated_on = models.DateField(null=True, blank=True)

    class Meta:
        """Named as ours."""

        db_table = "referencing"
        verbose_name_plural = "référencements"

    def __str__(self) -> str:
        return f"{self.ans_number} {self.software_name}"
