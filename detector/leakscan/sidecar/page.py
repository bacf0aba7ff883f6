"""The status page: one document without anything from elsewhere, drawn from `/status.json`.

Everything is put in as text, never as markup. Not here: the numbers (`admin`).
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

_STYLE: Final = """
:root { color-scheme: light dark; --line: #2563eb; --soft: #8884; --bad: #b91c1c; --good: #15803d }
@media (prefers-color-scheme: dark) { :root { --line: #7aa2ff; --bad: #f87171; --good: #4ade80 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 } h2 { font-size: 1rem; margin: 2rem 0 .5rem }
#peak { color: GrayText; font-weight: 400 }
header { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap }
#ready { font-weight: 600 } #ready.yes { color: var(--good) } #ready.no { color: var(--bad) }
.tiles { display: grid; gap: 1rem; margin-top: 1.5rem }
.tiles { grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)) }
.tile { border: 1px solid var(--soft); border-radius: .5rem; padding: .6rem .8rem }
.tile b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums }
svg { width: 100%; height: 7rem; display: block; border-bottom: 1px solid var(--soft) }
polyline { fill: none; stroke: var(--line); stroke-width: 2; vector-effect: non-scaling-stroke }
.rule { display: grid; grid-template-columns: 16rem 1fr 6rem; gap: 1rem }
.rule { align-items: center; border-top: 1px solid var(--soft) }
.rule svg { height: 1.8rem; border: 0 }
.rule span:last-child { text-align: right; font-variant-numeric: tabular-nums }
@media (max-width: 40rem) { .rule { grid-template-columns: 1fr 5rem } .rule svg { display: none } }
footer, .none { color: GrayText }
"""
_SCRIPT: Final = """
'use strict';
const $ = id => document.getElementById(id);
const n = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
function rates(points, value) {
  const out = [];
  for (let i = 1; i < points.length; i++) {
    const seconds = points[i].at - points[i - 1].at;
    out.push(seconds > 0 ? Math.max(0, (value(points[i]) - value(points[i - 1])) / seconds) : 0);
  }
  return out;
}
function curve(values) {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('viewBox', '0 0 300 100');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'presentation');
  const line = document.createElementNS(ns, 'polyline');
  const top = Math.max(1e-9, ...values);
  const first = 300 - values.length;
  line.setAttribute('points', values.map((v, i) => (first + i) + ',' + (98 - 96 * v / top)).join(' '));
  svg.append(line);
  return svg;
}
function text(tag, value, name) {
  const element = document.createElement(tag);
  element.textContent = value;
  if (name) element.className = name;
  return element;
}
function tile(label, value) {
  const box = document.createElement('div');
  box.className = 'tile';
  box.append(text('b', value), text('span', label));
  return box;
}
function rows(points, key) {
  const last = points[points.length - 1][key];
  const names = Object.keys(last).sort((a, b) => last[b] - last[a]);
  if (!names.length) return [text('p', 'none so far', 'none')];
  return names.map(name => {
    const row = document.createElement('div');
    row.className = 'rule';
    const line = curve(rates(points, p => p[key][name] || 0));
    row.append(text('span', name), line, text('span', n.format(last[name])));
    return row;
  });
}
function counts(numbers) {
  const shown = Object.entries(numbers).map(
    ([name, number]) => (name === '0' ? 'no answer' : name) + ': ' + n.format(number));
  return shown.join(', ') || 'none so far';
}
async function draw() {
  try {
    const status = await (await fetch('status.json')).json();
    $('ready').textContent = status.ready ? 'ready' : 'not ready';
    $('ready').className = status.ready ? 'yes' : 'no';
    const points = status.points;
    if (points.length) {
      const bytes = rates(points, p => p.bytes), records = rates(points, p => p.records);
      const sum = counts => Object.values(counts).reduce((a, b) => a + b, 0);
      const last = points[points.length - 1];
      $('tiles').replaceChildren(
        tile('MB a second', n.format((bytes[bytes.length - 1] || 0) / 1e6)),
        tile('records a second', n.format(records[records.length - 1] || 0)),
        tile('records', n.format(last.records)),
        tile('secrets taken out', n.format(sum(last.rules))),
        tile('not scanned', n.format(sum(last.unscanned))),
        tile('in flight', n.format(status.gauges.leakscan_in_flight_requests)));
      $('throughput').replaceChildren(curve(bytes));
      $('peak').textContent = 'peak ' + n.format(Math.max(0, ...bytes) / 1e6) + ' MB a second';
      $('rules').replaceChildren(...rows(points, 'rules'));
      $('unscanned').replaceChildren(...rows(points, 'unscanned'));
    }
    $('codes').textContent = counts(status.codes);
    $('refused').textContent = counts(status.refused);
    const about = status.about;
    $('about').textContent =
      'leakscan ' + about.version + ', configuration ' + about.config + ', ' + about.workers + ' worker(s)';
  } catch (error) {
    $('ready').textContent = 'no answer';
    $('ready').className = 'no';
  }
  setTimeout(draw, 2000);
}
draw();
"""
PAGE: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>leakscan sidecar</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
</head>
<body>
<header><h1>leakscan sidecar</h1><span id="ready" role="status">loading</span></header>
<div id="tiles" class="tiles"></div>
<h2>Throughput, the last ten minutes <span id="peak"></span></h2><div id="throughput"></div>
<h2>Secrets taken out, by rule</h2><div id="rules"></div>
<h2>Not scanned, by reason</h2><div id="unscanned"></div>
<h2>Answers of upstream</h2><p id="codes"></p>
<h2>Refused here</h2><p id="refused"></p>
<footer id="about"></footer>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


#: Only this script and this style run, and only this server is asked.
POLICY: Final = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
