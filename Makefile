# Two commands are enough on a fresh machine: `make run` opens the window, `make test` proves that everything works.
# Both set up what is missing first: a virtual environment, the package, and on Debian or Ubuntu Qt's system libraries.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QT_LIBRARIES := libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 \
	libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1
ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
OFFSCREEN := QT_QPA_PLATFORM=offscreen OMP_NUM_THREADS=1
# Two tests at a time, or four where there are the cores; each has one thread for its sums.
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist worksteal

.PHONY: run test proof lint bench screens setup system clean

run: setup
	$(BIN)/layerloom digits-cnn

test: setup lint
	$(OFFSCREEN) $(BIN)/pytest $(SIDE_BY_SIDE) -m "not proof"

proof: setup
	$(OFFSCREEN) $(BIN)/pytest $(SIDE_BY_SIDE) -m proof

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(OFFSCREEN) $(BIN)/python -m tests.benchmarks

screens: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.screens

setup: $(READY) system

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Layerloom needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "No virtual environment could be made; on Debian or Ubuntu install python3-venv first"; exit 1; }
	@echo "Installing Layerloom and what it needs into $(VENV); the first time this takes some minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# Qt's wheels bring everything but the libraries of the desktop itself.
system:
	@if command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; then \
		missing=""; \
		for name in $(QT_LIBRARIES); do \
			dpkg-query -W -f='$${Status}' $$name 2>/dev/null | grep -q "ok installed" || missing="$$missing $$name"; \
		done; \
		if [ -n "$$missing" ]; then \
			echo "Installing the system libraries of Qt that are missing:$$missing"; \
			$(ROOT) apt-get update -qq && $(ROOT) apt-get install -y -qq $$missing >/dev/null || \
				echo "They could not be installed; install them by hand if the window does not open"; \
		fi; \
	fi

clean:
	rm -rf build .venv *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
