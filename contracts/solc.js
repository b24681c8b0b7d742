#!/usr/bin/env node
// Stands for a native solc, which forge wants: says its version, and compiles standard JSON from standard input with the compiler from npm, so
// that the same bytes come out on every machine that has Node.
'use strict';
const path = require('path');
const solc = require(path.join(__dirname, 'node_modules', 'solc'));

if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else {
  const input = require('fs').readFileSync(0, 'utf8');
  process.stdout.write(solc.compile(input, { import: (file) => ({ error: `${file} is not among the sources` }) }));
}
