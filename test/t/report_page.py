#!/usr/bin/env python3
"""What a browser makes of the pages of test/t/report_page.sh.

usage: report_page.py FOLDER CHROMIUM [PICTURES]

FOLDER holds NAME.html, and NAME.json with what the views say.  Each page is laid out in frames: wide and on a phone,
light and dark, as on paper, with its tables open.  Looked at are boxes and colours, not pictures of a kept run: fonts
differ from machine to machine.
"""
import base64
import json
import pathlib
import re
import socketserver
import subprocess
import sys
import threading

folder, chromium = pathlib.Path(sys.argv[1]), sys.argv[2]
pictures = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
PAPER = 703  # A4 without its margins, in pixels
failures = []

# Runs in each frame, and tells the page around it.
MEASURE = r"""
const mode = location.hash.slice(1).split(',')[1];
if (mode === 'open') document.querySelectorAll('details').forEach(d => d.open = true);
const width = document.documentElement.clientWidth, problems = [], boxes = [];
const shown = e => e.checkVisibility() && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.vh');
const label = e => (e.closest('[class]')?.getAttribute('class') ?? e.tagName) + ': ' + e.textContent.trim().slice(0, 40);
const channels = c => c.match(/[\d.]+/g).map(Number);
const light = c => channels(c).slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
const page = getComputedStyle(document.body).backgroundColor;
let least = 99, marks = 99;
if (document.documentElement.scrollWidth > width) problems.push('the page is ' + document.documentElement.scrollWidth + ' wide');
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; node = walker.nextNode();) {
    const e = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'TITLE', 'DESC', 'STYLE', 'title', 'desc'].includes(e.tagName) || !shown(e)) continue;
    const style = getComputedStyle(e), ratio = contrast(e.closest('svg') ? style.fill : style.color, page);
    least = Math.min(least, ratio);
    if (ratio < 4.5) problems.push('contrast ' + ratio.toFixed(2) + ' of ' + label(e));
    const range = document.createRange();
    range.selectNodeContents(node);
    const clip = e.closest('.cl')?.getBoundingClientRect();
    for (const r of range.getClientRects()) {
        // what is cut off on purpose ends where its cell does
        const bottom = clip ? Math.min(r.bottom, clip.bottom) : r.bottom;
        if (r.width < 1 || bottom - r.top < 2) continue;
        if (!e.closest('.sc') && (r.left < -0.5 || r.right > width + 0.5)) problems.push('beyond the edge: ' + label(e));
        boxes.push({ left: r.left, right: r.right, top: r.top, bottom: bottom, e: e });
    }
}
boxes.sort((a, b) => a.top - b.top);
for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom - 4; j++) {
        const [a, b] = [boxes[i], boxes[j]];
        if (a.e !== b.e && !a.e.contains(b.e) && !b.e.contains(a.e) && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)
            problems.push('overlap: ' + label(a.e) + ' / ' + label(b.e));
    }
for (const e of document.querySelectorAll('.iv, .dot, .tick, .pt, .ln, .goal, rect:not(.nbg):not(.pale)')) {
    const style = getComputedStyle(e), colours = [style.fill, style.stroke].filter(c => c.startsWith('rgb') && c !== page);
    const ratio = Math.max(...colours.map(c => contrast(c, page)));
    marks = Math.min(marks, ratio);
    if (ratio < 3) problems.push('contrast ' + ratio.toFixed(2) + ' of a mark: ' + e.getAttribute('class'));
}
const cells = section => [...document.querySelectorAll(section + ' details tbody tr')].map(r => [...r.cells].map(c => c.textContent.replace(/\s+/g, ' ').trim()));
parent.postMessage(JSON.stringify({ name: location.hash.slice(1), problems: [...new Set(problems)].slice(0, 12), texts: boxes.length, least: least, marks: marks, page: page,
    height: document.documentElement.scrollHeight, title: document.title, h1: document.querySelector('h1')?.textContent, scripts: document.scripts.length - 1,
    big: document.querySelector('.big')?.textContent ?? null, trend: cells('.trend'), dist: cells('.dist'), headings: document.querySelectorAll('h1, h2').length,
    named: [...document.querySelectorAll('section, svg[role=img]')].every(e => e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby').split(' ')[0])?.textContent),
    heads: [...document.querySelectorAll('table')].every(t => t.querySelector('th')) }), '*');
"""


def fail(what):
    failures.append(what)
    print("FAILED ", what)


# Every request of the browser comes here, also those to this machine.
requested = []


class Proxy(socketserver.StreamRequestHandler):
    def handle(self):
        requested.append(self.rfile.readline().decode("latin-1").strip())
        self.wfile.write(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")


proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy)
proxy.daemon_threads = True
threading.Thread(target=proxy.serve_forever, daemon=True).start()


def browse(*arguments):
    return subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--user-data-dir=" + str(folder / "profile"), "--proxy-server=127.0.0.1:%d" % proxy.server_address[1],
         "--proxy-bypass-list=<-loopback>", *arguments], capture_output=True, timeout=300)


def measured(name):
    """The page as it is, but for the policy, which would forbid measuring, and with the script behind it."""
    html = (folder / (name + ".html")).read_text("ascii")
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    (folder / (name + ".measured.html")).write_text(html.replace("</body>", "<script>" + MEASURE + "</script></body>"))
    # on paper: what is for print is for all, what is for screens for none
    paper = html.replace("@media print", "@media all").replace("@media screen", "@media (max-width:0)")
    (folder / (name + ".paper.html")).write_text(paper.replace("</body>", "<script>" + MEASURE + "</script></body>"))


def look(names, dark):
    frames = []
    for name in names:
        for mode, width, file in (("wide", 1280, "measured"), ("phone", 390, "measured"), ("small", 320, "measured"), ("tablet", 800, "measured"), ("open", 390, "measured"),
                                  ("paper", PAPER, "paper")):
            if mode in ("wide", "phone") or not dark and (mode == "paper" or json.loads((folder / (name + ".json")).read_text("utf-8"))):
                frames.append('<iframe style="width:%dpx;height:900px" src="%s.%s.html#%s,%s"></iframe>' % (width, name, file, name, mode))
    around = folder / "around.html"
    around.write_text("<body>" + "".join(frames) + "<script>onmessage = e => { const p = document.createElement('pre'); p.className = 'found';"
                      "p.textContent = btoa(unescape(encodeURIComponent(e.data))); document.body.append(p); }</script></body>")
    # the browser's time is not the machine's: on a busy one a frame may not be there when it ends
    for budget in (60000, 240000, 960000):
        done = browse("--window-size=1400,900", "--virtual-time-budget=%d" % budget, "--blink-settings=preferredColorScheme=%d" % (0 if dark else 1), "--dump-dom",
                      around.as_uri())
        found = [json.loads(base64.b64decode(m)) for m in re.findall(rb'<pre class="found">([^<]*)</pre>', done.stdout)]
        if len(found) == len(frames):
            break
    if len(found) != len(frames):
        fail("%d of %d frames were laid out: %s" % (len(found), len(frames), done.stderr[-500:].decode("utf-8", "replace")))
    return found


names = sorted(p.stem for p in folder.glob("*.json"))
for name in names:
    measured(name)
heights = {}
for dark in (False, True):
    for page in look(names, dark):
        name, mode = page["name"].split(",")
        where = "%s, %s%s" % (name, mode, ", dark" if dark else "")
        said = json.loads((folder / (name + ".json")).read_text("utf-8"))
        for problem in page["problems"]:
            fail("%s: %s" % (where, problem))
        light = sum(int(c) for c in re.findall(r"\d+", page["page"])[:3])
        if light > 200 if dark else light < 600:
            fail("%s: the page is %s" % (where, page["page"]))
        for what, is_right in (("runs a script of somebody else", page["scripts"] == 0), ("has a picture without a name", page["named"]), ("has a table without a head", page["heads"]),
                               ("has another title: " + page["title"], page["title"].startswith(page["h1"])), ("has no texts", page["texts"] > 5),
                               # of the variants of a page, the numbers are looked at in one
                               *(said and (("has the score %s, not %s" % (page["big"], said["big"]), page["big"] == said["big"]),
                                           ("has another trend", page["trend"] == said["trend"]), ("has another distribution", page["dist"] == said["dist"])) or ())):
            if not is_right:
                fail("%s: %s" % (where, what))
        if not dark:
            heights[name, mode] = page["height"]
        print("%-24s %5d pixels high, %4d texts, contrast of text %.1f, of marks %.1f" % (where, page["height"], page["texts"], page["least"], page["marks"]))

# Printed, it has some pages of A4, and no more than its height on paper takes.
for name in names:
    pdf = folder / (name + ".pdf")
    browse("--no-pdf-header-footer", "--print-to-pdf=" + str(pdf), (folder / (name + ".html")).as_uri())
    content = pdf.read_bytes() if pdf.exists() else b""
    pages = len(re.findall(rb"/Type\s*/Page\b", content))
    sizes = {tuple(round(float(v)) for v in m.split()) for m in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", content)}
    if not pages or sizes != {(0, 0, 595, 842)} or pages > heights.get((name, "paper"), 0) / 700 + 2:
        fail("%s: printed on %d pages of %s" % (name, pages, sizes))

# No page makes the browser ask anybody for anything; that it would be noticed is tried.
ours = [r for r in requested if "127.0.0.1:8099/" in r]
if ours:
    fail("the pages ask for %s" % ours)
(folder / "control.html").write_text('<img src="http://127.0.0.1:8099/control.png">')
browse("--virtual-time-budget=5000", "--dump-dom", (folder / "control.html").as_uri())
if not any("control.png" in r for r in requested):
    fail("a request of a page is not noticed")

if pictures:
    pictures.mkdir(parents=True, exist_ok=True)
    for name in names:
        for mode, width, scheme in (("wide", 1280, 1), ("dark", 1280, 0), ("phone", 390, 1)):
            height = heights.get((name, "phone" if mode == "phone" else "wide"), 900)
            (folder / "frame.html").write_text('<body style="margin:0"><iframe src="%s.html" style="border:0;display:block;width:%dpx;height:%dpx"></iframe></body>' % (name, width, height))
            browse("--blink-settings=preferredColorScheme=%d" % scheme, "--window-size=%d,%d" % (max(width, 500), height), "--screenshot=" + str(pictures / ("%s-%s.png" % (name, mode))),
                   (folder / "frame.html").as_uri())

print("%d pages, %d problems" % (len(names), len(failures)))
sys.exit(1 if failures else 0)
