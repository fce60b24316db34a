"""The French catalogue: ``gather`` new strings, ``compile`` it, ``check`` that every string is translated."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
PLAIN_SPACE = re.compile(r"(?<=\S) [:;!?»](?!\w)|« ")


def _gathered() -> polib.POFile:
    """Every marked string of the sources as it is now, untranslated."""
    with tempfile.TemporaryDirectory() as room:
        locale = Path(room) / "locale"
        (locale / "fr/LC_MESSAGES").mkdir(parents=True)
        command = [sys.executable, "-m", "django", "makemessages", "--locale", "fr", "--no-wrap", "--no-obsolete"]
        environment = {
            "DJANGO_SETTINGS_MODULE": "catalogue_settings",
            "PYTHONPATH": f"{room}:{ROOT / 'src'}",
            "PATH": "/usr/bin:/bin",
        }
        (Path(room) / "catalogue_settings.py").write_text(
            f"SECRET_KEY = 'x'\nUSE_I18N = True\nLOCALE_PATHS = [{str(locale)!r}]\nINSTALLED_APPS = []\n"
        )
        subprocess.run(command, cwd=ROOT / "src", env=environment, check=True, capture_output=True)
        return polib.pofile(str(locale / "fr/LC_MESSAGES/django.po"))


def gather() -> int:
    """Bring the sources' strings into the catalogue, keeping what is translated; says what remains to translate."""
    known = {entry.msgid_with_context: entry for entry in polib.pofile(str(CATALOGUE))} if CATALOGUE.exists() else {}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = {
        "Project-Id-Version": "permanence",
        "Language": "fr",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n > 1);",
    }
    for entry in sorted(_gathered(), key=lambda one: one.msgid_with_context):
        entry.occurrences, entry.comment, entry.flags = [], "", [flag for flag in entry.flags if flag != "fuzzy"]
        if (old := known.get(entry.msgid_with_context)) is not None:
            entry.msgstr, entry.msgstr_plural = old.msgstr, old.msgstr_plural or entry.msgstr_plural
        fresh.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(CATALOGUE))
    for entry in fresh.untranslated_entries():
        sys.stdout.write(f"to translate: {entry.msgid}\n")
    return 0


def compile_() -> int:
    polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    return 0


def _faults(catalogue: polib.POFile) -> list[str]:
    faults = [f"not translated: {entry.msgid}" for entry in catalogue.untranslated_entries()]
    faults += [f"fuzzy: {entry.msgid}" for entry in catalogue.fuzzy_entries()]
    for entry in catalogue:
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if PLAIN_SPACE.search(text) or ("'" in text and "%" not in text and "{" not in text):
                faults.append(f"plain space or straight apostrophe: {text}")
    return faults


def check() -> int:
    """Refuse an untranslated, fuzzy or missing string, and French typography that breaks lines."""
    catalogue = polib.pofile(str(CATALOGUE))
    here = {entry.msgid_with_context for entry in catalogue}
    faults = _faults(catalogue)
    faults += [f"missing: {entry.msgid}" for entry in _gathered() if entry.msgid_with_context not in here]
    for fault in faults:
        sys.stderr.write(f"locale/fr: {fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit({"gather": gather, "compile": compile_, "check": check}[sys.argv[1]]())
