"""Every page that is made from the package, written where the documentation is built."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pages import card, evidence, experiments, files, interface, keys, live, trials, verbs

#: Folder whose content is copied to the built site as it is.
EXTRA = "extra"
#: Folders that hold pages made from the package and nothing else.
FOLDERS = ("evidence", "experiments", "model", "reference")

_REFERENCE = """\
# Reference

```{toctree}
:maxdepth: 1

python
verbs
keys
files
../glossary
```
"""


@cache
def made_pages() -> Mapping[str, str]:
    """Return every page by its path.

    Examples
    --------
    >>> "reference/verbs/timing.md" in made_pages()
    True
    """
    rooms = (experiments, card, evidence, trials, interface, verbs, keys, files, live)
    found = {path: text for room in rooms for path, text in room.pages().items()}
    return found | {"reference/index.md": _REFERENCE}


def write_pages(folder: Path) -> None:
    """Write the pages that changed, and remove those of an earlier build that are made no more.

    Parameters
    ----------
    folder
        The folder of the documentation.
    """
    pages = made_pages()
    for path, text in pages.items():
        file = folder / path
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for name in FOLDERS:
        for file in (folder / name).rglob("*.md"):
            if file.relative_to(folder).as_posix() not in pages:
                file.unlink()
    experiments.write_thumbnails(folder)
    live.write_live(folder / EXTRA)
