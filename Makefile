# make demo   the main job on the shipped sample
# make test   all tests
# make lint   the format check
# make seeded shows that tests fail where a bug is put in (some minutes)
.PHONY: demo test lint format seeded setup

setup:
	@Scripts/system-packages.sh

demo: setup
	swift run quartermaster demo

test: setup
	swift test

lint:
	swift format lint --strict --parallel --recursive Sources Tests examples Package.swift

format:
	swift format --in-place --parallel --recursive Sources Tests examples Package.swift

seeded: setup
	Scripts/seeded-bugs.sh
