"""Make the two fonts in qieval/charts/fonts out of Liberation Sans 2 (SIL Open Font License 1.1).

Usage: python scripts/make_fonts.py FOLDER_OF_LIBERATION_SANS

They are the letters of European languages, without hints, kerning and further scripts, so that
both together stay under 130 kB. The licence asks that what is changed has another name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Qieval Sans"
TARGET = Path(__file__).resolve().parents[1] / "qieval" / "charts" / "fonts"
LETTERS = [
    *range(0x20, 0x180),  # Latin with every accent of Europe's languages
    *range(0x18F, 0x250),
    *range(0x2C6, 0x2DE),
    *range(0x370, 0x460),  # Greek, Cyrillic
    *range(0x2010, 0x2045),  # dashes, quotation marks, the ellipsis
    *range(0x2070, 0x20C0),  # raised figures, currencies
    *range(0x2100, 0x2300),  # arrows, the minus, "at most"
]


def main(source: Path) -> None:
    """Write the regular and the bold font."""
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = ["*"]
    options.drop_tables += ["kern", "GPOS", "GSUB", "GDEF", "DSIG", "FFTM"]
    for weight in ("Regular", "Bold"):
        font = TTFont(source / f"LiberationSans-{weight}.ttf", recalcTimestamp=False)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=LETTERS)
        subsetter.subset(font)
        names = {1: FAMILY, 2: weight, 3: f"{FAMILY} {weight}", 4: f"{FAMILY} {weight}",
                 6: f"QievalSans-{weight}"}  # fmt: skip
        for record in list(font["name"].names):
            if record.nameID in names:
                record.string = names[record.nameID]
            elif record.nameID in (7, 16, 17):  # trademark, typographic names
                font["name"].names.remove(record)
        font["post"].formatType = 3.0  # no glyph names
        # Lines stand 1.16 times the size apart. Little of that is kept for the gap between them,
        # so that words of one line stand as high as the first of two.
        heights, units = font["OS/2"], font["head"].unitsPerEm
        heights.sTypoAscender = round(0.80 * units)
        heights.sTypoDescender = round(-0.26 * units)
        heights.sTypoLineGap = round(0.10 * units)
        font.save(TARGET / f"QievalSans-{weight}.ttf")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
