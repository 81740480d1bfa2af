"""Programs for those who work on mobilepose: labelling, the reference, the site, the version."""
