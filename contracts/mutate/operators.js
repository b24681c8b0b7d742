// What can be broken in a Solidity source, found without a parser: comments and strings are blanked, and places are told apart by braces.
'use strict';

// blank keeps every position and replaces what is no code by spaces.
function blank(text) {
  return text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"/g, (s) => s.replace(/[^\n]/g, ' '));
}

// regions marks each character with what it is part of: 'body' of a function, 'constant' declaration, 'head' of a function, or nothing.
function regions(code) {
  const kind = new Array(code.length).fill('');
  const mark = (from, to, what) => kind.fill(what, from, to);
  const close = (open) => {
    let depth = 0;
    for (let i = open; i < code.length; i++) {
      if (code[i] === '{') depth++;
      if (code[i] === '}' && --depth === 0) return i;
    }
    return code.length;
  };
  for (const m of code.matchAll(/\b(function\b|constructor\b|modifier\b)[^{};]*\{/g)) {
    const open = m.index + m[0].length - 1;
    mark(m.index, open, 'head');
    mark(open + 1, close(open), 'body');
  }
  for (const m of code.matchAll(/\bassembly\b[^{;]*\{/g)) mark(m.index, close(m.index + m[0].length - 1) + 1, '');
  for (const m of code.matchAll(/\bconstant\b[^;]*;/g)) mark(m.index, m.index + m[0].length, 'constant');
  return kind;
}

// closing finds the bracket that ends what opens at i.
function closing(code, i) {
  let depth = 0;
  for (; i < code.length; i++) {
    if ('([{'.includes(code[i])) depth++;
    if (')]}'.includes(code[i]) && --depth === 0) return i;
  }
  return -1;
}

// split cuts at commas outside of brackets.
function split(code, from, to) {
  const parts = [];
  let depth = 0;
  let start = from;
  for (let i = from; i <= to; i++) {
    if (i === to || (code[i] === ',' && depth === 0)) {
      parts.push([start, i]);
      start = i + 1;
    } else if ('([{'.includes(code[i])) depth++;
    else if (')]}'.includes(code[i])) depth--;
  }
  return parts;
}

const swaps = [
  ['comparison', / (<=|>=|==|!=|<|>) /g, { '<': ['<=', '>'], '<=': ['<', '>'], '>': ['>=', '<'], '>=': ['>', '<'], '==': ['!='], '!=': ['=='] }],
  ['arithmetic', / ([+\-*/%]) /g, { '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'] }],
  ['arithmetic', / ([+\-])= /g, { '+': ['-'], '-': ['+'] }],
  ['arithmetic', /(\+\+|--)/g, { '++': ['--'], '--': ['++'] }],
  ['boolean', / (&&|\|\|) /g, { '&&': ['||'], '||': ['&&'] }],
  ['boolean', /\b(true|false)\b/g, { true: ['false'], false: ['true'] }],
];

// mutantsOf gives every mutant of a source: {at, from, to, line, operator, diff}.
function mutantsOf(text) {
  const code = blank(text);
  const kind = regions(code);
  const out = [];
  const add = (operator, at, length, to) => {
    const from = text.slice(at, at + length);
    const first = text.lastIndexOf('\n', at) + 1;
    let last = text.indexOf('\n', at + length);
    if (last < 0) last = text.length;
    const before = text.slice(first, last);
    const after = text.slice(first, at) + to + text.slice(at + length, last);
    const show = (sign, s) => s.split('\n').map((l) => `${sign} ${l.trim()}`).join('\n');
    out.push({ operator, at, from, to, line: text.slice(0, at).split('\n').length, diff: `${show('-', before)}\n${show('+', after)}` });
  };
  const inBody = (i) => kind[i] === 'body';

  for (const [operator, pattern, to] of swaps) {
    for (const m of code.matchAll(pattern)) {
      const at = m.index + m[0].indexOf(m[1]);
      if (inBody(at)) for (const t of to[m[1]]) add(operator, at, m[1].length, t);
    }
  }
  for (const m of code.matchAll(/!(?=[\w(])/g)) if (inBody(m.index)) add('boolean', m.index, 1, '');

  for (const m of code.matchAll(/(?<![\w.])\d[\d_]*(?![\w.])/g)) {
    if (kind[m.index] !== 'body' && kind[m.index] !== 'constant') continue;
    const n = BigInt(m[0].replaceAll('_', ''));
    add(kind[m.index] === 'constant' ? 'constant' : 'boundary', m.index, m[0].length, String(n + 1n));
    if (n > 1n) add(kind[m.index] === 'constant' ? 'constant' : 'boundary', m.index, m[0].length, String(n - 1n));
  }

  // Statements: what stands between ; { or } and the next ; outside of brackets.
  const depth = [0];
  for (let i = 0; i < code.length; i++) depth.push(depth[i] + (code[i] === '(' ? 1 : code[i] === ')' ? -1 : 0));
  for (const m of code.matchAll(/[;{}]\s*(?=[A-Za-z_(+-])/g)) {
    const at = m.index + m[0].length;
    if (!inBody(at) || depth[at] > 0) continue;
    let end = at;
    for (; end < code.length && !';{}'.includes(code[end]); end++) if (code[end] === '(') end = closing(code, end);
    if (code[end] !== ';') continue;
    const s = code.slice(at, end + 1);
    if (/^(return|for|while|else|do|try|_;|unchecked)\b/.test(s)) continue;
    if (/^if\b/.test(s)) {
      if (/\brevert\b/.test(s)) add('removed require', at, s.length, '');
      else if (!/\breturn\b/.test(s)) add('removed statement', at, s.length, '');
    } else if (/^revert\b/.test(s)) add('removed require', at, s.length, '');
    else if (!/^[A-Za-z_][\w.]*(\[\w*\])?\s+((memory|storage|calldata)\s+)?[A-Za-z_]\w*\s*(=|;)/.test(s) && !/^\([^=]*\b(memory|storage|calldata|uint\d*|bool|address|bytes\d*)\b[^=]*\) =/.test(s)) {
      add('removed statement', at, s.length, '');
    }
  }

  // The first two arguments of a call, swapped.
  for (const m of code.matchAll(/\b[A-Za-z_]\w*\(/g)) {
    if (!inBody(m.index) || /^(if|for|while|return)\(/.test(m[0])) continue;
    const open = m.index + m[0].length - 1;
    const parts = split(code, open + 1, closing(code, open));
    if (parts.length < 2) continue;
    const [a, b] = parts.map(([from, to]) => text.slice(from, to).trim());
    if (a === b || a.includes('\n') || b.includes('\n')) continue;
    const from = text.slice(parts[0][0], parts[1][1]);
    add('swapped arguments', parts[0][0], from.length, from.replace(a, '\x00').replace(b, () => a).replace('\x00', () => b));
  }

  for (const m of code.matchAll(/ (only[A-Z]\w*|nonReentrant)\b/g)) {
    if (kind[m.index + 1] === 'head' && !/\bmodifier\b/.test(code.slice(Math.max(0, m.index - 10), m.index + 1))) add('removed modifier', m.index, m[0].length, '');
  }
  return out;
}

// random numbers that a seed decides (mulberry32, Tommy Ettinger, public domain).
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function shuffle(list, next) {
  for (let i = list.length - 1; i > 0; i--) {
    const k = Math.floor(next() * (i + 1));
    [list[i], list[k]] = [list[k], list[i]];
  }
  return list;
}

// sample orders all mutants so that any beginning of the order has its share of every file and, within a file, of every operator.
function sample(files, seed) {
  const next = random(seed);
  const keyed = [];
  for (const { file, mutants } of files) {
    const byOperator = new Map();
    for (const m of mutants) byOperator.set(m.operator, [...(byOperator.get(m.operator) || []), { file, ...m }]);
    const list = [...byOperator.values()].flatMap((l) => shuffle(l, next).map((m, i) => ({ m, key: (i + next()) / l.length })));
    list.sort((a, b) => a.key - b.key);
    list.forEach(({ m }, i) => keyed.push({ m, key: (i + next()) / list.length }));
  }
  return keyed.sort((a, b) => a.key - b.key).map(({ m }) => m);
}

module.exports = { mutantsOf, sample, blank, closing };
