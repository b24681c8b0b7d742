// A copy of the contracts and their tests that can be broken, and forge in it: never the tree that others work in.
'use strict';
const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawnSync } = require('child_process');

const root = path.join(__dirname, '..');

// Bounds of gas mean nothing without the optimizer.
const skip = ['--no-match-test', 'testWorkIsBounded|testGas'];

function walk(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const p = path.join(dir, e.name);
    if (e.isDirectory()) return e.name === 'interfaces' ? [] : walk(p);
    return e.name.endsWith('.sol') ? [p] : [];
  }).sort();
}

// sources are the contracts with their text. Interfaces have nothing to break but the code beside them in IParameters (Word); it is broken through its
// users.
function sources() {
  return walk(path.join(root, 'src')).map((p) => ({ file: path.relative(root, p), text: fs.readFileSync(p, 'utf8') }));
}

// copy makes the tree, which goes with this process, and gives {work, write, forge}. timeout is of one run of forge, in seconds.
function copy(timeout) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gwrun-mutants-'));
  process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
  for (const name of ['src', 'test', 'testdata', 'foundry.toml', 'solc.js', 'package.json']) {
    fs.cpSync(path.join(root, name), path.join(work, name), { recursive: true });
  }
  // The market's invariants are long, and their code is too deep for the compiler without its optimizer.
  for (const name of ['invariant', 'Gas.t.sol']) fs.rmSync(path.join(work, 'test', name), { recursive: true, force: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(work, 'node_modules'));

  // Few runs of what is random, and no optimizer: a run is a matter of seconds.
  const env = {
    ...process.env,
    FOUNDRY_PROFILE: 'default',
    FOUNDRY_OPTIMIZER: 'false',
    FOUNDRY_DENY: 'never',
    FOUNDRY_FUZZ_RUNS: '6',
    FOUNDRY_INVARIANT_RUNS: '1',
    FOUNDRY_INVARIANT_DEPTH: '12',
  };
  const once = (args) => spawnSync(path.join(work, 'node_modules', '.bin', 'forge'), args, { cwd: work, env, encoding: 'utf8', timeout: timeout * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 28 });

  function forge(...args) {
    let run = once(args);
    // Ended from outside, as by a machine without memory: that says nothing about the contracts.
    for (let i = 0; i < 2 && !run.error && run.signal; i++) run = once(args);
    const text = (run.stdout || '') + (run.stderr || '');
    if (run.error && run.error.code !== 'ETIMEDOUT') throw new Error(`forge: ${run.error.message}`);
    // Its exit status says nothing after --fail-fast; its last line does.
    return {
      passed: /^Ran \d+ test suites?.* [1-9]\d* tests passed, 0 failed/m.test(text),
      failed: /^\[FAIL|^Encountered |Error: setup failed/m.test(text),
      stillborn: /Compiler run failed/.test(text),
      late: run.error !== undefined && run.error.code === 'ETIMEDOUT',
      text,
    };
  }
  return { work, write: (file, text) => fs.writeFileSync(path.join(work, file), text), forge };
}

module.exports = { root, skip, sources, copy };
