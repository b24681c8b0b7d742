// What a job needs besides WebGPU: inputs, outputs, arguments, log, progress and steps.
//
// Nothing here returns an error where a job could not go on: whoever asks for an input that is missing gets a line in the log that
// says so, and the job ends, which is a result too.

import * as raw from "./raw";

// What gw_step returns: any other value says that the job failed.
export const DONE: i32 = 0;
export const AGAIN: i32 = 1;

// Adds a line to the job's log.
export function log(text: string): void {
  const b = String.UTF8.encode(text);
  raw.log(changetype<usize>(b), b.byteLength);
}

// Logs why and ends the job.
export function fail(why: string): void {
  log(why);
  unreachable();
}

// What the compiler calls where a program can't go on (--use abort=...): an exception, an index outside an array, no memory.
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  fail("abort: " + (message ? message : "") + " at " + (file ? file : "") + ":" + line.toString() + ":" + column.toString());
}

// How far the job is, 0 to 1, and a word about it.
export function progress(fraction: f64, text: string): void {
  const b = String.UTF8.encode(text);
  raw.progress(fraction, changetype<usize>(b), b.byteLength);
}

// The seed in the job's description.
export function seed(): u64 {
  return raw.seed();
}

// What Math.random begins with (--use seed=...): random numbers follow from the job's seed.
export function mathSeed(): f64 {
  return reinterpret<f64>(raw.seed());
}

// The number of the current step, from 1; 0 in gw_init.
export function step(): u64 {
  return raw.stepIndex();
}

// One of the job's inputs.
export class Input {
  constructor(public name: string, public index: u32, public size: u64) {}

  // Copies at most size bytes from offset on to an address, and gives how many: fewer at the end.
  readAt(offset: u64, to: usize, size: u32): u32 {
    return raw.inputRead(this.index, offset, to, size);
  }

  // n bytes from offset on; fewer end the job.
  range(offset: u64, n: u32): StaticArray<u8> {
    if (offset > this.size || n > this.size - offset) {
      fail(`input ${this.name} has ${this.size} bytes, wanted ${n} from byte ${offset} on`);
    }
    const data = new StaticArray<u8>(n);
    raw.inputRead(this.index, offset, changetype<usize>(data), n);
    return data;
  }

  // All of it.
  bytes(): StaticArray<u8> {
    if (this.size >= 1 << 30) fail(`input ${this.name} has ${this.size} bytes, wanted less than 1 GiB: read it in parts`);
    return this.range(0, <u32>this.size);
  }

  // How many little-endian numbers it has; a size that is no multiple of 4 ends the job.
  countF32(): u64 {
    if (this.size % 4 != 0) fail(`input ${this.name} has ${this.size} bytes, wanted a multiple of 4`);
    return this.size / 4;
  }

  // n numbers from number first on; fewer end the job.
  f32Range(first: u64, n: i32): StaticArray<f32> {
    const count = this.countF32();
    if (n < 0 || n > 1 << 28 || first > count || <u64>n > count - first) {
      fail(`input ${this.name} has ${count} numbers, wanted ${n} from number ${first} on`);
    }
    const data = new StaticArray<f32>(n);
    raw.inputRead(this.index, 4 * first, changetype<usize>(data), 4 * n);
    return data;
  }

  // All of it.
  f32s(): StaticArray<f32> {
    if (this.size >= 1 << 30) fail(`input ${this.name} has ${this.size} bytes, wanted less than 1 GiB: read it in parts`);
    return this.f32Range(0, <i32>this.countF32());
  }
}

// The names of the inputs, in order.
export function inputs(): string[] {
  const names: string[] = [];
  for (let i: u32 = 0, n = raw.inputCount(); i < n; i++) {
    const size = raw.inputNameLen(i);
    const b = new ArrayBuffer(size);
    raw.inputName(i, changetype<usize>(b), size);
    names.push(String.UTF8.decode(b));
  }
  return names;
}

function find(name: string): i32 {
  const b = String.UTF8.encode(name);
  return raw.inputFind(changetype<usize>(b), b.byteLength);
}

export function hasInput(name: string): bool {
  return find(name) >= 0;
}

// Finds the input of that name; its absence ends the job.
export function openInput(name: string): Input {
  const i = find(name);
  if (i < 0) fail(`input ${name} is missing`);
  return new Input(name, i, raw.inputLen(i));
}

// All of the input of that name.
export function readInput(name: string): StaticArray<u8> {
  return openInput(name).bytes();
}

// Appends the elements, little-endian, to the output of that name, which the first call makes. Names are 1 to 255 bytes.
export function writeOutput<T>(name: string, data: StaticArray<T>): void {
  const b = String.UTF8.encode(name);
  raw.outputWrite(changetype<usize>(b), b.byteLength, changetype<usize>(data), data.length * sizeof<T>());
}

// Appends text to the output of that name.
export function writeOutputText(name: string, text: string): void {
  const b = String.UTF8.encode(name);
  const t = String.UTF8.encode(text);
  raw.outputWrite(changetype<usize>(b), b.byteLength, changetype<usize>(t), t.byteLength);
}

// The arguments in the job's description.
export function args(): string[] {
  const all: string[] = [];
  for (let i: u32 = 0, n = raw.argCount(); i < n; i++) {
    const size = raw.argLen(i);
    const b = new ArrayBuffer(size);
    raw.argRead(i, changetype<usize>(b), size);
    all.push(String.UTF8.decode(b));
  }
  return all;
}

// The value of the argument name=value, or null.
export function arg(name: string): string | null {
  const all = args();
  for (let i = 0; i < all.length; i++) {
    if (all[i].startsWith(name + "=")) return all[i].substring(name.length + 1);
  }
  return null;
}

// The value of the argument name=value, or the fallback.
export function argText(name: string, fallback: string): string {
  const text = arg(name);
  return text === null ? fallback : text;
}

// The argument name=value as a whole number, or the fallback. A value that is no plain decimal from low to high ends the job.
export function argU32(name: string, fallback: u32, low: u32, high: u32): u32 {
  const text = arg(name);
  if (text === null) return fallback;
  let n: u64 = 0;
  let good = text.length > 0 && text.length <= 10;
  for (let i = 0; good && i < text.length; i++) {
    const c = text.charCodeAt(i);
    good = c >= 48 && c <= 57;
    n = n * 10 + (c - 48);
  }
  if (!good || n < low || n > high) fail(`argument ${name} is "${text}", want a number from ${low} to ${high}`);
  return <u32>n;
}

// The argument name=value as a number, or the fallback. A value that is no plain decimal (at most 15 digits and a point) from low to
// high ends the job.
export function argF32(name: string, fallback: f32, low: f32, high: f32): f32 {
  const text = arg(name);
  if (text === null) return fallback;
  let digits: f64 = 0;
  let scale: f64 = 1;
  let point = false;
  let some = false;
  let good = text.length > 0 && text.length <= 16;
  for (let i = 0; good && i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c == 46 && !point) {
      point = true;
      continue;
    }
    good = c >= 48 && c <= 57;
    some = true;
    digits = digits * 10 + <f64>(c - 48);
    if (point) scale *= 10;
  }
  const n = <f32>(digits / scale);
  if (!good || !some || n < low || n > high) fail(`argument ${name} is "${text}", want a number from ${low} to ${high}`);
  return n;
}
