"""`python -m engine VERB …` is `layerloom VERB …` where no window toolkit is installed."""

import sys

from engine.cli import main

sys.exit(main())
