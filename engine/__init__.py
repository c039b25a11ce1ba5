"""Everything but the window. Nothing here talks to a network, and what it imports is told not to either."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else ONNX Runtime notes each start, to report it
