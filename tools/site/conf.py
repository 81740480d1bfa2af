"""Sphinx's configuration. MyST reads Markdown; Furo is the theme."""

from tools.version import VERSION

project = "mobilepose"
author = "mobilepose maintainers"
project_copyright = author
version = release = VERSION

extensions = ["myst_parser", "sphinx_copybutton"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
nitpicky = True
smartquotes = False  # keeps "--json" as typed
suppress_warnings = ["misc.highlighting_failure"]
exclude_patterns = [".doctrees"]

html_theme = "furo"
html_title = f"mobilepose {VERSION}"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
html_css_files = ["wide.css"]
html_static_path = ["static"]
pygments_style = "friendly"
highlight_language = "none"
