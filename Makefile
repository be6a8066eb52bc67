# The two commands of a newcomer are `make run` and `make test`; `make help` lists the rest.
PRESET      ?= release
BUILD       := build/$(PRESET)
RUN_ARGS    ?= suite --quick
BENCH_ARGS  ?=
FUZZ_SECONDS ?= 60
CLANG_FORMAT ?= clang-format-19
CMAKE_ARGS  ?=
CTEST_ARGS  ?=

.DEFAULT_GOAL := help
.PHONY: help run test bench build configure dependencies fuzz format check-format tidy install clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: dependencies configure ## Install what is missing, build, and run every experiment quickly
	@cmake --build $(BUILD) --target cli/anebench
	@$(BUILD)/cli/anebench $(RUN_ARGS)

test: build ## Build everything and run all tests
	@ctest --preset $(PRESET) $(CTEST_ARGS)

bench: build ## Run the benchmarks of the project's own hot paths
	@tools/run_benchmarks.sh --build $(BUILD) $(BENCH_ARGS)

build: dependencies configure ## Build everything (PRESET=release)
	@cmake --build $(BUILD)

configure: dependencies
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET) $(CMAKE_ARGS)

dependencies: ## Install the packages that are missing
	@tools/install_dependencies.sh

fuzz: ## Fuzz every parser for FUZZ_SECONDS=60 each (clang 19)
	@tools/install_dependencies.sh --fuzz
	@cmake --preset fuzz && cmake --build --preset fuzz
	@tools/run_fuzzers.sh --build build/fuzz --seconds $(FUZZ_SECONDS)

format: ## Format the sources with clang-format 19
	@git ls-files '*.cpp' '*.h' | xargs $(CLANG_FORMAT) -i

check-format: ## Say which sources are not formatted
	@git ls-files '*.cpp' '*.h' | xargs $(CLANG_FORMAT) --dry-run -Werror

tidy: ## Check the sources with clang-tidy 19
	@tools/install_dependencies.sh --ci
	@cmake --preset tidy && cmake --build --preset tidy

install: build ## Install into PREFIX (default: the system's)
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

clean: ## Remove everything that was built
	@rm -rf build
