# make            lists the targets
GO        ?= go
LINT      := .cache/golangci-lint-2.15.0
PACKAGES  := ./...
IMAGE     ?= sandbox:test

.DEFAULT_GOAL := help
.PHONY: help run test check format vet lint generated race modules container interop interop-java journey bench image generate coverage

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

run: ## run the sandbox on http://localhost:8080
	$(GO) run ./cmd/sandbox

test: check race modules interop-java ## everything CI runs: checks, all tests with the race detector, interop, browser and container tests

check: format vet lint generated ## format, vet, linters, generated files

format: ## fail when a Go file is not gofmt-clean
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not gofmt-clean:"; echo "$$files"; exit 1; fi

vet:
	$(GO) vet $(PACKAGES)

$(LINT):
	@mkdir -p .cache
	GOBIN=$(CURDIR)/.cache $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	mv .cache/golangci-lint $(LINT)

lint: $(LINT) ## run the linters (.golangci.yml)
	$(LINT) run $(PACKAGES)

generate: ## make the generated files anew
	$(GO) run ./cmd/sandbox settings > docs/settings.md
	$(GO) generate ./internal/p521/...

generated: ## fail when a generated file is not current
	@$(GO) run ./cmd/sandbox settings | diff -u docs/settings.md - || { echo "docs/settings.md is old: make generate"; exit 1; }

race: ## all tests with the race detector
	$(GO) test -race -timeout 20m $(PACKAGES)

modules: ## tests of the modules with their own go.mod
	cd clients/testcontainers && $(GO) vet ./... && TESTCONTAINERS_RYUK_DISABLED=true $(GO) test -timeout 10m ./...

coverage: ## make docs/coverage.md anew: per route, who has proven it (runs the tests)
	rm -f .cache/coverage.txt .cache/interop.json
	SANDBOX_COVERAGE=$(CURDIR)/.cache/coverage.txt $(GO) test -count=1 -skip TestTheCoveragePageNamesEveryRoute ./mocks/... ./examples/... | grep -v "no test files"
	INTEROP_COVERAGE=$(CURDIR)/.cache/interop.json $(GO) test -count=1 ./interop
	$(GO) run ./internal/coverage/page -tests .cache/coverage.txt -interop .cache/interop.json > docs/coverage.md

interop: ## official and well-known clients against the sandbox (npm, Chromium, Go)
	$(GO) test -count=1 -v ./interop/...

interop-java: ## Java clients against the sandbox (Maven Central); half a minute to three
	SANDBOX_INTEROP_JAVA=1 $(GO) test -count=1 -v -timeout 30m -run 'Java' ./interop/...

journey: ## walk the first journey against http://localhost:8080
	$(GO) run ./examples/journey

image: ## build the container image, with a local stand-in when the base image cannot be pulled
	.ci/base-image
	docker build --build-arg VERSION=$$(git rev-parse --short HEAD 2>/dev/null || echo devel) -t $(IMAGE) .

bench: ## figures: start, memory, image, tenants, services (bench/README.md)
	$(GO) test -run '^$$' -bench . -benchtime 2s ./bench/...
