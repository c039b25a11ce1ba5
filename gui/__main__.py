"""`python -m gui` is the same as `layerloom`."""

import sys

from gui.app import main

sys.exit(main())
