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
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');
const { mutantsOf, sample } = require('./operators.js');

const root = path.join(__dirname, '..');
const options = { seed: 6, count: 130, file: '', minutes: 60, timeout: 180, out: '', list: false };
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

function sources(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) return e.name === 'interfaces' ? [] : sources(p);
    return e.name.endsWith('.sol') ? [p] : [];
  }).sort();
}

// Interfaces have nothing to break but the code beside them in IParameters (Word); it is broken through its users.
const all = sources(path.join(root, 'src'))
  .map((p) => ({ file: path.relative(root, p), text: fs.readFileSync(p, 'utf8') }))
  .filter((f) => f.file.includes(options.file));
const order = sample(all.map((f) => ({ file: f.file, mutants: mutantsOf(f.text) })), options.seed);
if (options.list) {
  for (const m of order) console.log(`${m.file}:${m.line} ${m.operator}\n${m.diff}`);
  console.log(`${order.length} mutants`);
  process.exit(0);
}

// A copy is broken, never the tree that others work in.
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gwrun-mutants-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
for (const name of ['src', 'test', 'testdata', 'foundry.toml', 'solc.js', 'package.json']) {
  fs.cpSync(path.join(root, name), path.join(work, name), { recursive: true });
}
fs.symlinkSync(path.join(root, 'node_modules'), path.join(work, 'node_modules'));

// Few runs of what is random, and no optimizer: a mutant is a matter of seconds.
const env = {
  ...process.env,
  FOUNDRY_PROFILE: 'default',
  FOUNDRY_OPTIMIZER: 'false',
  FOUNDRY_DENY: 'never',
  FOUNDRY_FUZZ_RUNS: '12',
  FOUNDRY_INVARIANT_RUNS: '1',
  FOUNDRY_INVARIANT_DEPTH: '12',
};

function forge(...args) {
  const run = spawnSync(path.join(work, 'node_modules', '.bin', 'forge'), args, { cwd: work, env, encoding: 'utf8', timeout: options.timeout * 1000, killSignal: 'SIGKILL' });
  const text = (run.stdout || '') + (run.stderr || '');
  // Its exit status says nothing after --fail-fast; its last line does.
  return {
    passed: /^Ran \d+ test suites?.* [1-9]\d* tests passed, 0 failed/m.test(text),
    failed: /^\[FAIL|^Encountered |Error: setup failed/m.test(text),
    late: run.error !== undefined && run.error.code === 'ETIMEDOUT',
    text,
  };
}

const lines = [];
function say(text) {
  console.log(text);
  lines.push(text);
  if (options.out) fs.writeFileSync(options.out, lines.join('\n') + '\n');
}

const base = forge('test');
if (!base.passed) fail(`the tests fail without any mutant:\n${base.text.slice(-3000)}`);

const started = Date.now();
const tally = { caught: 0, survived: 0, stillborn: 0 };
const survivors = [];
const perFile = {};
for (const m of order) {
  if (tally.caught + tally.survived >= options.count) break;
  if (Date.now() - started > options.minutes * 60000) {
    say(`time is up after ${options.minutes} minutes`);
    break;
  }
  const target = path.join(work, m.file);
  const text = fs.readFileSync(path.join(root, m.file), 'utf8');
  if (text !== all.find((f) => f.file === m.file).text) fail(`${m.file} has changed meanwhile: mutants name places that are no more`);
  fs.writeFileSync(target, text.slice(0, m.at) + m.to + text.slice(m.at + m.from.length));
  const run = forge('test', '--fail-fast');
  fs.writeFileSync(target, text);
  const compiled = !/Compiler run failed/.test(run.text);
  const fate = !compiled ? 'stillborn' : run.failed || run.late ? 'caught' : 'survived';
  if (fate === 'survived' && !run.passed) fail(`forge says neither that tests passed nor that one failed:\n${run.text.slice(-3000)}`);
  tally[fate]++;
  if (fate === 'stillborn') continue;
  const by = run.late ? 'the time limit' : (run.text.match(/\[FAIL[^\]]*\] (\w+)\(/) || run.text.match(/\[FAIL[^\n]*\] (\w+)/) || [, ''])[1];
  say(`${fate} ${m.file}:${m.line} ${m.operator}${by ? ` (${by})` : ''}`);
  say(m.diff.split('\n').map((l) => '    ' + l).join('\n'));
  perFile[m.file] = perFile[m.file] || { caught: 0, survived: 0 };
  perFile[m.file][fate]++;
  if (fate === 'survived') survivors.push(m);
}

const tried = tally.caught + tally.survived;
say('');
for (const [file, n] of Object.entries(perFile).sort()) say(`${file}: ${n.caught} of ${n.caught + n.survived}`);
const share = (100 * tally.caught) / tried;
say(`${tally.caught} of ${tried} mutants caught: ${share.toFixed(1)} % (seed ${options.seed}; ${tally.stillborn} more did not compile)`);

const explained = fs.existsSync(path.join(__dirname, 'SURVIVORS.md')) ? fs.readFileSync(path.join(__dirname, 'SURVIVORS.md'), 'utf8') : '';
const missing = survivors.filter((m) => !explained.includes(m.diff));
for (const m of missing) say(`no explanation in SURVIVORS.md: ${m.file}:${m.line} ${m.operator}`);
process.exitCode = share >= 95 && missing.length === 0 ? 0 : 1;
