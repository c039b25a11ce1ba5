import engine  # noqa: F401  (before any runtime that would note its starts)
