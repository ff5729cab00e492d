"""Pages that need nothing else: no script, no font, no network. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def html(title: str, parts: Sequence[str]) -> str:
    """Elements as a whole page, with the classes and colours that `plots` uses."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def figure(title: str, drawn: str, said: str) -> str:
    """What is drawn, with a title above and what it says below."""
    return (
        f"<figure><h2>{escape(title)}</h2>{drawn}<figcaption>{escape(said)}</figcaption></figure>"
    )


_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1f2328; --soft: #59636e; --rule: #d9dee4;
  --rail: #eceff3; --one: #2563c9; --two: #b4540a;
  --three: #2d7d46; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --text: #e4e8ec; --soft: #9aa5b1;
  --rule: #343b44; --rail: #262c33; --one: #6ea8fe; --two: #f0a35e;
  --three: #6cc28a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 3rem; background: var(--back);
  color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .35rem 0; overflow-wrap: anywhere; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem;
  list-style: none; margin: .75rem 0 1.5rem; padding: 0; }
.cards li { border: 1px solid var(--rule); border-radius: 8px; padding: .7rem .9rem;
  color: var(--soft); font-size: .875rem; }
.cards b { display: block; color: var(--text); font-size: 1.5rem; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; border: 1px solid var(--rule); border-radius: 8px; padding: .9rem; min-width: 0;
  display: flex; flex-direction: column; }
figure h2 { margin: 0 0 .5rem; }
figcaption, footer { color: var(--soft); font-size: .875rem; }
figcaption { margin-top: auto; padding-top: .5rem; }
footer { margin-top: 2rem; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--rule); stroke-width: 1; }
.tick { font-size: 11px; fill: var(--soft); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; font-size: .875rem; font-weight: 600; }
.mid { text-anchor: middle; } .end { text-anchor: end; } .start { text-anchor: start; }
.one { color: var(--one); fill: var(--one); stroke: none; }
.three { color: var(--three); fill: var(--three); stroke: none; }
.two { color: var(--two); fill: var(--two); stroke: none; }
.line { fill: none; stroke: currentColor; stroke-width: 2; }
.ideal, .mark path { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; fill: none; }
.dots circle { fill-opacity: .55; stroke: currentColor; stroke-width: 1.5; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem;
  font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--rule); }
th:first-child { text-align: left; font-weight: 400; }
.wide th:first-child { min-width: 9rem; overflow-wrap: anywhere; }
thead th, thead th:first-child { color: var(--soft); font-weight: 600; }
.bar { width: 6rem; height: 8px; } .rail { fill: var(--rail); }
"""
