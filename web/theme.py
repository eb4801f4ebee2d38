"""The accent colour of an operator, as a small stylesheet: one colour is chosen, its shades are computed.

A colour that white text could not be read on is refused when the program starts, not discovered by a reader.
"""

from enrolment.errors import DomainError

READABLE = 4.5
_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)
_DARK_PAPER = (23, 34, 42)

Colour = tuple[int, int, int]


class UnreadableAccent(DomainError):
    """White text on this colour, or this colour on white, cannot be read by all."""

    def __init__(self, colour: str) -> None:
        super().__init__(f"La couleur {colour} est trop claire : un texte blanc ne s'y lit pas. Choisissez plus foncé.")


def theme(accent: str) -> dict[str, bytes]:
    """The file that an operator's accent adds to the assets; none when the house's own colour is kept."""
    return {"theme.css": stylesheet(accent).encode()} if accent else {}


def stylesheet(accent: str) -> str:
    """The tokens of an accent given as #rrggbb, for the light and the dark scheme."""
    colour = _read(accent)
    if contrast(colour, _WHITE) < READABLE:
        raise UnreadableAccent(accent)
    light = {
        "accent": colour,
        "link": colour,
        "accent-strong": mix(colour, _BLACK, 0.28),
        "accent-soft": mix(colour, _WHITE, 0.9),
        "accent-line": mix(colour, _WHITE, 0.68),
    }
    bright = _brightened(colour)
    dark = {
        "accent": bright,
        "link": bright,
        "accent-strong": mix(bright, _WHITE, 0.35),
        "accent-soft": mix(bright, _DARK_PAPER, 0.84),
        "accent-line": mix(bright, _DARK_PAPER, 0.6),
        "on-accent": mix(colour, _BLACK, 0.75),
    }
    return (
        f":root {{\n{_tokens(light)}}}\n"
        f'@media (prefers-color-scheme: dark) {{\n[data-scheme="auto"] {{\n{_tokens(dark)}}}\n}}\n'
    )


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: Colour, other: Colour, part: float) -> Colour:
    """The colour with this part of another in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _brightened(colour: Colour) -> Colour:
    """The least whitened form of the colour that is easily read on the dark paper."""
    steps = (mix(colour, _WHITE, step / 20) for step in range(21))
    return next(step for step in steps if contrast(step, _DARK_PAPER) >= READABLE + 2)


def _luminance(colour: Colour) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _read(colour: str) -> Colour:
    digits = colour.removeprefix("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _tokens(values: dict[str, Colour]) -> str:
    return "".join(f"--{name}: #{red:02x}{green:02x}{blue:02x};\n" for name, (red, green, blue) in values.items())
