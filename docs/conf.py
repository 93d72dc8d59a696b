"""Settings of the documentation: `sphinx-build -W -n docs build/docs` builds it, without any network."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from pages.site import EXTRA, write_pages  # noqa: E402

import eaesim  # noqa: E402

project = "eaesim"
author = "The eaesim authors"
copyright = "2026, the eaesim authors"
release = version = eaesim.__version__
html_title = f"eaesim {release}"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "pages.links",
    "pages.docstrings",
    "pages.accessibility",
]
exclude_patterns = ["pages", EXTRA, "**/.ipynb_checkpoints"]
suppress_warnings = ["myst.header"]  # a tutorial's cells may begin below the second level

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline", "attrs_block"]
myst_heading_anchors = 2
# A tutorial whose cell fails stops the build; nothing is kept between builds.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_merge_streams = True
nb_ipywidgets_js: dict[str, object] = {}  # they would be loaded from a network

default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = (
    "none"  # most types are of rooms inside the package; each parameter's text says what it takes
)
napoleon_google_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 80

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_extra_path = [EXTRA]
html_css_files = ["eaesim.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "show_toc_level": 2,
    "navbar_align": "left",
    "show_prev_next": True,
    "article_header_end": [],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 7,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "back_to_top_button": False,
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}

write_pages(HERE)
