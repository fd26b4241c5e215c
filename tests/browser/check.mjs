// Opens HTML reports in a headless Chromium and checks what a reader meets: content, filter, tabs, keyboard, hostile names,
// ten thousand leaks, print; no console error, no request that leaves the file.
//
//   node check.mjs CHROMIUM FOLDER [SHOTS]
//
// FOLDER holds sample.html, clean.html and large.html, as tests/report writes them; SHOTS takes screenshots to look at.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./cdp.mjs";

const [chromium, pages, shots] = process.argv.slice(2);
if (shots) mkdirSync(shots, { recursive: true });
const keep = (name, bytes) => shots && writeFileSync(join(shots, name), bytes);
const browser = await launch(chromium);
let failed = 0;

/** Opens a page, runs a check on it, and then asks that nothing went wrong on the way. */
async function check(title, name, options, run) {
  const page = await browser.newPage(options);
  const url = pathToFileURL(resolve(pages, name + ".html")).href;
  try {
    const began = Date.now();
    await page.goto(url);
    await run(page, Date.now() - began, url);
    assert.deepEqual(page.trouble, []);
    assert.deepEqual(page.requests.filter((it) => it.split("#")[0] !== url && !it.startsWith("data:")), []);
    console.log("ok      " + title);
  } catch (error) {
    failed += 1;
    console.log("FAILED  " + title + "\n" + error.stack);
  }
  if (shots) keep(title.replace(/[^a-z0-9]+/gi, "-") + ".png", await page.screenshot(name !== "large"));
  await page.close();
}
const said = (page, pattern) => page.until((it) => new RegExp(it).test(document.getElementById("said").textContent), pattern);
const selectedTab = (page) => page.evaluate(() => document.querySelector("[role=tab][aria-selected=true]").id);
const openAll = (page) => page.evaluate(() => document.querySelectorAll(".leak").forEach((leak) => leak.fill()));

await check("a leak says all", "sample", {}, async (page) => {
  assert.match(await page.evaluate(() => document.title), /: 5 leaks$/);
  const first = "#leak-3f2a9c01d4e5b677-1";
  assert.equal(await page.count(first + " .body"), 1, "the first leak is open");
  const text = await page.text(first);
  for (const part of ["TestFetchFirst", "TestFetchAll", "store/fetch.go:42", "results <- get(u)", "go func(u string) {", "store.fetchAll", "by label: leakgate=1:TestFetchFirst", "proven", "grows: 6,000 in 3 runs", "3f2a9c01d4e5b677", "make(chan Result, len(urls))", "waits for"]) {
    assert.ok(text.includes(part), part);
  }
  const link = await page.evaluate((it) => document.querySelector(it + " figcaption a").href, first);
  assert.equal(link, "https://github.com/example/shop/blob/0123456789abcdef0123456789abcdef01234567/store/fetch.go#L42");
  assert.ok(!text.includes("runtime.gopark"), "the stack is folded");
  await page.click(first + " dd button");
  assert.ok((await page.text(first)).includes("runtime.gopark"), "and opens");
  assert.equal(await page.count("#chart .leaked"), 1);
  assert.equal(await page.count("#chart .span.leaks"), 4);
});

await check("dark", "sample", { scheme: "dark" }, async (page) => {
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await colour();
  await page.click("#theme");
  assert.notEqual(await colour(), dark);
  await page.click("#theme");
  assert.equal(await colour(), dark);
});

await check("search and filters", "sample", {}, async (page) => {
  const all = await page.count(".leak");
  await page.press("/");
  await page.type("watch.go slow_reader");
  await said(page, "^1 of ");
  assert.equal(await page.count(".leak"), 1);
  await page.set("#search", "");
  await page.until((n) => document.querySelectorAll(".leak").length === n, all);
  await page.set("#by-code", "nil-channel");
  await said(page, "^1 of 6 leaks");
  await page.set("#by-code", "");
  await page.set("#by", "package");
  await said(page, "in 2 groups");
  await page.set("#search", "no such thing");
  await page.until(() => document.body.textContent.includes("No leak matches."));
});

await check("tabs by keyboard", "sample", {}, async (page) => {
  await page.evaluate(() => document.getElementById("tab-leaks").focus());
  for (const [tab, text] of [["late", "TestClose"], ["allowed", "leakgate.toml:12"], ["background", "os/signal.loop"], ["packages", "remedy"], ["notices", "expired on 2026-10-31"]]) {
    await page.press("ArrowRight");
    assert.equal(await selectedTab(page), "tab-" + tab);
    await openAll(page);
    assert.ok((await page.text("#list")).toLowerCase().includes(text.toLowerCase()), tab);
  }
  await page.press("ArrowRight");
  assert.equal(await selectedTab(page), "tab-leaks");
});

await check("the chart by keyboard", "sample", {}, async (page) => {
  await page.evaluate(() => document.getElementById("chart").focus());
  await page.press("ArrowRight");
  assert.match(await page.text("#chart-say"), /^TestFetchFirst: passed, leaks/);
  await page.press("Enter");
  await said(page, "^1 of ");
  await page.click(".panel details.more > summary");
  await page.until(() => document.querySelector("table")?.innerText.includes("TestPrice"));
});

await check("hostile names stay text", "sample", {}, async (page) => {
  await openAll(page);
  const text = await page.text("#leak-0bad0bad0bad0bad-1");
  assert.ok(text.includes("<img src=x onerror=alert(1)>") && text.includes("</script><script>alert(2)</script>"));
  assert.ok(!/[\u0000-\u0008\u001b\u009b\u202e]/.test(await page.text("body")));
  assert.equal(await page.count("img, iframe, object, embed, form"), 0);
  assert.equal(await page.count("script:not([type])"), 1);
});

await check("deep link", "sample", {}, async (page, _, url) => {
  await page.evaluate(() => { location.hash = "leak-aa01aa01aa01aa01-1"; });
  await page.until(() => document.querySelector("#leak-aa01aa01aa01aa01-1 .body"));
  assert.equal(await selectedTab(page), "tab-background");
});

await check("clean", "clean", {}, async (page) => {
  assert.match(await page.text("h1"), /PASS/);
  assert.ok((await page.text("#list")).includes("No leaks."));
});

await check("ten thousand leaks", "large", {}, async (page, opened) => {
  assert.ok(opened < 20_000, `opened in ${opened} ms`);
  assert.ok(await page.count("*") < 8_000, "only what is looked at is laid out");
  keep("ten-thousand-leaks-top.png", await page.screenshot(false));
  const began = Date.now();
  await page.set("#search", "owner42 send-no");
  await said(page, "^[0-9]+ of 10,00");
  assert.ok(Date.now() - began < 8_000, `searched in ${Date.now() - began} ms`);
  await page.set("#search", "");
  await said(page, "^10,0[0-9][0-9] leaks");
  await page.set("#by", "cause");
  await page.click(".group > summary");
  await page.until(() => document.querySelectorAll(".group .leak").length === 40);
  await page.click(".group .inside > button");
  await page.until(() => document.querySelectorAll(".group .leak").length === 80);
});

await check("narrow", "sample", { width: 360, height: 740 }, async (page) => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
});

await check("keyboard only", "sample", {}, async (page) => {
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName);
  await page.press("Tab");
  assert.equal(await focused(), "skip");
  const seen = new Set();
  for (let i = 0; i < 60; i++) {
    await page.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
  }
  for (const id of ["theme", "chart-package", "chart", "tab-leaks", "search", "by-code", "by-package", "by", "SUMMARY"]) assert.ok(seen.has(id), id);
  const unnamed = await page.evaluate(() => [...document.querySelectorAll("button, select, input, [role=tabpanel], svg[role=img]")]
    .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.textContent.trim())).map((node) => node.outerHTML));
  assert.deepEqual(unnamed, []);
});

await check("print", "sample", { scheme: "dark" }, async (page) => {
  const pdf = await page.pdf();
  assert.ok(pdf.length > 10_000);
  keep("print.pdf", pdf);
  assert.equal(await page.count(".leak:not([open])"), 0, "all leaks are open on paper");
});

await check("without scripts", "sample", { scripts: false }, async (page) => {
  const { root } = await page.call("DOM.getDocument", { depth: -1 });
  assert.ok(JSON.stringify(root).includes("store/fetch.go:41: TestFetchFirst"));
});

await browser.close();
process.exit(failed ? 1 : 0);
