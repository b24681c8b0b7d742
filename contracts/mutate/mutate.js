#!/usr/bin/env node
// Breaks the contracts one small way at a time and looks whether the tests notice.
//
//   node mutate/mutate.js [--seed N] [--count N] [--file PART] [--list] [--minutes N] [--timeout SECONDS] [--out FILE]
//
// Mutants are drawn by the seed, spread over all contracts; each is compiled and tried with all forge tests, with few runs of each fuzz test. One
// that does not compile is replaced by the next. It ends with the share that was caught, and fails below 95 % or where a survivor has no
// explanation in SURVIVORS.md.
'use strict';
const fs = require('fs');
const path = require('path');
const { mutantsOf, sample } = require('./operators.js');
const { skip, sources, copy } = require('./tree.js');

const options = { seed: 6, count: 130, file: '', minutes: 60, timeout: 300, out: '', list: false };
for (let i = 2; i < process.argv.length; i++) {
  const name = process.argv[i].replace(/^--/, '');
  if (!(name in options)) fail(`unknown option ${process.argv[i]}, wanted one of --${Object.keys(options).join(' --')}`);
  if (name === 'list') options.list = true;
  else options[name] = typeof options[name] === 'number' ? Number(process.argv[++i]) : process.argv[++i];
}

function fail(text) {
  console.error(`mutate: ${text}`);
  process.exit(2);
}

const all = sources().filter((f) => f.file.includes(options.file));
const order = sample(all.map((f) => ({ file: f.file, mutants: mutantsOf(f.text) })), options.seed);
if (options.list) {
  for (const m of order) console.log(`${m.file}:${m.line} ${m.operator}\n${m.diff}`);
  console.log(`${order.length} mutants`);
  process.exit(0);
}

const { work, write, forge } = copy(options.timeout);

const lines = [];
function say(text) {
  console.log(text);
  lines.push(text);
  if (options.out) fs.writeFileSync(options.out, lines.join('\n') + '\n');
}

const base = forge('test', ...skip);
if (!base.passed) fail(`the tests do not pass without any mutant${base.late ? ` in ${options.timeout} seconds` : ''}:\n${base.text.slice(-3000)}`);

// The tests of a source's own name, or what stands for it, are tried first: fewer have to be compiled, and most mutants end there.
const other = { Governor: 'Governance', Timelock: 'Governance', Token: 'Governance', Market: 'Holds', Lottery: 'Jury' };
function nearest(file) {
  const name = other[path.basename(file, '.sol')] || path.basename(file, '.sol');
  const near = [path.join('test', `${name}.t.sol`), ...fs.readdirSync(path.join(work, 'test'), { withFileTypes: true })
    .filter((e) => e.isDirectory()).map((e) => path.join('test', e.name, `${name}.t.sol`))];
  return near.find((p) => fs.existsSync(path.join(work, p)));
}

function attempt(m) {
  const text = all.find((f) => f.file === m.file).text;
  write(m.file, text.slice(0, m.at) + m.to + text.slice(m.at + m.from.length));
  const near = nearest(m.file);
  let run = near ? forge('test', '--fail-fast', '--match-path', near, ...skip) : { passed: true };
  if (run.passed) run = forge('test', '--fail-fast', ...skip);
  write(m.file, text);
  if (run.stillborn) return { fate: 'stillborn' };
  if (run.late) return { fate: 'caught', by: 'the time limit' };
  if (run.failed) return { fate: 'caught', by: (run.text.match(/\[FAIL[^\n]*\] (\w+)\(/) || [, 'setUp'])[1] };
  if (!run.passed) fail(`forge says neither that tests passed nor that one failed:\n${run.text.slice(-3000)}`);
  return { fate: 'survived' };
}

const started = Date.now();
const tally = { caught: 0, survived: 0, stillborn: 0 };
let slow = 0;
const survivors = [];
const perFile = {};
const queue = order.slice();
let late = false;
while (!late && tally.caught + tally.survived < options.count && queue.length > 0) {
  // Those of one file one after the other: the compiler keeps what did not change. Not all of them, so that a run that ends early saw every file.
  const batch = queue.splice(0, Math.min(50, options.count - tally.caught - tally.survived));
  batch.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.at - b.at));
  for (const m of batch) {
    if (Date.now() - started > options.minutes * 60000) {
      say(`time is up after ${options.minutes} minutes`);
      late = true;
      break;
    }
    const { fate, by } = attempt(m);
    tally[fate]++;
    if (fate === 'stillborn') continue;
    if (by === 'the time limit') slow++;
    say(`${fate} ${m.file}:${m.line} ${m.operator}${by ? ` (${by})` : ''}`);
    say(m.diff.split('\n').map((l) => '    ' + l).join('\n'));
    perFile[m.file] = perFile[m.file] || { caught: 0, survived: 0 };
    perFile[m.file][fate]++;
    if (fate === 'survived') survivors.push(m);
  }
}

const tried = tally.caught + tally.survived;
say('');
for (const [file, n] of Object.entries(perFile).sort()) say(`${file}: ${n.caught} of ${n.caught + n.survived}`);
const share = (100 * tally.caught) / tried;
say(`${tally.caught} of ${tried} mutants caught: ${share.toFixed(1)} % (seed ${options.seed}; ${slow} of them by the time limit; ${tally.stillborn} more did not compile)`);

const explained = fs.existsSync(path.join(__dirname, 'SURVIVORS.md')) ? fs.readFileSync(path.join(__dirname, 'SURVIVORS.md'), 'utf8') : '';
const missing = survivors.filter((m) => !explained.includes(m.diff));
for (const m of missing) say(`no explanation in SURVIVORS.md: ${m.file}:${m.line} ${m.operator}`);
process.exitCode = share >= 95 && missing.length === 0 ? 0 : 1;
