#!/usr/bin/env python3
"""Draws every size of the program's icon from the SVG files in icons/.

Needs rsvg-convert (Debian: librsvg2-bin) and nothing else. Run it after changing an SVG; the results are committed.
"""

import pathlib
import struct
import subprocess

ICONS = pathlib.Path(__file__).resolve().parent.parent / "icons"
PNG_RGBA = b"\x08\x06"  # bit depth 8, colour type 6: the two bytes after width and height


def draw(size: int) -> bytes:
    """One PNG, from the drawing that was made for this size."""
    source = "icon-16.svg" if size < 24 else "icon-32.svg" if size < 48 else "icon.svg"
    command = ["rsvg-convert", "-w", str(size), "-h", str(size), str(ICONS / source)]
    png = subprocess.run(command, check=True, capture_output=True).stdout
    if png[16:24] != struct.pack(">II", size, size) or png[24:26] != PNG_RGBA:
        raise SystemExit(f"{source} at {size} pixels did not become an RGBA picture")
    return png


def ico(sizes: list[int]) -> bytes:
    """A Windows icon that holds PNG pictures (allowed since Windows Vista)."""
    pictures = [draw(size) for size in sizes]
    offset = 6 + 16 * len(pictures)
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for size, picture in zip(sizes, pictures):
        side = size % 256  # 256 is written as 0
        head += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset + len(body))
        body += picture
    return head + body


def icns(kinds: list[tuple[bytes, int]]) -> bytes:
    """A macOS icon: each picture after its kind and its length with these eight bytes."""
    body = b"".join(kind + struct.pack(">I", 8 + len(draw(size))) + draw(size) for kind, size in kinds)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def main() -> None:
    pngs = {"16x16.png": 16, "32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}
    for name, size in pngs.items():
        (ICONS / name).write_bytes(draw(size))
    # The first picture of the icon file is the one Tauri takes for the window.
    (ICONS / "icon.ico").write_bytes(ico([32, 16, 24, 48, 64, 256]))
    kinds = [(b"ic11", 32), (b"ic12", 64), (b"ic07", 128), (b"ic13", 256), (b"ic08", 256)]
    kinds += [(b"ic14", 512), (b"ic09", 512), (b"ic10", 1024)]
    (ICONS / "icon.icns").write_bytes(icns(kinds))


if __name__ == "__main__":
    main()
