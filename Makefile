# The modules: the SDK, and those whose dependencies must stay out of it.
MODULES := . examples internal/e2e internal/benchmarks

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
BUILDER     := go.opentelemetry.io/collector/cmd/builder@v0.155.0
PROMETHEUS  := github.com/prometheus/prometheus
KUBECTL_VALIDATE := sigs.k8s.io/kubectl-validate@v0.0.4
OPERATOR    := github.com/prometheus-operator/prometheus-operator@v0.85.0
FUZZTIME    ?= 1m
SOAK        ?= 10m

# What internal/e2e has of Alertmanager comes with Prometheus and is no program, so
# the version of the programs stands here.
ALERTMANAGER := github.com/prometheus/alertmanager/cmd
ALERTMANAGER_VERSION := v0.31.1

.DEFAULT_GOAL := help

# each runs a command in every module.
each = @set -e; for module in $(MODULES); do (cd $$module && echo "== $$module: $(1)" && $(1)); done

.PHONY: help
help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and run the example service on http://127.0.0.1:8000
	@./bin/tutorflow

.PHONY: build
build: ## build the example service to bin/tutorflow
	@cd examples && $(GO) build -trimpath -o ../bin/tutorflow ./tutorflow

# The packages of internal/e2e measure time, so they run one after the other.
.PHONY: test
test: bin/promtool bin/amtool bin/kubectl-validate bin/crds ## run the tests of all modules
	$(call each,$(GO) test $$([ $$module != internal/e2e ] || echo -p 1) ./...)

.PHONY: race
race: bin/promtool bin/amtool bin/kubectl-validate bin/crds ## run the tests with the race detector, the concurrency tests 100 times
	$(GO) test -race ./...
	cd examples && $(GO) test -race ./...
	cd internal/e2e && $(GO) test -race -p 1 ./...
	$(GO) test -race -run ConcurrentSafe -count=100 ./...
	cd examples && $(GO) test -race -run ConcurrentSafe -count=100 ./...

.PHONY: test-stack
test-stack: build bin/otelcol bin/prometheus bin/alertmanager ## run the service with the real Collector, Prometheus and Alertmanager
	cd internal/e2e && TUTORFLOW_TEST_STACK=$(CURDIR)/bin $(GO) test -count=1 -p 1 ./stack ./paging

.PHONY: mutants
mutants: bin/promtool ## plant defects into the alert rules and see that their tests fail
	cd internal/e2e && TUTORFLOW_TEST_MUTANTS=$(CURDIR)/bin/promtool $(GO) test -count=1 -parallel 4 -timeout 30m ./mutants

.PHONY: stack
stack: ## start the example and all that shows it in Docker: http://localhost:3000
	@docker compose version >/dev/null 2>&1 || { echo "make stack needs Docker with Compose 2: docker compose version fails"; exit 1; }
	@docker compose -f examples/stack/compose.yaml up --build --detach --wait
	@echo "Grafana http://localhost:3000, Prometheus http://localhost:9090/alerts, Alertmanager http://localhost:9093, service http://localhost:8000/metrics"

.PHONY: check
check: ## vet, staticcheck, formatting, module files, generated files
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt these files: $$unformatted"; exit 1; fi
	$(call each,$(GO) vet ./...)
	$(call each,$(GO) run $(STATICCHECK) ./...)
	$(call each,$(GO) mod tidy -diff)
	@$(MAKE) --no-print-directory generate
	@changed=$$(git status --porcelain -- docs/metrics.md docs/configuration.md docs/telemetry.schema.json docs/runbooks dashboards alerting examples/kubernetes) && \
		if [ -n "$$changed" ]; then echo "make generate changes these files, commit them: $$changed"; exit 1; fi

.PHONY: generate
generate: ## write the generated files: references, schema, dashboards, rules, runbooks, manifests
	$(GO) generate ./...

.PHONY: bench
bench: ## measure the bars against the plain libraries (minutes)
	cd internal/benchmarks && $(GO) run ./bars

# A target that drives a server may spend its minute on making an input smaller.
.PHONY: fuzz
fuzz: ## run each fuzz target for a minute, or FUZZTIME
	@set -e; for module in $(MODULES); do cd $(CURDIR)/$$module; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "== $$package $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package; \
		done; done; done

.PHONY: soak
soak: build ## drive the example with faults for ten minutes, or SOAK, and see that it neither grows nor loses count
	cd internal/e2e && $(GO) run ./soak -binary $(CURDIR)/bin/tutorflow -for $(SOAK) $(if $(REPORT),-report $(CURDIR)/$(REPORT))

.PHONY: vulncheck
vulncheck: ## look for known vulnerabilities in what the modules call
	@.ci/vulncheck $(MODULES)

# promtool runs the unit tests of the alert rules, and prometheus the rules, in
# the version of the engine that the tests use. The tags leave out service
# discovery, which a rule needs nothing of.
bin/promtool bin/prometheus: internal/e2e/go.mod
	@cd internal/e2e && GOBIN=$(CURDIR)/bin $(GO) install -tags remove_all_sd,enable_dns_sd \
		$(PROMETHEUS)/cmd/$(@F)@$$($(GO) list -m -f '{{.Version}}' $(PROMETHEUS))

# amtool checks the routes of the alerts, and alertmanager takes them.
bin/amtool bin/alertmanager: Makefile
	@GOBIN=$(CURDIR)/bin $(GO) install $(ALERTMANAGER)/$(@F)@$(ALERTMANAGER_VERSION)

# kubectl-validate reads manifests with the code of the Kubernetes API server.
bin/kubectl-validate: Makefile
	@GOBIN=$(CURDIR)/bin $(GO) install $(KUBECTL_VALIDATE)

# crds are what it knows of the Prometheus Operator's objects. The folder is there
# only with both, or the next make would take half of it for all.
bin/crds: Makefile
	@rm -rf $@ $@.new && mkdir -p $@.new && \
		crds=$$($(GO) mod download -json $(OPERATOR) | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p')/example/prometheus-operator-crd && \
		install -m 644 $$crds/monitoring.coreos.com_podmonitors.yaml $$crds/monitoring.coreos.com_prometheusrules.yaml $@.new && mv $@.new $@

# otelcol is an OpenTelemetry Collector of the parts that the tests need. Its
# sources do not stay: they are a module of somebody else's style.
bin/otelcol: internal/e2e/stack/builder.yaml
	@mkdir -p bin; trap 'rm -rf bin/collector' EXIT; $(GO) run $(BUILDER) --config $< && mv bin/collector/otelcol $@

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
