"""Charts as PNG, with the fonts that come along: nothing on the machine is needed."""

from __future__ import annotations

from importlib.resources import as_file, files

SHARP = 2
"""How many pixels wide one unit of a chart is."""
FAMILY = "Open Sans"
FONTS = ("OpenSans-Regular.ttf", "OpenSans-SemiBold.ttf")


def png(svg: str) -> bytes:
    """Letters that these fonts lack, such as Chinese, are drawn where the machine has a font for them."""
    import resvg_py

    with as_file(files("callboard.board.charts") / "font") as folder:
        drawn = resvg_py.svg_to_bytes(
            svg_string=svg, zoom=SHARP, font_family=FAMILY, sans_serif_family=FAMILY,
            font_files=[str(folder / name) for name in FONTS],
        )  # fmt: skip
    return bytes(drawn)
