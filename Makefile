# gwrun: build, test and try. Needs Go; gcc too for the GPU device (without it the binary has the CPU device only).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

# Go wants a home for its caches, even where there is none.
ifeq ($(strip $(HOME)),)
export HOME := $(CURDIR)/.cache/home
endif
GO ?= go
CGO := $(shell command -v gcc >/dev/null 2>&1 && echo 1 || echo 0)
export CGO_ENABLED ?= $(CGO)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Without symbols (-s -w) the binary is a third smaller; a panic shows its stack all the same.
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: build demo demo-market test ci check deps bench fuzz exhaustive battery differential conformance soak replays guests clean contracts-check contracts-test test-anvil

build: ## bin/gwrun
	@mkdir -p bin
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/gwrun ./cmd/gwrun

demo: build ## a whole network in one process: train, validate, catch a cheat
	./bin/gwrun demo

demo-market: build ## a market with its own chain: bids, payment, what cheating costs, every token accounted for
	./bin/gwrun demo-market

test: ## every test
	$(GO) test $(TESTFLAGS) -timeout 20m ./...

ci: deps check contracts-check ## what continuous integration runs
	.ci/test

contracts-check: ## the contracts' bytecode and bindings are what the sources give; their tests, with few random runs
	contracts/check.sh
	cd contracts && node_modules/.bin/forge test

contracts-test: ## the same tests with 10,000 random runs of each, and invariants over 256 x 500 moves
	cd contracts && FOUNDRY_PROFILE=full node_modules/.bin/forge test

test-anvil: ## the market in processes on a chain of another make, through reorgs, a restart of every process and of the chain (2 minutes; npm installs anvil)
	[ -x contracts/node_modules/.bin/anvil ] || npm install --prefix contracts --no-save --no-audit --no-fund --loglevel=error
	$(GO) test ./cmd/gwrun -run 'TestAnvil$$' -anvil '$(CURDIR)/contracts/node_modules/.bin/anvil' -timeout 20m -count=1 -v

deps: ## the drivers and compilers the tests use, on a Debian machine
	.ci/deps

check: ## both builds, format, vet, staticcheck, floors
	@mkdir -p .cache
	CGO_ENABLED=0 $(GO) build -o .cache/gwrun-nocgo ./cmd/gwrun
	$(MAKE) build
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "gofmt wants:"; echo "$$bad"; exit 1; fi
	$(GO) vet ./...
	GOOS=wasip1 GOARCH=wasm $(GO) vet ./sdk/go/... ./sdk/tour/go ./examples/kmeans/go
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...

bench: build ## side-by-side figures, printed
	.ci/bench

FUZZTIME ?= 60s
fuzz: ## every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

exhaustive: ## all 2^32 inputs of every operation of one operand, on the cpu; 10^8 and the hard ones on the drivers (2 hours of a core)
	$(GO) test ./kernels/f32 -run 'TestExhaustive$$' -exhaustive -timeout 0 -v
	$(GO) test ./kernels/lower -run 'TestExp$$' -exhaustive -timeout 0 -v
	$(GO) test ./kernels/battery -run 'TestFunctions$$' -exhaustive -stride 41 -timeout 0 -v

battery: ## every builtin over hard operands and 2,000 random kernels, on every stack: cpu, lavapipe, SwiftShader, Dawn (an hour)
	$(GO) test ./kernels/battery -run 'TestRandom|TestBuiltins|TestSource' -battery -timeout 0 -v

conformance: ## the spec's tests, the NaN matrix, 2,000 generated modules and our own: both engines, amd64 and arm64 (25 minutes)
	.ci/conformance

soak: ## jobs and nodes killed with -9 (5,000 times at their messages), then an hour of jobs through a bad network (3 hours)
	.ci/soak

replays: ## 10,000 honest replays in every pair of devices, 3,000 more over the network (half an hour)
	$(GO) test ./runtime -run 'TestHonestReplays$$' -replays 10000 -timeout 0 -v
	$(GO) test ./host/figures -run 'TestHonestNetwork$$' -checked 3000 -timeout 0 -v

FOR ?= 1h
differential: ## generated kernels, cpu against SwiftShader, for FOR
	$(GO) test ./kernels/battery -run 'TestDifferential$$' -for $(FOR) -timeout 0 -v

guests: ## rebuild the .wasm of the examples (clang, wasm-ld, cargo, go, asc)
	for d in examples/*/build.sh examples/*/*/build.sh; do "$$d"; done

clean:
	rm -rf bin .cache
