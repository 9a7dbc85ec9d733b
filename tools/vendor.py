"""Fetches what other people wrote for the browser, at the versions named here, with their licences.

    python tools/vendor.py

Packages come through `npm pack`, so npm's own settings say from where. What is fetched is committed: nobody
needs npm to run or test the console, only to refresh these files.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "console/web/static"
PAGES = STATIC / "vendor"
TESTS = ROOT / "tests/browser/vendor"

FILES = {
    "htmx.org@4.0.1": (
        ("dist/htmx.min.js", PAGES / "htmx-4.0.1.min.js"),
        ("dist/ext/hx-ws.min.js", PAGES / "htmx-ws-4.0.1.min.js"),
        ("LICENSE", PAGES / "htmx-LICENSE.txt"),
    ),
    "axe-core@4.14.1": (
        ("axe.min.js", TESTS / "axe-4.14.1.min.js"),
        ("LICENSE", TESTS / "axe-LICENSE.txt"),
    ),
}

LUCIDE = "lucide-static@1.62.0"
ICONS = [
    "activity",
    "archive",
    "arrow-down-to-line",
    "arrow-left",
    "arrow-right",
    "bell",
    "bell-ring",
    "bold",
    "book-open",
    "check",
    "chevron-down",
    "chevron-right",
    "chevrons-up",
    "circle",
    "circle-check",
    "circle-help",
    "circle-pause",
    "clipboard-pen",
    "clock",
    "cloud-check",
    "coffee",
    "copy",
    "corner-down-right",
    "ellipsis",
    "eye",
    "file-pen-line",
    "flag",
    "git-branch",
    "globe",
    "graduation-cap",
    "grid-3x3",
    "grip-vertical",
    "heading",
    "headphones",
    "history",
    "image",
    "inbox",
    "info",
    "keyboard",
    "languages",
    "link",
    "list-checks",
    "list-filter",
    "list-ordered",
    "lock",
    "log-out",
    "mail",
    "map-pin",
    "message-square",
    "mic",
    "mic-off",
    "minus",
    "monitor",
    "octagon-alert",
    "package-check",
    "panel-left-open",
    "paperclip",
    "pause",
    "pencil",
    "phone",
    "phone-forwarded",
    "phone-incoming",
    "phone-missed",
    "phone-off",
    "phone-outgoing",
    "play",
    "plug-zap",
    "plus",
    "power",
    "refresh-cw",
    "rotate-ccw",
    "route",
    "search",
    "search-check",
    "search-x",
    "send",
    "shield-check",
    "sticky-note",
    "thumbs-down",
    "thumbs-up",
    "timer",
    "trash-2",
    "triangle-alert",
    "undo-2",
    "user",
    "user-plus",
    "users",
    "volume-2",
    "wifi",
    "wifi-off",
    "x",
    "zap",
]


def main() -> None:
    """Fetch every package and write its files."""
    with tempfile.TemporaryDirectory() as scratch:
        for package, files in FILES.items():
            unpacked = fetch(package, Path(scratch))
            for theirs, ours in files:
                ours.parent.mkdir(parents=True, exist_ok=True)
                ours.write_bytes(without_map(unpacked / theirs))
        unpacked = fetch(LUCIDE, Path(scratch))
        (STATIC / "icons.svg").write_text(sprite(unpacked / "icons"))
        (PAGES / "lucide-LICENSE.txt").write_bytes((unpacked / "LICENSE").read_bytes())


def fetch(package: str, scratch: Path) -> Path:
    """The unpacked folder of an npm package."""
    packed = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=scratch, check=True, capture_output=True, text=True
    )
    folder = scratch / package.replace("/", "-")
    with tarfile.open(scratch / packed.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def without_map(file: Path) -> bytes:
    """Its bytes, without the reference to a source map that is not served."""
    return re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", file.read_bytes())


def sprite(icons: Path) -> str:
    """One SVG with a symbol `i-NAME` for each icon."""
    symbols = []
    for name in ICONS:
        svg = (icons / f"{name}.svg").read_text()
        drawing = " ".join(re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)[1].split())  # type: ignore[index]  # an icon that is no SVG is an accident worth its traceback
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{drawing}</symbol>')
    version = LUCIDE.rpartition("@")[2]
    head = f"<!-- Lucide {version}, ISC licence: vendor/lucide-LICENSE.txt. Made by tools/vendor.py. -->"
    return "\n".join([head, '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""])


if __name__ == "__main__":
    main()
