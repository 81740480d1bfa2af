"""Programs for maintainers: labelling, tables and pictures of documents, the site, the version."""
