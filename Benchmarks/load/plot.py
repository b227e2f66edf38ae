# SPDX-License-Identifier: Apache-2.0
"""Draws what was measured beside its bars, as SVG."""
from xml.sax.saxutils import escape

ROW, LEFT, WIDTH, MARGIN = 30, 430, 380, 16
TEXT = 'font-family="sans-serif" font-size="13"'


def bars(rows):
    """One line for each ratio: a bar as long as what was measured, in units of what was asked for, which is a stroke."""
    height = ROW * (len(rows) + 2) + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 150}" height="{height}">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{MARGIN}" y="{MARGIN + 14}" {TEXT} font-weight="bold">Measured, as a share of what is asked for (the stroke)</text>',
    ]
    for number, row in enumerate(rows):
        y = MARGIN + ROW * (number + 1)
        bar = row["aim"] if row["bar"] is None else row["bar"]
        share = min(row["ratio"] / bar, 3.0)
        stroke = LEFT + WIDTH / 3
        colour = "#3b7a57" if row["holds"] else "#b3452c"
        sign = "≤" if row["atMost"] else "≥"
        asked = f"{sign} {bar:g}" if row["bar"] is not None else f"aim {bar:g}"
        parts += [
            f'<text x="{LEFT - 10}" y="{y + 15}" {TEXT} text-anchor="end">{escape(row["what"])}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{max(1, WIDTH * share / 3):.0f}" height="{ROW - 12}" fill="{colour}"/>',
            f'<line x1="{stroke:.0f}" x2="{stroke:.0f}" y1="{y}" y2="{y + ROW - 6}" stroke="black" stroke-width="2"/>',
            f'<text x="{LEFT + WIDTH + 10}" y="{y + 15}" {TEXT}>{row["ratio"]:.2f} ({asked})</text>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"
