# SPDX-License-Identifier: Apache-2.0
# Two commands do everything on a fresh Debian or Ubuntu machine with Swift 6.2 or newer: make run, make test.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# How the service is built to run: optimised, the Swift libraries linked in, and without the checks of exclusive access
# at run time, which the tests run with: together 10 to 15 % less CPU for each request.
OPTIMISED := -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked
RELEASE := $(OPTIMISED) --product product-service
BENCHMARKS := --package-path Benchmarks $(OPTIMISED)
TOOLS := .build/tools
# What checks and drills are run by: Python with the packages of scripts/requirements.txt.
PYTHON := $(TOOLS)/bin/python -B
# Tests that start servers of their own: one at a time, else they are in one another's way.
ON_SERVERS := PostgresTests|RedisTests|RedisRateLimitingTests|ProductStorageTests|ProductAPITests|ProductServiceTests
# Where the service that make run starts keeps its products and its key.
DATA ?= data

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build the service and run it, on the embedded store in data/ unless DATABASE_URL names another
	@scripts/install-packages build
	@echo "Building the service. The first time takes minutes, the next ones seconds."
	@swift build $(RELEASE)
	@mkdir -p $(DATA)
	@if [[ -z "$${JWT_KEYS_FILE:-}$${JWT_SECRET_FILE:-}$${JWT_SECRET:-}" ]]; then \
	    scripts/make-key $(DATA)/keys.json; \
	    export JWT_KEYS_FILE=$(DATA)/keys.json; \
	fi; \
	service="$$(swift build $(RELEASE) --show-bin-path)/product-service"; \
	scripts/print-curl-lines "$$service"; \
	exec "$$service" serve

.PHONY: test
test: ## Install what the tests need, build, check and run all tests
	@scripts/install-packages build test
	@$(MAKE) --no-print-directory lint layers $(TOOLS)/installed
	@scripts/check-checks
	@echo "Building the tests. The first time takes minutes."
	@swift build --build-tests
	@scripts/run-tests --skip '$(ON_SERVERS)'
	@scripts/run-tests --filter '$(ON_SERVERS)' --no-parallel
	@$(MAKE) --no-print-directory hiredis openapi tokens deployment
	@echo "Building the service as it runs, which takes minutes the first time, while a Prometheus watches it under load."
	@$(PYTHON) scripts/check-series "$$(swift build --show-bin-path)/product-service" > .build/series.log 2>&1 & series=$$!; \
	trap 'kill $$series 2> /dev/null || true' EXIT; \
	swift build $(RELEASE); \
	wait $$series || { cat .build/series.log; exit 1; }; \
	cat .build/series.log
	@scripts/check-run
	@$(PYTHON) scripts/check-image "$$(swift build $(RELEASE) --show-bin-path)/product-service"

.PHONY: lint
lint: ## Check the format and the house rules of the sources
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources
	@scripts/check-sources

.PHONY: format
format: ## Put the sources into the format
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

.PHONY: layers
layers: ## Check that dependencies between targets only point down
	@scripts/check-layers

.PHONY: openapi
openapi: $(TOOLS)/installed ## Check the OpenAPI document, and the running service against it
	@swift build --product product-service
	@$(PYTHON) scripts/check-openapi "$$(swift build --show-bin-path)/product-service"

.PHONY: tokens
tokens: $(TOOLS)/installed ## Compare what the service says of 100,000 mutated tokens with another implementation
	@swift build --product product-service
	@$(PYTHON) scripts/check-tokens "$$(swift build --show-bin-path)/product-service"

.PHONY: deployment
deployment: $(TOOLS)/installed ## Check what deploys and watches the service against the binary, kubectl and promtool
	@swift build --product product-service
	@service="$$(swift build --show-bin-path)/product-service"; \
	scripts/check-dependencies; \
	$(PYTHON) scripts/generate "$$service" --check; \
	$(PYTHON) scripts/check-manifests "$$service"; \
	$(PYTHON) scripts/check-compose "$$service"; \
	$(PYTHON) scripts/check-rules; \
	$(PYTHON) scripts/check-dashboards; \
	$(PYTHON) scripts/check-checks "$$service"

.PHONY: series
series: $(TOOLS)/installed ## Run every expression of the dashboards and the rules against a real Prometheus; takes two minutes
	@swift build --product product-service
	@$(PYTHON) scripts/check-series "$$(swift build --show-bin-path)/product-service"

.PHONY: generate
generate: $(TOOLS)/installed ## Write what is made from other files: docs/configuration.md, the dashboards, Kubernetes' PrometheusRule
	@swift build --product product-service
	@$(PYTHON) scripts/generate "$$(swift build --show-bin-path)/product-service"

# What tells the image which sources it is of, and makes it the same each time.
IMAGE_OF = REVISION="$$(git rev-parse --short=12 HEAD)" SOURCE_DATE_EPOCH="$$(git log -1 --format=%ct)"

.PHONY: image
image: ## Build the image product-service:local; needs Docker
	@export $(IMAGE_OF); DOCKER_BUILDKIT=1 docker build \
	    --build-arg REVISION="$$REVISION" --build-arg SOURCE_DATE_EPOCH="$$SOURCE_DATE_EPOCH" --tag product-service:local .

.PHONY: up
up: ## Start the service with PostgreSQL, Redis, Prometheus and Grafana; needs Docker with Compose
	@export $(IMAGE_OF); docker compose build product-service; docker compose up --detach --wait
	@scripts/print-stack

.PHONY: down
down: ## Stop what make up has started; the data stays, make down VOLUMES=--volumes removes it
	@docker compose down $(VOLUMES)

.PHONY: hiredis
hiredis: $(TOOLS)/installed ## Build the shim over hiredis against its other versions, and compare what it reads
	@scripts/check-hiredis

$(TOOLS)/installed: scripts/requirements.txt
	@python3 -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
	@touch $@

.PHONY: bench
bench: ## Load the service in all its arrangements beside its peers; results in Benchmarks/results
	@scripts/install-packages build bench
	@swift build $(RELEASE)
	@touch Benchmarks/Package.swift # Else files that are new here are not seen there.
	@swift build $(BENCHMARKS) --product EdgeBenchmark
	@for peer in go-service rust-service; do Benchmarks/peers/$$peer/build .build/peers/$$peer; done
	@Benchmarks/load/measure-service "$$(swift build $(RELEASE) --show-bin-path)/product-service" \
	    "$$(swift build $(BENCHMARKS) --show-bin-path)/EdgeBenchmark" .build/peers/go-service .build/peers/rust-service \
	    Benchmarks/results

.PHONY: bench-parts
bench-parts: ## Measure the libraries, the edge, the clients and the cache, each beside its peer
	@scripts/install-packages build bench
	@swift build $(RELEASE)
	@touch Benchmarks/Package.swift
	@swift build $(BENCHMARKS) --product EdgeBenchmark
	@swift build $(BENCHMARKS) --product LibraryBenchmark
	@swift build $(BENCHMARKS) --product PostgresBenchmark
	@swift build $(BENCHMARKS) --product RedisBenchmark
	@swift build $(OPTIMISED) --product CacheBenchmark
	@for peer in scrape go-service rust-service; do Benchmarks/peers/$$peer/build .build/peers/$$peer; done
	@Benchmarks/load/run "$$(swift build $(RELEASE) --show-bin-path)/product-service" \
	    "$$(swift build $(BENCHMARKS) --show-bin-path)" .build/peers/scrape
	@Benchmarks/load/measure-postgres "$$(swift build $(RELEASE) --show-bin-path)/product-service" \
	    "$$(swift build $(BENCHMARKS) --show-bin-path)/PostgresBenchmark" .build/peers/go-service .build/peers/rust-service
	@Benchmarks/load/measure-redis "$$(swift build $(RELEASE) --show-bin-path)/product-service" \
	    "$$(swift build $(OPTIMISED) --show-bin-path)/CacheBenchmark" \
	    "$$(swift build $(BENCHMARKS) --show-bin-path)/RedisBenchmark" .build/peers/go-service

.PHONY: drills
drills: $(TOOLS)/installed ## Hold the service under load, faults and rollouts for an hour; the report is docs/drills.md
	@scripts/install-packages build test drills
	@swift build $(RELEASE)
	@$(PYTHON) deploy/drills/run "$$(swift build $(RELEASE) --show-bin-path)/product-service"

.PHONY: clean
clean: ## Remove what was built; the data stays
	@rm -rf .build .build-*
