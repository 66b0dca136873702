"""Turn a title and what is to be seen into one HTML page that needs nothing beside itself, light or dark."""

from collections.abc import Iterable
from html import escape

STYLE = """
:root{color-scheme:light dark;--paper:#f5f6f8;--card:#fff;--ink:#1d2430;--soft:#5f6b7a;--line:#e1e5ea;
--good:#2f7d5b;--good-back:#e0f1e7;--fair:#96600f;--fair-back:#fbf0d7;--bad:#b4443c;--bad-back:#fbe9e6}
@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#9aa6b5;--line:#303945;
--good:#6cc79b;--good-back:#1d3529;--fair:#e0b25a;--fair-back:#3a2f18;--bad:#ec8a80;--bad-back:#3d2421}}
*{box-sizing:border-box;margin:0}
body{font:15px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;color:var(--ink);background:var(--paper)}
header,main{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:28px}main{padding-top:16px;padding-bottom:60px}
h1{font-size:26px;font-weight:650;letter-spacing:-.01em}h2{font-size:18px;margin:0 0 10px}
h2 small{color:var(--soft);font-weight:400;font-size:14px;margin-left:8px}
.note{color:var(--soft)}
.card,.tiles div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:12px;margin-top:18px}
.tiles b{display:block;font-size:22px}.tiles span{color:var(--soft);font-size:13px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
tr:last-child td{border-bottom:0}
th{color:var(--soft);font-weight:600;font-size:13px;vertical-align:bottom}
"""


def write_page(title: str, style: str, content: str) -> str:
    """Return the page, with a style of its own after that of all pages; `content` is HTML: a header and a main."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style>\n{content}</html>\n"
    )


def tiles(counts: Iterable[tuple[str, int, str]]) -> str:
    """Return a row of numbers, each with its class, and what it counts."""
    shown = (f'<div class="{kind}"><b>{count:,}</b><span>{escape(said)}</span></div>' for kind, count, said in counts)
    return f'<div class="tiles">{"".join(shown)}</div>'
