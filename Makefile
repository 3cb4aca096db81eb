# 每条命令都自行完成准备：虚拟环境、锁定的依赖、演示数据。
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := .

.PHONY: run test bench screenshots lint reference lock clean

run: .venv/installed
	$(BIN)/python app.py

test: .venv/tested lint
	sh tests/browser.sh
	sh tests/provider.sh
	sh tests/old_browser.sh
	$(BIN)/python -m pytest --ignore=tests/e2e
	$(BIN)/python -m pytest tests/e2e -n 0

bench: .venv/tested
	$(BIN)/python -m tests.bench

screenshots: .venv/tested
	sh tests/browser.sh
	$(BIN)/python -m tests.screenshots

lint: .venv/tested
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check .
	$(BIN)/mypy

reference: .venv/tested
	$(BIN)/python -m docs.generate

lock: .venv/tested
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --no-annotate --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes -q --no-annotate --no-header tests/requirements.in -o tests/requirements.txt

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新版本，可用 make PYTHON=python3.12 指定")'
	$(PYTHON) -m venv .venv
	touch $@

.venv/installed: .venv/created requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/tested: .venv/installed tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	touch $@

clean:
	rm -rf .venv screenshots
