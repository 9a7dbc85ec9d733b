"""The authors' pages of scripts: the list, the workbench, versions and their differences, the report."""
