#!/usr/bin/env node
// Looks whether a test expects every single revert, and names every error and every function that can be called from outside.
//
//   node mutate/reverts.js [--timeout SECONDS]
//
// All places that revert are made to revert with a text that names the place. A test that expects the error of one then fails and shows the text; that
// place is expected, gets its error back, and all tests run again until none shows another. What is left no test expects: it is printed, and the run
// fails. A test shows the first of its places only, so there are some rounds.
'use strict';
const fs = require('fs');
const path = require('path');
const { blank, closing } = require('./operators.js');
const { root, skip, sources, copy } = require('./tree.js');

const at = process.argv.indexOf('--timeout');
const { write, forge } = copy(at < 0 ? 600 : Number(process.argv[at + 1]));

function solidity(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const p = path.join(dir, e.name);
    return e.isDirectory() ? solidity(p) : e.name.endsWith('.sol') ? [fs.readFileSync(p, 'utf8')] : [];
  });
}

let bad = 0;
function complain(text) {
  console.log(text);
  bad++;
}

const files = sources();
const tests = solidity(path.join(root, 'test')).map(blank).join('\n');
const named = (name) => new RegExp(`\\b${name}\\b`).test(tests);

const sites = [];
let names = 0;
for (const f of files) {
  f.code = blank(f.text);
  for (const m of f.code.matchAll(/\brevert\s+[A-Za-z_][\w.]*\(/g)) {
    const end = closing(f.code, m.index + m[0].length - 1) + 1;
    sites.push({ file: f, from: m.index, to: end, line: f.text.slice(0, m.index).split('\n').length, expected: false });
  }
  const outside = [
    ...f.code.matchAll(/\berror (\w+)\(/g),
    ...[...f.code.matchAll(/\bfunction (\w+)\(([^{;]*)\{/g)].filter((m) => /\b(external|public)\b/.test(m[2])),
    ...f.code.matchAll(/\bpublic\s+(?:immutable\s+|constant\s+|override\s+)*(\w+)\s*[;=]/g),
  ];
  names += outside.length;
  for (const m of outside) if (!named(m[1])) complain(`${f.file}: no test names ${m[1]}`);
}

const mark = (i) => `site ${i} of ${sites.length}`;
for (let round = 1; ; round++) {
  for (const f of files) {
    let text = f.text;
    for (let i = sites.length - 1; i >= 0; i--) {
      const s = sites[i];
      if (s.file === f && !s.expected) text = text.slice(0, s.from) + `revert("${mark(i)}")` + text.slice(s.to);
    }
    write(f.file, text);
  }
  const run = forge('test', ...skip);
  if (run.stillborn || run.late) {
    console.error(run.late ? 'the tests did not end in time' : run.text.slice(-3000));
    process.exit(2);
  }
  let found = 0;
  for (const line of run.text.split('\n')) {
    if (!line.startsWith('[FAIL')) continue;
    for (const m of line.matchAll(/site (\d+) of \d+/g)) {
      if (sites[m[1]].expected) continue;
      sites[m[1]].expected = true;
      found++;
    }
  }
  console.log(`round ${round}: ${found} more, ${sites.filter((s) => !s.expected).length} left`);
  if (found === 0) {
    if (!run.failed && !run.passed) complain(run.text.slice(-3000));
    break;
  }
}
for (const s of sites.filter((x) => !x.expected)) complain(`${s.file.file}:${s.line}: no test expects ${s.file.text.slice(s.from, s.to)}`);
console.log(`${sites.filter((s) => s.expected).length} of ${sites.length} reverts are expected by a test; ${names} errors, functions and getters looked at`);
process.exitCode = bad === 0 ? 0 : 1;
