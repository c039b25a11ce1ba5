"""`python -m engine VERB …` is `layerloom VERB …` where no window toolkit is installed."""

import sys

from engine.hardware.frozen import begin_where_asked

begin_where_asked()
try:
    from engine.cli.main import main

    sys.exit(main())
except KeyboardInterrupt:
    sys.exit(130)
