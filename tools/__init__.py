"""Programs for maintainers: labelling, the reference tables, the site, the version."""
