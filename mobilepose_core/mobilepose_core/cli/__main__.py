"""`python -m mobilepose_core.cli` is `mobilepose`."""

import sys

from mobilepose_core.cli import main

sys.exit(main())
