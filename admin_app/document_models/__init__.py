"""« Documents utiles »: the models that vendors download, put in place by administrators."""
