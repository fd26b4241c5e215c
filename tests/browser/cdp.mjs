// A headless Chromium driven over its debugging pipe: no package, no port, no network.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Starts the browser. */
export async function launch(path) {
  const profile = mkdtempSync(join(tmpdir(), "leakgate-browser-"));
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const child = spawn(path, flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const [input, output] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map(), listeners = new Set();
  let last = 0, rest = Buffer.alloc(0);
  output.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const message = JSON.parse(rest.subarray(0, end).toString());
      if (message.id) {
        const { done, fail } = waiting.get(message.id);
        waiting.delete(message.id);
        message.error ? fail(new Error(message.error.message)) : done(message.result);
      } else for (const listener of listeners) listener(message);
    }
  });
  const send = (method, params = {}, sessionId) => new Promise((done, fail) => {
    waiting.set(++last, { done, fail });
    input.write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
  });
  const ended = new Promise((done) => child.on("exit", done));
  return {
    newPage: (options) => newPage(send, listeners, options),
    close: async () => {
      await send("Browser.close").catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Opens a tab of its own context. `options`: width, height, scheme ("light" or "dark"), scripts (false turns them off). */
async function newPage(send, listeners, options) {
  const { browserContextId } = await send("Target.createBrowserContext");
  const { targetId } = await send("Target.createTarget", { url: "about:blank", browserContextId });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const trouble = [], requests = [];
  let loaded = () => {};
  const listener = (message) => {
    if (message.sessionId !== sessionId) return;
    const { method, params } = message;
    if (method === "Runtime.exceptionThrown") trouble.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type)) trouble.push(params.args.map((arg) => arg.value).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") trouble.push(params.entry.text);
    if (method === "Network.requestWillBeSent") requests.push(params.request.url);
    if (method === "Page.javascriptDialogOpening") { trouble.push("dialog: " + params.message); call("Page.handleJavaScriptDialog", { accept: false }); }
    if (method === "Page.loadEventFired") loaded();
  };
  listeners.add(listener);
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await call(domain + ".enable");
  await call("Emulation.setDeviceMetricsOverride", { width: options.width ?? 1280, height: options.height ?? 900, deviceScaleFactor: 1, mobile: false });
  await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: options.scheme ?? "light" }] });
  if (options.scripts === false) await call("Emulation.setScriptExecutionDisabled", { value: true });
  const evaluate = async (run, ...args) => {
    const expression = `(${run})(${args.map((arg) => JSON.stringify(arg)).join(",")})`;
    const { result, exceptionDetails } = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const KEYS = { Tab: 9, Enter: 13, End: 35, Home: 36, ArrowLeft: 37, ArrowRight: 39 };
  const page = {
    trouble, requests, call, evaluate,
    goto: async (url) => {
      const done = new Promise((resolve) => { loaded = resolve; });
      await call("Page.navigate", { url });
      await done;
    },
    /** Waits until the function says true. */
    until: async (run, ...args) => {
      for (const began = Date.now(); ; ) {
        if (await evaluate(run, ...args)) return;
        if (Date.now() - began > 10_000) throw new Error(`in vain: ${run} ${JSON.stringify(args)}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    text: (selector) => evaluate((it) => document.querySelector(it).innerText, selector),
    count: (selector) => evaluate((it) => document.querySelectorAll(it).length, selector),
    /** Clicks the middle of an element as a mouse does. */
    click: async (selector) => {
      const [x, y] = await evaluate((it) => {
        const node = document.querySelector(it);
        node.scrollIntoView({ block: "center", behavior: "instant" });
        const box = node.getBoundingClientRect();
        return [box.x + box.width / 2, box.y + box.height / 2];
      }, selector);
      for (const type of ["mousePressed", "mouseReleased"]) await call("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    },
    press: async (key) => {
      const text = { Enter: "\r", "/": "/" }[key];
      const params = { key, code: key === "/" ? "Slash" : key, windowsVirtualKeyCode: KEYS[key] ?? 191 };
      await call("Input.dispatchKeyEvent", { type: "keyDown", text, ...params });
      await call("Input.dispatchKeyEvent", { type: "keyUp", ...params });
    },
    type: (text) => call("Input.insertText", { text }),
    set: (selector, value) => evaluate((it, text) => {
      const node = document.querySelector(it);
      node.value = text;
      node.dispatchEvent(new Event(node.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
    }, selector, value),
    screenshot: async (whole) => Buffer.from((await call("Page.captureScreenshot", { captureBeyondViewport: whole })).data, "base64"),
    pdf: async () => Buffer.from((await call("Page.printToPDF", { printBackground: true })).data, "base64"),
    close: async () => {
      listeners.delete(listener);
      await send("Target.closeTarget", { targetId });
    },
  };
  return page;
}
