# make demo   the main job on the shipped sample
# make test   all tests
# make lint   the format check
# make seeded shows that tests fail where a bug is put in (some minutes)
# make bench  the workloads beside their floors in C; writes Docs/BenchmarkTables.md (a quarter of an hour)
.PHONY: demo test lint format seeded setup bench

setup:
	@Scripts/system-packages.sh

demo: setup
	swift run quartermaster demo

# Those that kill processes for minutes run by themselves: beside them others would wait for a processor.
test: setup
	swift test --skip FaultTests
	swift test --skip-build --filter FaultTests

lint:
	swift format lint --strict --parallel --recursive Sources Tests examples Package.swift

format:
	swift format --in-place --parallel --recursive Sources Tests examples Package.swift

seeded: setup
	Scripts/seeded-bugs.sh

# On Linux with Swift's libraries linked in, as programs are shipped.
BENCH = swift build -c release --package-path Benchmarks $(if $(filter Linux,$(shell uname)),--static-swift-stdlib)
bench: setup
	$(BENCH) --product quartermaster
	$(BENCH) --product Workloads
	$(BENCH) --product Conditions
	Benchmarks/.build/release/Workloads --page Docs/BenchmarkTables.md
	Benchmarks/.build/release/Conditions
