# SPDX-License-Identifier: Apache-2.0
#
# Every check that continuous integration runs, and the things to show, one target each.
#
#   make demo         the whole loop, offline: 20,000 people, the built-in sink, the report
#   make test         what CI runs: packages, layers, format, all tests
#   make check        layers, format and the checkers themselves; warnings are errors in every build
#   make format       rewrites the sources in the house format
#   make acceptance   20,000 messages into Postfix's smtp-sink, read back by Python's email module
#   make torture      kill -9 during sends, again and again; nothing lost, nothing doubled beyond the promise
#   make torture-ingest  the same for returned mail: kill -9 during ingest; each recorded once, none deleted unrecorded
#   make fuzz         damaged mails and notifications by the hundred thousand; nothing may crash, hang or grow
#   make bench        speed and memory, as ratios to Postfix's smtp-source in the same run
#
# CONFIG=debug or CONFIG=release chooses how demo, acceptance and torture are built. JOBS=N limits the compiler.

SWIFT ?= swift
CONFIG ?= debug
PYTHON ?= python3
TEST_FLAGS ?=
TORTURE_FLAGS ?=
ACCEPTANCE_FLAGS ?=
FUZZ_RUNS ?= 200000
FUZZ_SEED ?= 20261122
FUZZ_RESULTS ?= .build/fuzz
BENCH_FLAGS ?=
BOUNCES_FLAGS ?=
REGISTRY_FLAGS ?=
JOBS ?=

jobs := $(if $(JOBS),-j $(JOBS))
nashra = $(shell $(SWIFT) build -c $(CONFIG) --show-bin-path)/nashra
sources := Package.swift Sources Tests

.PHONY: demo build test check layers lint checkers format acceptance torture torture-ingest fuzz bench bootstrap clean help

help:
	@sed -n '3,15s/^# \{0,1\}//p' Makefile

demo: bootstrap build
	$(nashra) demo

build:
	$(SWIFT) build -c $(CONFIG) --product nashra $(jobs)

bootstrap:
	@Scripts/bootstrap

# One recipe, not prerequisites, so that the order holds under make -j and the tests' closing line is the last.
test:
	@Scripts/bootstrap --tests
	@$(MAKE) --no-print-directory check
	$(SWIFT) test --disable-xctest $(jobs) $(TEST_FLAGS)

check: layers lint checkers

layers:
	@Scripts/check-layers
	@Scripts/test-check-layers

lint:
	@$(SWIFT) format lint --configuration .swift-format --strict --parallel --recursive $(sources)
	@echo "format: as the house wants it"

# The harnesses are tested too: each fault that they look for is planted once.
checkers:
	@$(PYTHON) -B Scripts/test_torture.py --quiet
	@$(PYTHON) -B Scripts/test_torture_ingest.py --quiet

format:
	$(SWIFT) format --configuration .swift-format --in-place --parallel --recursive $(sources)

acceptance: build
	@Scripts/bootstrap --tests
	$(PYTHON) Scripts/acceptance.py --nashra $(nashra) $(ACCEPTANCE_FLAGS)

torture: build
	$(PYTHON) Scripts/torture.py --nashra $(nashra) $(TORTURE_FLAGS)

torture-ingest: build
	$(PYTHON) Scripts/torture_ingest.py --nashra $(nashra) $(TORTURE_FLAGS)

# Input and results depend on FUZZ_SEED and FUZZ_RUNS alone; FUZZ_RESULTS is where reports and harmful inputs are kept.
fuzz: CONFIG = release
fuzz:
	$(SWIFT) build -c $(CONFIG) --product nashra-fuzz $(jobs)
	@mkdir -p $(FUZZ_RESULTS)
	$(nashra)-fuzz planted --runs 6000 --keep $(FUZZ_RESULTS)
	@failed=; for kind in mime dsn arf provider address csv xlsx segment truncate; do \
	    $(nashra)-fuzz $$kind --runs $(FUZZ_RUNS) --seed $(FUZZ_SEED) --keep $(FUZZ_RESULTS) \
	        --output $(FUZZ_RESULTS)/fuzz-$$kind.txt || failed=1; \
	done; test -z "$$failed"

bench: CONFIG = release
bench: build
	@Scripts/bootstrap --tests
	$(PYTHON) Benchmarks/bench.py --nashra $(nashra) $(BENCH_FLAGS)
	$(PYTHON) Benchmarks/bounces.py --nashra $(nashra) $(BOUNCES_FLAGS)
	$(PYTHON) Benchmarks/ingest.py --nashra $(nashra)
	$(PYTHON) Benchmarks/registry.py --nashra $(nashra) $(REGISTRY_FLAGS)
	$(PYTHON) Benchmarks/segments.py --nashra $(nashra) $(SEGMENTS_FLAGS)

# What the programs above leave behind; .build stays, because it takes long to make.
clean:
	rm -rf Benchmarks/__pycache__ Scripts/__pycache__
