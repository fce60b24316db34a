"""The ratios that ui.md promises, computed from the style sheet itself: 4.5 for text, 3 for graphics."""

import re
from functools import cache
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[4] / "frontend" / "styles" / "tokens.css"
THEMES = ["light", "dark"]
SURFACES = ["canvas", "surface", "sunken"]
HUES = re.findall(r"\[data-hue=\"(\w+)\"\]", TOKENS.read_text())


@cache
def tokens(theme: str) -> dict[str, str]:
    blocks = re.findall(r"([^{}]*)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", TOKENS.read_text(), flags=re.DOTALL))
    found: dict[str, str] = {}
    for selector, body in blocks:
        if "data-bs-theme" in selector and ("light" in selector or theme in selector):
            found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(theme: str, over: str, under: str) -> float:
    colours = tokens(theme)
    one, other = sorted((luminance(colours.get(name, name)) for name in (over, under)), reverse=True)
    return (one + 0.05) / (other + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", ["ink", "ink-2", "ink-3", "accent", "danger", "warn", "ok", "changed"])
def test_text_can_be_read_on_every_surface(theme, text):
    assert min(contrast(theme, text, surface) for surface in [*SURFACES, "raised"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", ["accent", "danger", "warn", "ok", "changed"])
def test_a_state_can_be_read_on_its_own_tint(theme, state):
    assert contrast(theme, state, f"{state}-tint") >= 4.5
    assert contrast(theme, "ink", f"{state}-tint") >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_solids_carry_their_text_and_edges_are_seen(theme):
    assert contrast(theme, "on-accent", "accent") >= 4.5
    assert contrast(theme, "#ffffff", "danger-solid") >= 4.5
    assert contrast(theme, "rail-ink", "rail") >= 4.5
    assert contrast(theme, "#ffffff", "rail-active") >= 4.5
    assert min(contrast(theme, "edge", surface) for surface in SURFACES) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hue", HUES)
def test_a_client_hue_carries_text_on_its_solid_and_on_its_tint(theme, hue):
    assert contrast(theme, "on-client", f"hue-{hue}") >= 4.5
    assert contrast(theme, f"hue-{hue}", f"hue-{hue}-tint") >= 4.5
    for ink in ("ink", "ink-2"):
        assert contrast(theme, ink, f"hue-{hue}-tint") >= 4.5


def test_there_are_twelve_hues_in_both_themes():
    assert len(HUES) == 12
    assert all(f"hue-{hue}" in tokens(theme) for hue in HUES for theme in THEMES)
