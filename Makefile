# Two commands are all one needs: `make run` and `make test`. Each installs what it lacks, and says plainly what needs root.
.DEFAULT_GOAL := help
.PHONY: help run test check lint front ready catalogue lock screenshots clean
export PATH := $(CURDIR)/.venv/bin:$(PATH)

FRONT := $(shell find frontend -type f 2>/dev/null) package.json package-lock.json vite.config.ts tsconfig.json
CATALOGUE := locale/fr/LC_MESSAGES/django

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: ready  ## a lively demonstration bureau on http://127.0.0.1:8000
	@tools/system.sh run
	@permanence up --demo

test: ready  ## every tier: style, types, arrows, rules, database, telephone, browser
	@tools/system.sh test
	@tools/test.sh

check: ready  ## the quick tier: rules and database, under two minutes
	@pytest -q -m "not phone and not e2e and not processes"

lint: ready  ## style, types and import arrows
	@tools/lint.sh

front: src/permanence/ui/static/build/manifest.json  ## build the front end when its sources changed

ready: .venv/.synced src/permanence/ui/static/build/manifest.json $(CATALOGUE).mo

.venv/.synced: requirements.lock pyproject.toml tools/python.sh
	@tools/python.sh
	@touch $@

src/permanence/ui/static/build/manifest.json: $(FRONT) tools/front.sh | .venv/.synced
	@tools/front.sh
	@touch $@

$(CATALOGUE).mo: $(CATALOGUE).po | .venv/.synced
	@python tools/catalogue.py compile

catalogue: .venv/.synced  ## gather new strings into the French catalogue (needs gettext)
	@python tools/catalogue.py gather

lock: .venv/.synced  ## pin every version again
	@$$(tools/uv.sh) pip compile --quiet --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock

screenshots: ready  ## the pictures of docs/screenshots, taken from the running demonstration
	@python tools/screenshots.py

clean:  ## forget what was built and the demonstration's data
	rm -rf .venv .venv-uv node_modules var src/permanence/ui/static/build
