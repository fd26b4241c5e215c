
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const spots = data.spots.map((text) => JSON.parse(text));
  const page = document.getElementById("page");
  const GROUPS = 60, LEAKS = 40, PRINTED = 300, SPANS = 3000;
  const number = (n) => n.toLocaleString("en-US");
  /* TestItem9 comes before TestItem10. */
  const natural = new Intl.Collator("en", { numeric: true }).compare;
  const count = (n, one) => number(n) + " " + one + (n === 1 ? "" : "s");

  /* Elements are made of text nodes and attributes only: whatever a name contains, it stays a name. */
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  }
  function svg(tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  /* What can be scrolled can be reached by keyboard. */
  function scrollable(tag, cls, label, ...children) {
    return el(tag, { class: cls, tabindex: "0", role: "region", "aria-label": label }, ...children);
  }
  /* Backticked parts of our own sentences are code. */
  function prose(text) {
    const parts = text.split("`");
    if (parts.length % 2 === 0) return [text];
    return parts.map((part, index) => (index % 2 ? el("code", {}, part) : part));
  }

  /* ---- head ---- */
  function head() {
    const failed = data.exit_code !== 0;
    const badge = el("span", { class: "badge " + (failed ? "bad" : "good") }, failed ? "FAIL" : "PASS");
    const facts = [data.started, data.go, "took " + data.elapsed, data.shard && "shard " + data.shard, failed && "exit code " + data.exit_code];
    const theme = el("button", { type: "button", class: "small", id: "theme", onclick: flipTheme }, "Dark / light");
    return el("header", {},
      el("div", {}, el("h1", {}, badge, data.title),
        el("p", {}, el("code", {}, "leakgate " + data.command)),
        el("p", {}, facts.filter(Boolean).join(" · "))),
      theme);
  }
  function flipTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }
  function tiles() {
    const s = data.summary;
    const all = [
      [s.leaks, "leaks", s.leaks ? "bad" : "", true], [s.leaked, "leaked goroutines", s.leaked ? "bad" : ""], [s.tests_leaking, "leaking tests", s.tests_leaking ? "bad" : "", true],
      [s.stuck, "stuck tests", "bad"], [s.inconclusive, "inconclusive packages", "warn"],
      [s.late, "late", "warn"], [s.warned, "warned", "warn"], [s.allowed, "allowed", ""], [s.baselined, "baselined", ""], [s.background, "background", ""],
      [s.tests, "tests in " + count(s.packages, "package"), "", true], [s.tests_failed, "failed tests", "bad"], [s.tests_skipped, "skipped tests", ""],
    ];
    return el("section", { "aria-labelledby": "summary-title" }, el("h2", { class: "sr", id: "summary-title" }, "Summary"), el("ul", { class: "tiles" },
      all.filter((tile) => tile[0] > 0 || tile[3]).map(([n, text, tone]) => el("li", { class: tone }, el("b", {}, number(n)), el("span", {}, text)))));
  }

  /* ---- chart ---- */
  const chart = { package: null, spans: [], at: -1 };
  function leaksOf(path) {
    return data.leaks.filter((leak) => leak.tab === "leaks" && leak.kind === "leak" && leak.package === path);
  }
  function chartPanel() {
    /* Without a test that has a time there is nothing to see in it. */
    const charted = data.packages.filter((p) => p.samples.length > 1 && p.tests.some((test) => test.start !== undefined));
    if (!charted.length) return null;
    const weight = new Map();
    for (const leak of data.leaks) if (leak.kind === "leak") weight.set(leak.package, (weight.get(leak.package) || 0) + leak.count);
    charted.sort((a, b) => (weight.get(b.path) || 0) - (weight.get(a.path) || 0) || natural(a.path, b.path));
    const choose = el("select", { id: "chart-package", "aria-label": "Package of the chart" },
      charted.slice(0, 500).map((p, index) => el("option", { value: index }, p.path + (weight.get(p.path) ? " (" + number(weight.get(p.path)) + " leaked)" : ""))));
    choose.addEventListener("change", () => { chart.package = charted[Number(choose.value)]; chart.at = -1; draw(); });
    chart.package = charted[0];
    const box = el("div", { id: "chart", tabindex: "0", role: "group", "aria-label": "Goroutines over the run; arrow keys move between leaking tests, Enter shows their leaks" });
    box.addEventListener("keydown", chartKeys);
    const legend = el("ul", { class: "legend", "aria-hidden": "true" },
      [["l-count", "goroutines"], ["l-leaked", "leaked so far (they stay)"], ["l-test", "test"], ["l-leaks", "leaking test"], ["l-failed", "failed test"]]
        .map(([cls, text]) => el("li", {}, el("i", { class: cls }), text)));
    const table = el("details", { class: "more" }, el("summary", {}, "The chart as a table"));
    table.addEventListener("toggle", () => { if (table.open) fillTable(table); });
    addEventListener("resize", () => draw());
    return el("section", { class: "panel", "aria-labelledby": "chart-title" },
      el("div", { class: "bar" }, el("h2", { id: "chart-title" }, "Goroutines over the run"), choose),
      box, legend, el("p", { id: "chart-say", class: "quiet", "aria-live": "polite" }), table);
  }
  function fillTable(details) {
    details.querySelectorAll("table, p").forEach((node) => node.remove());
    const rows = chart.package.tests.filter((test) => test.start !== undefined);
    details.append(el("table", {},
      el("thead", {}, el("tr", {}, ["test", "outcome", "begin", "end"].map((text, i) => el("th", { scope: "col", class: i > 1 ? "n" : null }, text)))),
      el("tbody", {}, rows.slice(0, 500).map((test) => el("tr", {},
        el("td", { class: "mono" }, test.name), el("td", {}, test.leaks ? test.outcome + ", leaks" : test.outcome),
        el("td", { class: "n" }, test.start.toFixed(1) + " ms"), el("td", { class: "n" }, test.end === undefined ? "never" : test.end.toFixed(1) + " ms"))))));
    if (rows.length > 500) details.append(el("p", { class: "quiet" }, "The first 500 of " + number(rows.length) + " tests."));
  }
  /* Tests side by side: each in the first lane that is free at its begin. Of too many, leaking and failed ones go first. */
  function lanes(tests, last) {
    let spans = tests.filter((test) => test.start !== undefined).map((test) => ({ test, from: test.start, to: Math.max(test.end === undefined ? last : test.end, test.start) }));
    if (spans.length > SPANS) {
      const told = spans.filter((span) => span.test.leaks || span.test.outcome === "failed");
      const rest = spans.filter((span) => !(span.test.leaks || span.test.outcome === "failed"));
      const thin = (all, room) => { const every = Math.ceil(all.length / Math.max(1, room)); return all.filter((_, index) => index % every === 0); };
      spans = thin(told, SPANS * 0.8).concat(thin(rest, SPANS - Math.min(told.length, SPANS * 0.8)));
    }
    spans.sort((a, b) => a.from - b.from || b.to - a.to);
    const ends = [];
    for (const span of spans) {
      let lane = ends.findIndex((end) => end <= span.from);
      if (lane < 0) lane = ends.length < 24 ? ends.push(0) - 1 : 23;
      ends[lane] = span.to;
      span.lane = lane;
    }
    return { spans, lanes: Math.max(1, ends.length) };
  }
  function ticks(max, wanted) {
    const rough = max / wanted, power = Math.pow(10, Math.floor(Math.log10(rough || 1)));
    const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) || 1;
    const all = [];
    for (let at = 0; at <= max + step / 1e6; at += step) all.push(at);
    return all;
  }
  const clock = (ms, span) => (span >= 10000 ? (ms / 1000).toFixed(span >= 100000 ? 0 : 1) + " s" : span < 5 ? ms.toFixed(1) + " ms" : Math.round(ms) + " ms");
  function draw() {
    const box = document.getElementById("chart");
    if (!box) return;
    const pkg = chart.package, width = Math.max(280, box.clientWidth), left = 46, right = 10, top = 10, plot = 170;
    const steps = leaksOf(pkg.path).flatMap((leak) => leak.steps).sort((a, b) => a[0] - b[0]);
    /* Settling after the last test takes long beside short tests: it is drawn as a short tail. */
    const settled = pkg.samples[pkg.samples.length - 1][0];
    const ended = pkg.tests.reduce((end, test) => Math.max(end, test.end || test.start || 0), 0);
    const last = Math.max(1, ended > 0 && settled > ended * 1.1 ? ended * 1.06 : Math.max(settled, ended));
    const base = pkg.samples[0][1];
    const total = steps.reduce((sum, step) => sum + step[1], 0);
    const high = pkg.samples.reduce((most, sample) => Math.max(most, sample[1]), Math.max(base + total, base + 2));
    const laid = lanes(pkg.tests, last), rowHeight = Math.max(4, Math.min(12, 96 / laid.lanes)), height = top + plot + 26 + laid.lanes * rowHeight + 4;
    const x = (ms) => left + (width - left - right) * (Math.min(ms, last) / last);
    const y = (n) => top + plot - plot * (n / (high * 1.06));
    const image = svg("svg", { viewBox: "0 0 " + width + " " + height, height, role: "img" },
      svg("title", {}, count(total, "goroutine") + " leaked in " + pkg.path + ": from " + base + " at the start to " + pkg.samples[pkg.samples.length - 1][1] + " at the end"));
    for (const n of ticks(high, 4).filter(Number.isInteger)) {
      image.append(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(n), y2: y(n) }));
      image.append(svg("text", { x: left - 6, y: y(n) + 4, "text-anchor": "end" }, number(n)));
    }
    for (const ms of ticks(last, Math.max(2, Math.floor(width / 170)))) {
      image.append(svg("text", { x: Math.min(x(ms), width - right - 4), y: top + plot + 17, "text-anchor": ms === 0 ? "start" : x(ms) > width - 50 ? "end" : "middle" }, clock(ms, last)));
    }
    let path = "M" + x(pkg.samples[0][0]) + " " + y(pkg.samples[0][1]);
    for (const [ms, n] of pkg.samples.slice(1)) path += "H" + x(ms).toFixed(1) + "V" + y(n).toFixed(1);
    path += "H" + x(last).toFixed(1);
    image.append(svg("path", { class: "area", d: path + "V" + y(0) + "H" + x(pkg.samples[0][0]) + "Z" }));
    if (steps.length) {
      let level = base, stays = "M" + x(steps[0][0]).toFixed(1) + " " + y(base).toFixed(1);
      for (const [ms, n] of steps) { level += n; stays += "H" + x(ms).toFixed(1) + "V" + y(level).toFixed(1); }
      image.append(svg("path", { class: "leaked", d: stays + "H" + x(last).toFixed(1) + "V" + y(base).toFixed(1) + "Z" }));
    }
    image.append(svg("path", { class: "count", d: path }));
    image.append(svg("line", { class: "base", x1: left, x2: width - right, y1: y(base), y2: y(base) }));
    image.append(svg("line", { class: "axis", x1: left, x2: width - right, y1: y(0), y2: y(0) }));
    chart.spans = [];
    for (const span of laid.spans) {
      const cls = span.test.leaks ? " leaks" : span.test.outcome === "failed" || span.test.outcome === "unfinished" ? " failed" : "";
      const bar = svg("rect", { class: "span" + cls, x: x(span.from).toFixed(1), width: Math.max(cls ? 2.5 : 1, x(span.to) - x(span.from) - 0.6).toFixed(1),
        y: (top + plot + 26 + span.lane * rowHeight).toFixed(1), height: (rowHeight - (rowHeight > 6 ? 2 : 1)).toFixed(1), rx: 1.5 }, svg("title", {}, span.test.name));
      bar.addEventListener("mouseenter", () => say(span));
      bar.addEventListener("click", () => search(span.test.name));
      if (cls) chart.spans.push({ span, bar });
      image.append(bar);
    }
    box.replaceChildren(image);
    const shown = laid.spans.length, all = pkg.tests.length;
    document.getElementById("chart-say").textContent = (shown < all ? number(shown) + " of " + count(all, "test") + " drawn. " : "")
      + (total ? count(total, "leaked goroutine") + " in " + count(pkg.tests.filter((test) => test.leaks).length, "test") + " of this package." : "No leaks in this package.")
      + (settled > last ? " The right edge is the settled end, " + Math.round(settled - ended) + " ms after the last test." : "");
  }
  function say(span) {
    const test = span.test;
    document.getElementById("chart-say").textContent = test.name + ": " + test.outcome + (test.leaks ? ", leaks" : "") + ", " + test.elapsed.toFixed(1) + " ms";
  }
  function chartKeys(event) {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move && chart.spans.length) {
      if (chart.at >= 0) chart.spans[chart.at].bar.classList.remove("on");
      chart.at = (chart.at + move + chart.spans.length) % chart.spans.length;
      const { span, bar } = chart.spans[chart.at];
      bar.classList.add("on");
      say(span);
      event.preventDefault();
    } else if (event.key === "Enter" && chart.at >= 0) {
      search(chart.spans[chart.at].span.test.name);
    }
  }

  /* ---- one leak ---- */
  const KEYWORDS = /^(?:break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var|nil)$/;
  function highlight(line) {
    const token = /(\/\/.*$)|("(?:[^"\\]|\\.)*"?|`[^`]*`?)|([A-Za-z_][A-Za-z0-9_]*)/g;
    const parts = [];
    let from = 0, match;
    while ((match = token.exec(line))) {
      const cls = match[1] ? "c" : match[2] ? "s" : KEYWORDS.test(match[3]) ? "k" : null;
      if (!cls) continue;
      parts.push(line.slice(from, match.index), el("span", { class: cls }, match[0]));
      from = match.index + match[0].length;
    }
    parts.push(line.slice(from));
    return parts;
  }
  function source(title, index) {
    if (index === undefined) return null;
    const spot = spots[index];
    const place = el("code", {}, spot.place);
    const linked = spot.url ? el("a", { href: spot.url, rel: "noopener noreferrer", target: "_blank" }, place) : place;
    const shared = Math.min(...spot.lines.filter((line) => line[1].trim()).map((line) => line[1].match(/^\t*/)[0].length), 99);
    return el("figure", {}, el("figcaption", {}, el("b", {}, title), " ", linked, " in ", el("code", {}, spot.func)),
      spot.lines.length ? scrollable("pre", "source", "Source of " + spot.place, spot.lines.map(([no, text]) =>
        el("span", { class: no === spot.line ? "row here" : "row" }, el("span", { class: "no" }, String(no)), highlight(text.slice(Math.min(shared, 98)).replace(/\t/g, "    ")), "\n"))) : null);
  }
  function stack(leak) {
    const frames = JSON.parse(data.stacks[leak.stack]);
    const own = frames.filter((frame) => frame.own);
    const row = (frame) => el("li", { class: frame.own ? "own" : "other" }, frame.created ? "started by " : "", el("code", {}, frame.func), el("code", { class: "at" }, frame.place));
    const list = el("ol", { class: "stack" }, (own.length > (own.some((f) => f.created) ? 1 : 0) ? own : frames).map(row));
    const hidden = frames.length - list.childElementCount;
    if (!hidden) return list;
    const all = el("button", { type: "button", class: "small" }, "Show all " + frames.length + " frames");
    all.addEventListener("click", () => { list.replaceChildren(...frames.map(row)); all.remove(); });
    return [list, all];
  }
  /* Who started whom, and who waits for whom: the root above, what hangs on it below. */
  const PICTURE_ROWS = 24;
  function picture(leak) {
    const rows = [{ name: leak.owner_short, count: leak.alone, depth: 0, up: -1 }];
    const seen = new Set();
    const below = (index, depth, up) => leak.members.forEach((member, at) => {
      if (member.to !== index || seen.has(at) || rows.length >= PICTURE_ROWS || depth > 12) return;
      seen.add(at);
      rows.push({ name: member.name, count: member.count, depth, up, member });
      below(at + 1, depth + 1, rows.length - 1);
    });
    below(0, 1, 0);
    const x = (row) => 12 + row.depth * 22, y = (row) => 16 + rows.indexOf(row) * 30;
    const shapes = [];
    for (const row of rows) {
      if (row.up >= 0) {
        const up = rows[row.up], waits = row.member.by === "wait" || row.member.by === "connection";
        shapes.push(svg("path", { class: waits ? "edge waits" : "edge", d: `M${x(up)} ${y(up) + 7}V${y(row)}H${x(row) - 7}` }));
        shapes.push(svg("path", { class: "head", d: waits ? `M${x(up) - 4} ${y(up) + 13}L${x(up)} ${y(up) + 6}L${x(up) + 4} ${y(up) + 13}Z` : `M${x(row) - 12} ${y(row) - 4}L${x(row) - 5} ${y(row)}L${x(row) - 12} ${y(row) + 4}Z` }));
      }
      shapes.push(svg("circle", { class: row.up < 0 ? "root" : "with", cx: x(row), cy: y(row), r: 5 }));
      const name = row.name.length > 64 ? row.name.slice(0, 62) + "…" : row.name;
      const words = { wait: "waits", connection: "connection", starter: "started", object: "same object", call: "same call" };
      shapes.push(svg("text", { x: x(row) + 12, y: y(row) + 4 }, name + (row.count > 1 ? " ×" + number(row.count) : "") + (row.member ? "  (" + (words[row.member.by] || row.member.by) + ")" : "")));
    }
    const say = rows.map((row) => row.name + (row.member ? ", " + row.member.joined : ", the root")).join("; ");
    return el("figure", { class: "picture" }, svg("svg", { viewBox: `0 0 720 ${rows.length * 30 + 4}`, role: "img", "aria-label": say }, ...shapes));
  }
  function withIt(leak) {
    if (!leak.members || !leak.members.length) return null;
    const more = leak.members.reduce((sum, member) => sum + member.count, 0);
    const one = (member) => {
      const node = el("details", { class: "member" }, el("summary", {}, el("code", {}, member.name), member.count > 1 ? " ×" + number(member.count) : "", ", " + member.joined));
      node.addEventListener("toggle", () => {
        if (node.open && node.childElementCount === 1) node.append(el("p", {}, prose(member.waits)), source("Blocked at", member.blocked) || "", ...[stack(member)].flat());
      });
      return node;
    };
    return el("section", { class: "with" }, el("h5", {}, "With it: " + count(more, "more goroutine")), picture(leak), leak.members.map(one));
  }
  function copyButton(text, what) {
    const button = el("button", { type: "button", class: "small", "aria-label": "Copy " + what }, "Copy");
    button.addEventListener("click", () => {
      const done = () => { button.textContent = "Copied"; setTimeout(() => { button.textContent = "Copy"; }, 1500); };
      const area = el("textarea", {}, text);
      document.body.append(area);
      area.select();
      if (document.execCommand("copy")) done();
      area.remove();
      button.focus();
    });
    return button;
  }
  function testList(leak) {
    const name = ([test, path, n]) => el("li", {}, el("code", {}, test), path === leak.package ? "" : " in " + path, n > 1 ? " ×" + number(n) : "");
    const list = el("ul", { class: "stack" }, leak.tests.slice(0, 8).map(name));
    if (leak.tests.length <= 8) return list;
    const all = el("button", { type: "button", class: "small" }, "Show all " + number(leak.tests.length) + " tests");
    all.addEventListener("click", () => { list.replaceChildren(...leak.tests.map(name)); all.remove(); });
    return [list, all];
  }
  function body(leak) {
    const facts = [
      ["tests", testList(leak)], ["package", el("code", {}, leak.package)],
      ["how many", count(leak.count, "goroutine") + (leak.growth ? "; " + leak.growth : "")],
      ["state", el("code", {}, leak.state)], ["stack", stack(leak)],
      ["attributed", leak.attributed], ["evidence", leak.proof],
      leak.stuck && ["crash", leak.stuck],
      ...leak.notes.map((note) => ["note", prose(note)]),
      ...leak.ruling.map(([name, text]) => [name, /^https:\/\/[^\s]+$/.test(text) ? el("a", { href: text, rel: "noopener noreferrer", target: "_blank" }, text) : text]),
      ...leak.labels.map((label) => ["label", el("code", {}, label)]),
      ["owner", el("code", {}, leak.owner)],
      ["fingerprint", [el("code", {}, leak.id.replace(/-\d+$/, "")), " ", copyButton(leak.id.replace(/-\d+$/, ""), "fingerprint")]],
    ].filter(Boolean);
    return el("div", { class: "body" }, el("p", { class: "waits" }, prose(leak.waits)),
      el("div", { class: "spots" }, source("Led to by", leak.led), source("Called at", leak.called), source("Blocked at", leak.blocked), source("Started at", leak.started)),
      leak.fix ? el("p", { class: "fix" }, el("b", {}, "Fix"), prose(leak.fix)) : null,
      withIt(leak),
      el("dl", {}, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat()),
      leak.allow ? el("details", { class: "more allow" }, el("summary", {}, "Accept it for now: entry for leakgate.toml"), scrollable("pre", null, "Entry for leakgate.toml", leak.allow), copyButton(leak.allow, "entry")) : null);
  }
  function card(leak) {
    const places = [["led to by ", leak.led], ["blocked at ", leak.blocked], ["started at ", leak.started]].filter((it) => it[1] !== undefined).map((it) => it[0] + spots[it[1]].place);
    const more = leak.tests.length > 1 ? " and " + number(leak.tests.length - 1) + " more" : "";
    const node = el("details", { class: "leak " + leak.kind, id: "leak-" + leak.id },
      el("summary", {}, el("span", { class: "count" }, "×" + number(leak.count)),
        el("h4", { class: "name" }, el("bdi", {}, leak.tests[0][0]), more),
        el("span", { class: "badge " + ({ leak: "bad", stuck: "bad", late: "warn", warning: "warn" }[leak.kind] || "plain") },
          (leak.kind === "leak" ? "" : leak.kind + ": ") + leak.cause + (leak.evidence === "proven" ? " · proven" : "")),
        el("span", { class: "where" }, [leak.package, ...places, leak.owner_short].join(" · "))));
    const fill = () => { if (node.open && node.childElementCount === 1) node.append(body(leak)); };
    node.addEventListener("toggle", fill);
    node.fill = () => { node.open = true; fill(); };
    return node;
  }

  /* ---- lists ---- */
  const TABS = [["leaks", "Leaks"], ["late", "Late and warned"], ["allowed", "Allowed and baselined"], ["background", "Background"], ["packages", "Packages"], ["notices", "Notices"]];
  const state = { tab: "leaks", words: [], cause: "", package: "", by: "owner" };
  const haystacks = new Map();
  function haystack(leak) {
    let text = haystacks.get(leak);
    if (text === undefined) {
      const places = [leak.led, leak.called, leak.blocked, leak.started, ...(leak.members || []).map((member) => member.blocked)].filter((i) => i !== undefined).map((i) => spots[i].place + " " + spots[i].func);
      text = [leak.tests.map((test) => test[0]).join(" "), leak.package, leak.owner, leak.code, leak.cause, leak.id, leak.state, places.join(" "),
        leak.ruling.map((fact) => fact[1]).join(" "), data.stacks[leak.stack], ...(leak.members || []).map((member) => member.name + " " + data.stacks[member.stack])].join(" ").toLowerCase();
      haystacks.set(leak, text);
    }
    return text;
  }
  /* In the report's order of packages and rulings, tests counted as people count. */
  let inOrder;
  function ordered() {
    const place = new Map(data.leaks.map((leak, index) => [leak, index]));
    inOrder = inOrder || [...data.leaks].sort((a, b) => natural(a.package, b.package) || natural(a.tests[0][0], b.tests[0][0]) || place.get(a) - place.get(b));
    return inOrder;
  }
  function matching() {
    return ordered().filter((leak) => leak.tab === state.tab && (!state.cause || leak.code === state.cause)
      && (!state.package || leak.package === state.package) && state.words.every((word) => haystack(leak).includes(word)));
  }
  const KEYS = {
    owner: (leak) => leak.owner_short + "\n" + leak.cause, cause: (leak) => leak.cause, package: (leak) => leak.package,
    test: (leak) => leak.tests[0][0] + "\n" + leak.package, rule: (leak) => (leak.ruling.find((fact) => fact[0] === "rule") || ["", "no rule"])[1],
  };
  function groupsOf(leaks) {
    const groups = new Map();
    for (const leak of leaks) {
      const key = KEYS[state.by](leak);
      let group = groups.get(key);
      if (!group) groups.set(key, group = { key, leaks: [], goroutines: 0 });
      group.leaks.push(leak);
      group.goroutines += leak.count;
    }
    return [...groups.values()].sort((a, b) => b.goroutines - a.goroutines || natural(a.key, b.key));
  }
  /* Appends items a page at a time. */
  function paged(parent, items, size, make) {
    let shown = 0;
    const more = el("button", { type: "button" });
    const next = () => {
      const from = shown;
      for (; shown < Math.min(items.length, from + size); shown++) parent.insertBefore(make(items[shown]), more.parentNode === parent ? more : null);
      if (shown < items.length) {
        more.textContent = "Show " + Math.min(size, items.length - shown) + " more of " + number(items.length - shown);
        if (!more.parentNode) parent.append(more);
      } else more.remove();
      return from;
    };
    more.addEventListener("click", () => { const from = next(); const first = parent.children[from]; const target = first && first.querySelector("summary"); if (target) target.focus(); });
    next();
  }
  function groupNode(group, open) {
    if (group.leaks.length === 1) return card(group.leaks[0]);
    const [what, detail] = group.key.split("\n");
    const inside = el("div", { class: "inside" });
    const node = el("details", { class: "group" }, el("summary", {},
      el("h3", { class: "what" }, el("b", {}, what), detail ? " · " + detail : ""),
      el("span", { class: "quiet" }, count(group.leaks.length, "leak") + ", " + count(group.goroutines, "goroutine"))), inside);
    const fill = () => { if (node.open && !inside.childElementCount) paged(inside, group.leaks, LEAKS, card); };
    node.addEventListener("toggle", fill);
    node.fill = () => { node.open = true; fill(); };
    if (open) node.fill();
    return node;
  }
  function show() {
    const list = document.getElementById("list"), said = document.getElementById("said");
    const leakTab = !["packages", "notices"].includes(state.tab);
    const none = !data.leaks.some((leak) => leak.tab === state.tab);
    document.getElementById("filters").hidden = !leakTab || none;
    said.hidden = !leakTab || none;
    list.replaceChildren();
    list.setAttribute("aria-labelledby", "tab-" + state.tab);
    if (state.tab === "packages") return packages(list);
    if (state.tab === "notices") return notices(list);
    const found = matching(), all = data.leaks.filter((leak) => leak.tab === state.tab);
    const groups = groupsOf(found), goroutines = found.reduce((sum, leak) => sum + leak.count, 0);
    said.textContent = (found.length === all.length ? count(all.length, "leak") : number(found.length) + " of " + count(all.length, "leak"))
      + ", " + count(goroutines, "goroutine") + (groups.length < found.length ? ", in " + count(groups.length, "group") : "");
    if (!found.length) list.append(el("p", { class: "empty" }, all.length ? "No leak matches." : state.tab === "leaks" ? "No leaks." : "None."));
    paged(list, groups, GROUPS, (group) => groupNode(group, found.length <= 12));
    if (state.tab === "leaks" && list.firstElementChild && list.firstElementChild.fill && found.length <= 200 && !state.words.length) {
      const first = list.firstElementChild;
      first.fill();
      const inner = first.classList.contains("group") && first.querySelector(".leak");
      if (inner && inner.fill) inner.fill();
    }
  }
  function packages(list) {
    const order = { failed: 0, "build-failed": 0, unfinished: 1, passed: 2, skipped: 3 };
    const sorted = [...data.packages].sort((a, b) => Boolean(b.inconclusive) - Boolean(a.inconclusive) || order[a.status] - order[b.status] || natural(a.path, b.path));
    const table = el("tbody", {});
    list.append(el("table", {}, el("thead", {}, el("tr", {}, ["package", "go's verdict", "tests", "leaking", "time"].map((text, i) => el("th", { scope: "col", class: i > 1 ? "n" : null }, text)))), table));
    const outputs = (pkg) => {
      const texts = pkg.tests.filter((test) => test.output).slice(0, 50).map((test) => [test.name, test.output]);
      if (pkg.output) texts.unshift(["output of the package", pkg.output]);
      return texts.map(([name, text]) => el("details", { class: "more" }, el("summary", {}, name), scrollable("pre", "output", "Output of " + name, text)));
    };
    paged(table, sorted, 200, (pkg) => el("tr", {},
      el("td", {}, el("code", {}, pkg.path), pkg.inconclusive ? el("div", {}, el("span", { class: "badge warn" }, "inconclusive: " + pkg.inconclusive[0]), " ", pkg.inconclusive[1], el("br"), el("b", {}, "Remedy: "), pkg.inconclusive[2]) : null, outputs(pkg)),
      el("td", {}, el("span", { class: "badge " + ({ failed: "bad", "build-failed": "bad", unfinished: "warn", passed: "good" }[pkg.status] || "plain") }, pkg.status), pkg.cached ? " cached" : ""),
      el("td", { class: "n" }, number(pkg.tests.length)), el("td", { class: "n" }, number(pkg.tests.filter((test) => test.leaks).length)), el("td", { class: "n" }, pkg.elapsed)));
  }
  function notices(list) {
    if (!data.notices.length) list.append(el("p", { class: "empty" }, "None."));
    paged(list, data.notices, 200, (notice) => el("p", { class: "notice" },
      el("span", { class: "badge " + { error: "bad", warning: "warn", note: "plain" }[notice.severity] }, notice.severity), " ", el("b", {}, notice.code),
      notice.place ? [" ", el("code", {}, notice.place)] : null, ": " + notice.message, notice.package ? " (" + notice.package + ")" : "",
      notice.remedy ? [el("br"), el("b", {}, "Remedy: "), ...prose(notice.remedy)] : null));
  }

  /* ---- tabs, filters, keys ---- */
  function tabs() {
    const n = (tab) => (tab === "packages" ? data.packages.length : tab === "notices" ? data.notices.length : data.leaks.filter((leak) => leak.tab === tab).length);
    const bar = el("div", { class: "tabs", role: "tablist", "aria-label": "Findings" }, TABS.map(([tab, title]) =>
      el("button", { type: "button", role: "tab", id: "tab-" + tab, "aria-controls": "list", "aria-selected": String(tab === state.tab), tabindex: tab === state.tab ? "0" : "-1",
        onclick: () => openTab(tab) }, title, el("span", { class: "n" }, number(n(tab))))));
    bar.addEventListener("keydown", (event) => {
      const at = TABS.findIndex(([tab]) => tab === state.tab);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      openTab(TABS[(to + TABS.length) % TABS.length][0]);
      document.getElementById("tab-" + state.tab).focus();
    });
    return bar;
  }
  function openTab(tab) {
    state.tab = tab;
    for (const button of document.querySelectorAll("[role=tab]")) {
      const on = button.id === "tab-" + tab;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
    }
    show();
  }
  function options(key, title) {
    const tally = new Map();
    for (const leak of data.leaks) tally.set(leak[key], (tally.get(leak[key]) || 0) + 1);
    const select = el("select", { id: "by-" + key, "aria-label": title }, el("option", { value: "" }, title),
      [...tally].sort((a, b) => b[1] - a[1] || natural(a[0], b[0])).slice(0, 500).map(([value, n]) => el("option", { value }, value + " (" + number(n) + ")")));
    select.addEventListener("change", () => { state[key === "code" ? "cause" : key] = select.value; show(); });
    return select;
  }
  function filters() {
    let timer;
    const input = el("input", { type: "search", id: "search", placeholder: "Search ( / ): test, function, file…", "aria-label": "Search the leaks", autocomplete: "off", spellcheck: "false" });
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => setWords(input.value), 120); });
    const by = el("select", { id: "by", "aria-label": "Group by" }, [["owner", "Group by owner and cause"], ["cause", "Group by cause"], ["package", "Group by package"], ["test", "Group by test"], ["rule", "Group by rule"]]
      .map(([value, text]) => el("option", { value }, text)));
    by.addEventListener("change", () => { state.by = by.value; show(); });
    return el("div", { class: "filters", id: "filters", role: "search" }, input, options("code", "All causes"), options("package", "All packages"), by);
  }
  function setWords(text) {
    state.words = text.toLowerCase().split(/\s+/).filter(Boolean);
    show();
  }
  function search(text) {
    if (["packages", "notices"].includes(state.tab)) openTab("leaks");
    document.getElementById("search").value = text;
    setWords(text);
    document.getElementById("findings").scrollIntoView();
  }
  function openLinked() {
    const id = decodeURIComponent(location.hash.slice(1));
    const leak = id.startsWith("leak-") && data.leaks.find((it) => "leak-" + it.id === id);
    if (!leak) return;
    openTab(leak.tab);
    if (!document.getElementById(id)) search(leak.id);
    const node = document.getElementById(id);
    if (node) { node.fill(); node.scrollIntoView(); }
  }

  page.replaceChildren(...[
    head(),
    data.partial ? el("p", { class: "banner", role: "note" }, el("b", {}, "Partial report: "), data.partial) : null,
    tiles(),
    el("main", { id: "findings", tabindex: "-1", "aria-labelledby": "findings-title" }, el("h2", { class: "sr", id: "findings-title" }, "Findings"), tabs(), filters(), el("p", { id: "said", class: "said", role: "status" }), el("div", { id: "list", role: "tabpanel" })),
    chartPanel(),
    el("footer", {}, data.tool + " · schema leakgate.report/2 · this page is one file and asks no network"),
  ].filter(Boolean));
  document.title = data.title;
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      document.getElementById("search").focus();
    }
  });
  addEventListener("hashchange", openLinked);
  addEventListener("beforeprint", () => {
    let left = PRINTED;
    for (const node of [...document.querySelectorAll(".group")]) if (node.fill && left > 0) node.fill();
    for (const node of [...document.querySelectorAll(".leak")]) if (node.fill && left-- > 0) node.fill();
  });
  show();
  draw();
  openLinked();
})();
