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

bench: setup
	swift build -c release --package-path Benchmarks --product quartermaster
	swift build -c release --package-path Benchmarks --product Workloads
	swift build -c release --package-path Benchmarks --product Conditions
	Benchmarks/.build/release/Workloads --page Docs/BenchmarkTables.md
	Benchmarks/.build/release/Conditions
