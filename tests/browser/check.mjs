// Opens HTML reports in a headless Chromium and checks what a reader meets: content, filter, tabs, keyboard, hostile names,
// ten thousand leaks, print; no console error, no request that leaves the file.
//
//   cargo test --lib report::golden::pages -- --ignored     writes target/pages/{sample,clean,large}.html
//   npm install && CHROMIUM=/usr/bin/chromium node check.mjs [folder of pages] [folder for screenshots]
//
// Without a Chromium it says so and ends with 0, unless REQUIRE_BROWSER is set.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const pages = resolve(process.argv[2] ?? join(here, "../../target/pages"));
const shots = process.argv[3] && resolve(process.argv[3]);
const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));
if (!browserPath) {
  console.log("no Chromium found: set CHROMIUM to its path");
  process.exit(process.env.REQUIRE_BROWSER ? 1 : 0);
}
if (shots) mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
let failed = 0;

/** Opens a page, runs a check on it, and then asks that nothing went wrong on the way. */
async function check(title, name, options, run) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble = [], requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("dialog", (dialog) => { trouble.push("dialog: " + dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => requests.push(request.url()));
  const url = pathToFileURL(join(pages, name + ".html")).href;
  try {
    const began = Date.now();
    await page.goto(url);
    await run(page, Date.now() - began, url);
    assert.deepEqual(trouble, []);
    assert.deepEqual(requests.filter((it) => it.split("#")[0] !== url && !it.startsWith("data:")), []);
    console.log("ok      " + title);
  } catch (error) {
    failed += 1;
    console.log("FAILED  " + title + "\n" + error.stack);
  }
  if (shots) await page.screenshot({ path: join(shots, title.replace(/[^a-z0-9]+/gi, "-") + ".png"), fullPage: name !== "large" });
  await context.close();
}
const cards = (page) => page.locator(".leak");

await check("a leak says all", "sample", { colorScheme: "light" }, async (page) => {
  assert.match(await page.title(), /2,007 leaked goroutines/);
  const first = page.locator("#leak-3f2a9c01d4e5b677-1");
  assert.ok(await first.locator(".body").isVisible(), "the first leak is open");
  const text = await first.innerText();
  for (const part of ["TestFetchFirst", "TestFetchAll", "store/fetch.go:42", "results <- get(u)", "go func(u string) {", "store.fetchAll", "by label: leakgate=1:TestFetchFirst", "proven", "grows: 6,000 in 3 runs", "3f2a9c01d4e5b677", "make(chan Result, len(urls))"]) {
    assert.ok(text.includes(part), part);
  }
  const link = first.locator("figcaption a").first();
  assert.equal(await link.getAttribute("href"), "https://github.com/example/shop/blob/0123456789abcdef0123456789abcdef01234567/store/fetch.go#L42");
  await first.getByRole("button", { name: "Show all 4 frames" }).click();
  assert.ok((await first.innerText()).includes("runtime.gopark"));
  assert.ok(await page.locator("#chart .leaked").count() === 1 && await page.locator("#chart .span.leaks").count() === 4);
});

await check("dark", "sample", { colorScheme: "dark" }, async (page) => {
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole("button", { name: "Dark / light" }).click();
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), dark);
  await page.getByRole("button", { name: "Dark / light" }).click();
});

await check("search and filters", "sample", {}, async (page) => {
  const all = await cards(page).count();
  await page.keyboard.press("/");
  await page.keyboard.type("watch.go slow_reader");
  await page.waitForFunction(() => /^1 of /.test(document.getElementById("said").textContent));
  assert.equal(await cards(page).count(), 1);
  await page.fill("#search", "");
  await page.waitForFunction((n) => document.querySelectorAll(".leak").length === n, all);
  await page.selectOption("#by-code", "nil-channel");
  assert.match(await page.locator("#said").textContent(), /^1 of 6 leaks/);
  await page.selectOption("#by-code", "");
  await page.fill("#search", "no such thing");
  await page.waitForFunction(() => document.body.textContent.includes("Nothing matches."));
});

await check("tabs by keyboard", "sample", {}, async (page) => {
  await page.locator("#tab-leaks").focus();
  for (const [tab, text] of [["late", "TestClose"], ["allowed", "leakgate.toml:12"], ["background", "signal.loop"], ["packages", "remedy"], ["notices", "expired on 2026-10-31"]]) {
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.locator("[role=tab][aria-selected=true]").getAttribute("id"), "tab-" + tab);
    for (const node of await cards(page).all()) {
      await node.locator("summary").first().click();
      await node.locator(".body").waitFor();
    }
    assert.ok((await page.locator("#list").innerText()).toLowerCase().includes(text.toLowerCase()), tab);
    await page.locator("#tab-" + tab).focus();
  }
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator("[role=tab][aria-selected=true]").getAttribute("id"), "tab-leaks");
});

await check("the chart by keyboard", "sample", {}, async (page) => {
  await page.locator("#chart").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator("#chart-say").textContent(), /^TestFetchFirst: passed, leaks/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /^1 of /.test(document.getElementById("said").textContent));
  await page.locator("summary", { hasText: "The chart as a table" }).click();
  assert.ok((await page.locator("table").first().innerText()).includes("TestPrice"));
});

await check("hostile names stay text", "sample", {}, async (page) => {
  const card = page.locator("#leak-0bad0bad0bad0bad-1");
  await card.locator("summary").first().click();
  const text = await card.innerText();
  assert.ok(text.includes("<img src=x onerror=alert(1)>") && text.includes("</script><script>alert(2)</script>"));
  assert.ok(!/[\u0000-\u0008\u001b\u009b\u202e]/.test(await page.locator("body").innerText()));
  assert.equal(await page.locator("img, iframe, object, embed, form").count(), 0);
  assert.equal(await page.locator("script:not([type])").count(), 1);
});

await check("deep link", "sample", {}, async (page, _, url) => {
  await page.goto(url + "#leak-aa01aa01aa01aa01-1");
  await page.waitForSelector("#leak-aa01aa01aa01aa01-1 .body");
  assert.equal(await page.locator("[role=tab][aria-selected=true]").getAttribute("id"), "tab-background");
});

await check("clean", "clean", { colorScheme: "light" }, async (page) => {
  assert.match(await page.locator("h1").innerText(), /PASS/);
  assert.ok((await page.locator("#list").innerText()).includes("None."));
});

await check("ten thousand leaks", "large", { colorScheme: "light" }, async (page, opened) => {
  assert.ok(opened < 8_000, `opened in ${opened} ms`);
  assert.ok(await page.evaluate(() => document.querySelectorAll("*").length) < 8_000, "only what is looked at is laid out");
  if (shots) await page.screenshot({ path: join(shots, "ten-thousand-leaks-top.png") });
  const began = Date.now();
  await page.fill("#search", "owner42 send-no");
  await page.waitForFunction(() => /^\d+ of 10,00/.test(document.getElementById("said").textContent));
  assert.ok(Date.now() - began < 4_000, `searched in ${Date.now() - began} ms`);
  await page.fill("#search", "");
  await page.waitForFunction(() => /^10,0\d\d leaks/.test(document.getElementById("said").textContent));
  await page.locator(".group > summary").first().click();
  await page.getByRole("button", { name: /^Show \d+ more/ }).last().click();
});

await check("narrow", "sample", { viewport: { width: 360, height: 740 }, colorScheme: "light" }, async (page) => {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
});

await check("keyboard only", "sample", {}, async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  const seen = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.tagName));
  }
  for (const id of ["theme", "chart-package", "chart", "tab-leaks", "search", "by-code", "by-package", "by", "SUMMARY"]) assert.ok(seen.has(id), id);
  const unnamed = await page.evaluate(() => [...document.querySelectorAll("button, select, input, [role=tabpanel], svg[role=img]")]
    .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.textContent.trim())).map((node) => node.outerHTML));
  assert.deepEqual(unnamed, []);
});

await check("print", "sample", { colorScheme: "dark" }, async (page) => {
  const pdf = await page.pdf({ format: "A4", path: shots ? join(shots, "print.pdf") : undefined });
  assert.ok(pdf.length > 10_000);
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.locator(".leak:not([open])").count(), 0, "all leaks are open on paper");
});

await check("without scripts", "sample", { javaScriptEnabled: false }, async (page) => {
  assert.ok((await page.locator("body").innerText()).includes("store/fetch.go:41: TestFetchFirst"));
});

await browser.close();
process.exit(failed ? 1 : 0);
