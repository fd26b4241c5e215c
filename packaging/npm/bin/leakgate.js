#!/usr/bin/env node
// Starts the leakgate program of this platform, which npm installed as an optional dependency.
"use strict";
const { spawn } = require("node:child_process");
const os = require("node:os");

const name = `@leakgate/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "leakgate.exe" : "leakgate";

let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(
    `leakgate: the package ${name} is not installed. Either leakgate has no program for this platform, ` +
      "or npm was told to leave out optional dependencies: install again without --omit=optional.",
  );
  process.exit(2);
}

const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// The terminal sends Ctrl-C to the program itself, which then ends in order: wait for it. Other signals reach
// this process alone and are passed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`leakgate: can't start ${program}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]));
