"""An office as Django admin and django-import-export give it: their settings, our columns, nothing of our code."""
