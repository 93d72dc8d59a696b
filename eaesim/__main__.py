"""The command line as ``python -m eaesim``."""

from __future__ import annotations

from eaesim.cli.main import main

if __name__ == "__main__":
    main()
