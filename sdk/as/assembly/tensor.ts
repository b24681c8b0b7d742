// Tensors on the job's device, computed with the kernel library.
//
//   const x = tensor.fromF32([100, 784], data);
//   const y = tensor.activate(tensor.matmul(x, w), tensor.RELU);
//   gw.writeOutput<f32>("y", y.readF32());
//
// A tensor is a shape of 1 to 4 dimensions, each at least 1, an element type, and a place in a buffer. Functions queue work and return
// at once; reading waits for all of it. What they return is new; sgd, adam, adamw, clip and accumulating products write in place. The
// rows of a tensor are its last dimension: one of [2, 3, n] has 6 rows of n. Unless it says otherwise everything is f32.
//
// Shapes that don't fit end the job with a line in its log that says what was found and what is wanted.
//
// A tensor's memory on the device lasts until release(), or until the end() of the begin() after which it was made.

import * as gw from "./gw";
import * as wgpu from "./wgpu";
import * as lib from "./lib";
import * as raw from "./raw";
import { Constant, Kernel } from "./kernel";

// The element types. All are 4 bytes wide.
export const F32: i32 = 0;
export const U32: i32 = 1;

function elemText(elem: i32): string {
  return elem == U32 ? "u32" : "f32";
}

// A buffer that tensors share: a view with what it is a view of.
class Memory {
  users: i32 = 1;
  constructor(public buffer: wgpu.Buffer) {}
}

function stop(op: string, why: string): void {
  gw.fail(op + ": " + why);
}

function shapeText(shape: i32[]): string {
  return "[" + shape.join(", ") + "]";
}

// product checks a shape and gives its number of elements.
function product(op: string, shape: i32[]): i32 {
  if (shape.length < 1 || shape.length > 4) stop(op, `a shape of ${shape.length} dimensions, want 1 to 4`);
  let n: i64 = 1;
  for (let i = 0; i < shape.length; i++) {
    n *= shape[i];
    if (shape[i] < 1 || n > 1 << 29) {
      stop(op, `a shape of ${shapeText(shape)}, want dimensions of at least 1 and at most 536870912 elements`);
    }
  }
  return <i32>n;
}

// A shape, an element type and a place in a buffer on the device.
export class Tensor {
  // Use the functions below to make one.
  constructor(public shape: i32[], public elem: i32, private memory: Memory | null, public offset: u64) {
    if (scopes.length > 0) scopes[scopes.length - 1].push(this);
  }

  toString(): string {
    return shapeText(this.shape);
  }

  // The number of elements.
  count(): i32 {
    let n = 1;
    for (let i = 0; i < this.shape.length; i++) n *= this.shape[i];
    return n;
  }

  // How long a row is, and how many there are.
  width(): i32 {
    return this.shape[this.shape.length - 1];
  }
  height(): i32 {
    return this.count() / this.width();
  }

  // The buffer; a tensor that was released ends the job.
  buffer(op: string): wgpu.Buffer {
    const m = this.memory;
    if (m === null) {
      stop(op, `a tensor of ${this} was released before`);
      return unreachable();
    }
    return m.buffer;
  }

  // Checks that the tensor can be used and has that type and, if one is given, that shape.
  want(op: string, what: string, elem: i32, shape: i32[] | null = null): void {
    this.buffer(op);
    if (this.elem != elem) stop(op, `${what} is of ${elemText(this.elem)}, want ${elemText(elem)}`);
    if (shape === null) return;
    let same = shape.length == this.shape.length;
    for (let i = 0; same && i < shape.length; i++) same = shape[i] == this.shape[i];
    if (!same) stop(op, `${what} is ${this}, want ${shapeText(shape)}`);
  }

  // put is write without what is queued before.
  put<T>(op: string, data: StaticArray<T>): void {
    const b = this.buffer(op);
    const elem = isFloat<T>() ? F32 : U32;
    if (sizeof<T>() != 4 || elem != this.elem || data.length != this.count()) {
      stop(op, `${data.length} elements of ${nameof<T>()}, want ${this.count()} of ${elemText(this.elem)} for ${this}`);
    }
    b.write<T>(this.offset, data);
  }

  // Replaces all elements, after everything queued so far.
  write<T>(data: StaticArray<T>): void {
    flush();
    this.put<T>("write", data);
  }

  // Reads the elements, after everything queued so far.
  readF32(): StaticArray<f32> {
    this.want("read_f32", "the tensor", F32);
    flush();
    return this.buffer("read_f32").read<f32>(this.offset, this.count());
  }
  readU32(): StaticArray<u32> {
    this.want("read_u32", "the tensor", U32);
    flush();
    return this.buffer("read_u32").read<u32>(this.offset, this.count());
  }

  private view(shape: i32[], offset: u64): Tensor {
    const m = this.memory!;
    m.users++;
    return new Tensor(shape, this.elem, m, offset);
  }

  // The same elements in another shape of as many. The memory is shared.
  reshape(shape: i32[]): Tensor {
    this.buffer("reshape");
    if (product("reshape", shape) != this.count()) stop("reshape", `${this} into ${shapeText(shape)}, want as many elements`);
    return this.view(shape.slice(0), this.offset);
  }

  // A view of the entries from up to but not to of the first dimension. The memory is shared.
  rows(from: i32, to: i32): Tensor {
    this.buffer("rows");
    if (from < 0 || to <= from || to > this.shape[0]) {
      stop("rows", `from ${from} to ${to}, want at least one of the ${this.shape[0]} of ${this}`);
    }
    const shape = this.shape.slice(0);
    shape[0] = to - from;
    return this.view(shape, this.offset + 4 * <u64>from * <u64>(this.count() / this.shape[0]));
  }

  // Gives the memory up. What is queued and needs it is still done.
  release(): void {
    const m = this.memory;
    if (m === null) return;
    if (--m.users == 0) m.buffer.release();
    this.memory = null;
  }
}

// The tensors made since each begin() that has no end() yet.
const scopes: Tensor[][] = [];

// From now on until end(), tensors that are made belong to a scope.
export function begin(): void {
  scopes.push([]);
}

// Releases what was made since begin(), except what is to be kept, which belongs to the scope around if there is one.
export function end(keep: Tensor[] = []): void {
  if (scopes.length == 0) stop("end", "there was no begin");
  const made = scopes.pop();
  for (let i = 0; i < made.length; i++) {
    if (!keep.includes(made[i])) made[i].release();
    else if (scopes.length > 0) scopes[scopes.length - 1].push(made[i]);
  }
}

function make(op: string, elem: i32, shape: i32[]): Tensor {
  const n = product(op, shape);
  return new Tensor(shape.slice(0), elem, new Memory(new wgpu.Buffer(op, 4 * <u64>n)), 0);
}

export function zeros(shape: i32[]): Tensor {
  return make("zeros", F32, shape);
}

export function zerosU32(shape: i32[]): Tensor {
  return make("zeros", U32, shape);
}

export function fromF32(shape: i32[], data: StaticArray<f32>): Tensor {
  const t = make("from_f32", F32, shape);
  t.put<f32>("from_f32", data);
  return t;
}

export function fromU32(shape: i32[], data: StaticArray<u32>): Tensor {
  const t = make("from_u32", U32, shape);
  t.put<u32>("from_u32", data);
  return t;
}

// What is bound has to begin at a multiple of this.
const SLOT: u64 = 256;
// The dispatches that one submit may hold: each has its parameters in a place of its own.
const SLOTS: u64 = 256;
// WebGPU's limit on the workgroups of a dimension.
const MOST_GROUPS: u64 = 65535;

let commands: wgpu.Commands | null = null;
let params: wgpu.Buffer | null = null; // slots of parameters
let nothing: wgpu.Buffer | null = null; // a word, bound where a kernel reads nothing
let slots: u64 = 0;
const pipelines = new Map<string, wgpu.Pipeline>();

function pending(): wgpu.Commands {
  let c = commands;
  if (c === null) {
    c = new wgpu.Commands();
    commands = c;
  }
  return c;
}

// Submits what is queued. Reading and writing do it too.
export function flush(): void {
  const c = commands;
  if (c === null) return;
  commands = null;
  slots = 0;
  c.submit();
}

function pipeline(k: Kernel, tile: Constant[]): wgpu.Pipeline {
  const constants = k.constants().concat(tile);
  let key = k.name();
  for (let i = 0; i < constants.length; i++) key += " " + constants[i].value.toString();
  if (pipelines.has(key)) return pipelines.get(key);
  const p = new wgpu.Pipeline(k.source(), k.name(), constants);
  pipelines.set(key, p);
  return p;
}

// clashes reports whether tensor i shares its buffer with another that the kernel writes, which WebGPU does not allow: then what the kernel
// reads is what was there before, and of several that it writes the last stays.
function clashes(writable: u32, tensors: (Tensor | null)[], i: i32): bool {
  const t = tensors[i];
  if (t === null) return false;
  for (let j = 0; j < tensors.length; j++) {
    const other = tensors[j];
    if (j == i || other === null || other.buffer("run") !== t.buffer("run") || ((writable >> j) & 1) == 0) continue;
    if (j < i || ((writable >> i) & 1) == 0) return true;
  }
  return false;
}

// Queues any kernel of the library. Tensors stand in the order of its bindings; null is a word that the kernel does not look at. Values of
// the tile change its speed, never its result.
export function run(k: Kernel, tensors: (Tensor | null)[], tile: Constant[] = []): void {
  const op = k.name();
  const bindings = k.bindings();
  if (tensors.length != bindings.length) {
    stop(op, `${tensors.length} tensors, want ${bindings.length}: ${bindings.join(", ")}`);
  }
  const tiles = k.tile();
  for (let i = 0; i < tile.length; i++) {
    let j = 0;
    while (j < tiles.length && tiles[j].name != tile[i].name) j++;
    if (j == tiles.length || !(tile[i].value >= 1 && tile[i].value <= 65536)) {
      stop(op, `${tile[i].name}=${tile[i].value} is no value of its tile`);
    }
    tiles[j] = tile[i];
  }
  const values = new StaticArray<u32>(tiles.length);
  for (let i = 0; i < tiles.length; i++) values[i] = <u32>tiles[i].value;
  const words = k.words();
  const groups = k.grid(words, values);
  for (let i = 0; i < 3; i++) {
    if (groups[i] > MOST_GROUPS) stop(op, `${groups[i]} workgroups in dimension ${i}, want at most ${MOST_GROUPS}: cut the work`);
  }
  if (slots == SLOTS) flush();
  let p = params;
  let none = nothing;
  if (p === null || none === null) {
    p = new wgpu.Buffer("params", SLOT * SLOTS, raw.BufferUsage.Uniform | raw.BufferUsage.CopyDst);
    none = new wgpu.Buffer("nothing", 4);
    params = p;
    nothing = none;
  }
  const compiled = pipeline(k, tiles);
  const queue = pending();

  const at = slots++ * SLOT;
  p.write<u32>(at, words);
  const ranges: (wgpu.Range | null)[] = [new wgpu.Range(p, at, (4 * <u64>words.length + 15) & ~15)];
  // Tensors that can't be bound where they are, and the copies that are bound instead.
  const from: wgpu.Range[] = [];
  const copies: wgpu.Buffer[] = [];
  const back: bool[] = [];
  for (let i = 0; i < tensors.length; i++) {
    const t = tensors[i];
    if (t === null) {
      ranges.push(new wgpu.Range(none));
      continue;
    }
    const r = new wgpu.Range(t.buffer(op), t.offset, 4 * <u64>t.count());
    if (r.offset % SLOT == 0 && !clashes(k.writable(), tensors, i)) {
      ranges.push(r);
      continue;
    }
    const copy = new wgpu.Buffer("copy", r.size);
    queue.copy(copy, 0, r.buffer, r.offset, r.size);
    from.push(r);
    copies.push(copy);
    back.push(((k.writable() >> i) & 1) != 0);
    ranges.push(new wgpu.Range(copy));
  }
  const g = new wgpu.Group(compiled, ranges);
  queue.dispatch(compiled, g, <u32>groups[0], <u32>groups[1], <u32>groups[2]);
  g.release();
  for (let i = 0; i < from.length; i++) {
    if (back[i]) queue.copy(from[i].buffer, from[i].offset, copies[i], 0, from[i].size);
    copies[i].release();
  }
}

// Products.

// The activations.
export const NONE: u32 = 0;
export const RELU: u32 = 1;
export const GELU: u32 = 2;
export const SILU: u32 = 3;
export const TANH: u32 = 4;
export const SIGMOID: u32 = 5;

function checkActivation(op: string, a: u32, low: u32): void {
  if (a < low || a > SIGMOID) stop(op, `activation ${a}, want ${low} to ${SIGMOID}`);
}

export class MatMulOptions {
  transposeA: bool = false; // a is [k, m]
  transposeB: bool = false; // b is [n, k]
  bias: Tensor | null = null; // [n], added to every row
  activation: u32 = NONE;
  // Is added to the product, and has the result: activation(into + a b + bias).
  into: Tensor | null = null;
}

// a [m, k] times b [k, n]: [m, n]. a may have a batch in front, [z, m, k]; b then is [z, k, n] or, for all, [k, n].
export function matmul(a: Tensor, b: Tensor): Tensor {
  return matmulWith(a, b, new MatMulOptions());
}

export function matmulWith(a: Tensor, b: Tensor, o: MatMulOptions): Tensor {
  const op = "matmul";
  a.want(op, "a", F32);
  b.want(op, "b", F32);
  const d = a.shape.length;
  const e = b.shape.length;
  if (d != 2 && d != 3) stop(op, `a is ${a}, want two dimensions, or three with a batch`);
  if (e != 2 && e != d) stop(op, `b is ${b}, want two dimensions, or as many as a's ${a}`);
  const m = o.transposeA ? a.shape[d - 1] : a.shape[d - 2];
  const k = o.transposeA ? a.shape[d - 2] : a.shape[d - 1];
  const n = o.transposeB ? b.shape[e - 2] : b.shape[e - 1];
  if ((o.transposeB ? b.shape[e - 1] : b.shape[e - 2]) != k) {
    stop(op, `b is ${b}, want ${k} ${o.transposeB ? "columns" : "rows"}, as a is ${a}`);
  }
  const p = new lib.MatmulF32();
  p.m = m;
  p.n = n;
  p.k = k;
  p.batch = 1;
  p.transposeA = o.transposeA;
  p.transposeB = o.transposeB;
  p.activation = o.activation;
  checkActivation(op, o.activation, NONE);
  let shape = [m, n];
  if (d == 3) {
    shape = [a.shape[0], m, n];
    p.batch = a.shape[0];
    p.aStep = m * k;
    if (e == 3) {
      p.bStep = k * n;
      if (b.shape[0] != a.shape[0]) stop(op, `b is ${b}, want a batch of ${a.shape[0]}, as a is ${a}`);
    }
  }
  const bias = o.bias;
  if (bias !== null) {
    bias.want(op, "bias", F32, [n]);
    p.withBias = true;
  }
  const into = o.into;
  let c: Tensor;
  if (into === null) {
    c = make(op, F32, shape);
  } else {
    into.want(op, "the tensor to accumulate into", F32, shape);
    p.accumulate = true;
    c = into;
  }
  run(p, [a, b, bias, c]);
  return c;
}

// Element by element.

// like makes a tensor of x's shape, after checking that x can be used.
function like(op: string, x: Tensor): Tensor {
  x.want(op, "x", F32);
  return make(op, F32, x.shape);
}

// x + y, of equal shapes.
export function add(x: Tensor, y: Tensor): Tensor {
  const z = like("add", x);
  y.want("add", "y", F32, x.shape);
  const k = new lib.Add();
  k.n = x.count();
  run(k, [x, y, z]);
  return z;
}

// x y, of equal shapes.
export function mul(x: Tensor, y: Tensor): Tensor {
  const z = like("mul", x);
  y.want("mul", "y", F32, x.shape);
  const k = new lib.Mul();
  k.n = x.count();
  run(k, [x, y, z]);
  return z;
}

// a x.
export function scale(x: Tensor, a: f32): Tensor {
  const y = like("scale", x);
  const k = new lib.Scale();
  k.n = x.count();
  k.a = a;
  run(k, [x, y]);
  return y;
}

// a x + y, of equal shapes.
export function axpy(a: f32, x: Tensor, y: Tensor): Tensor {
  const z = like("axpy", x);
  y.want("axpy", "y", F32, x.shape);
  const k = new lib.Axpy();
  k.n = x.count();
  k.a = a;
  run(k, [x, y, z]);
  return z;
}

// b [n] added to every row of x.
export function biasAdd(x: Tensor, b: Tensor): Tensor {
  const y = like("bias_add", x);
  b.want("bias_add", "b", F32, [x.width()]);
  const k = new lib.BiasAdd();
  k.rows = x.height();
  k.n = x.width();
  run(k, [x, b, y]);
  return y;
}

export function activate(x: Tensor, kind: u32): Tensor {
  checkActivation("activate", kind, RELU);
  const y = like("activate", x);
  const k = new lib.Activate();
  k.n = x.count();
  k.activation = kind;
  run(k, [x, y]);
  return y;
}

// The gradient of activate for x, which is what activate was given.
export function activateGrad(x: Tensor, dy: Tensor, kind: u32): Tensor {
  checkActivation("activate_grad", kind, RELU);
  const dx = like("activate_grad", x);
  dy.want("activate_grad", "dy", F32, x.shape);
  const k = new lib.ActivateGrad();
  k.n = x.count();
  k.activation = kind;
  run(k, [x, dy, dx]);
  return dx;
}

// Rows of n from v: every element of row r is factor v[r].
export function broadcastRows(v: Tensor, n: i32, factor: f32): Tensor {
  v.want("broadcast_rows", "v", F32, [v.count()]);
  const y = make("broadcast_rows", F32, [v.count(), n]);
  const k = new lib.Broadcast();
  k.rows = v.count();
  k.n = n;
  k.factor = factor;
  run(k, [v, y]);
  return y;
}

// Rows of v: every row is factor v.
export function broadcastColumns(v: Tensor, rows: i32, factor: f32): Tensor {
  v.want("broadcast_columns", "v", F32, [v.count()]);
  const y = make("broadcast_columns", F32, [rows, v.count()]);
  const k = new lib.Broadcast();
  k.rows = rows;
  k.n = v.count();
  k.factor = factor;
  k.columns = true;
  run(k, [v, y]);
  return y;
}

// Rows of n: v[r] in column index[r] (u32) of row r, 0 elsewhere.
export function scatter(v: Tensor, index: Tensor, n: i32): Tensor {
  v.want("scatter", "v", F32, [v.count()]);
  index.want("scatter", "index", U32, v.shape);
  const y = make("scatter", F32, [v.count(), n]);
  const k = new lib.Scatter();
  k.rows = v.count();
  k.n = n;
  run(k, [v, index, y]);
  return y;
}

// Rows.

function softmaxOf(op: string, x: Tensor, logarithm: bool): Tensor {
  const y = like(op, x);
  const k = new lib.Softmax();
  k.rows = x.height();
  k.n = x.width();
  k.scale = 1;
  k.logarithm = logarithm;
  run(k, [x, null, y]);
  return y;
}

// exp(x) / sum of exp(x) along rows.
export function softmax(x: Tensor): Tensor {
  return softmaxOf("softmax", x, false);
}

// Its logarithm.
export function logSoftmax(x: Tensor): Tensor {
  return softmaxOf("log_softmax", x, true);
}

function softmaxGradOf(op: string, y: Tensor, dy: Tensor, logarithm: bool): Tensor {
  y.want(op, "y", F32);
  dy.want(op, "dy", F32, y.shape);
  const dx = make(op, F32, y.shape);
  const k = new lib.SoftmaxGrad();
  k.rows = y.height();
  k.n = y.width();
  k.scale = 1;
  k.logarithm = logarithm;
  run(k, [y, dy, dx]);
  return dx;
}

// The gradients, from y, which softmax or logSoftmax gave.
export function softmaxGrad(y: Tensor, dy: Tensor): Tensor {
  return softmaxGradOf("softmax_grad", y, dy, false);
}
export function logSoftmaxGrad(y: Tensor, dy: Tensor): Tensor {
  return softmaxGradOf("log_softmax_grad", y, dy, true);
}

function normOf(op: string, x: Tensor, gain: Tensor, shift: Tensor | null, epsilon: f32): Tensor {
  const y = like(op, x);
  gain.want(op, "gain", F32, [x.width()]);
  if (shift !== null) shift.want(op, "shift", F32, [x.width()]);
  const stats = make(op, F32, [x.height(), 2]);
  const k = new lib.Norm();
  k.rows = x.height();
  k.n = x.width();
  k.epsilon = epsilon;
  k.centred = shift !== null;
  run(k, [x, gain, shift, y, stats]);
  stats.release();
  return y;
}

// (x - mean) / sqrt(variance + epsilon) gain + shift along rows; gain and shift are [n].
export function layerNorm(x: Tensor, gain: Tensor, shift: Tensor, epsilon: f32): Tensor {
  return normOf("layer_norm", x, gain, shift, epsilon);
}

// x / sqrt(mean square + epsilon) gain along rows; gain is [n].
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: f32): Tensor {
  return normOf("rms_norm", x, gain, null, epsilon);
}

// What reduce_rows and reduce_columns make of a row or column.
const SUM: u32 = 0;
const SUM_OF_SQUARES: u32 = 1;
const GREATEST: u32 = 2;
const LEAST: u32 = 3;

// perRow is the shape of one number for each row.
function perRow(x: Tensor): i32[] {
  return x.shape.length == 1 ? [1] : x.shape.slice(0, x.shape.length - 1);
}

function reduceRows(op: string, x: Tensor, kind: u32, divide: f32): Tensor {
  x.want(op, "x", F32);
  const y = make(op, F32, perRow(x));
  const k = new lib.ReduceRows();
  k.rows = x.height();
  k.n = x.width();
  k.total = x.count();
  k.divide = divide;
  k.kind = kind;
  run(k, [x, y]);
  return y;
}

// One number for each row: the shape without its last dimension, [1] of a single row.
export function sumRows(x: Tensor): Tensor {
  return reduceRows("sum_rows", x, SUM, 1);
}
export function meanRows(x: Tensor): Tensor {
  return reduceRows("mean_rows", x, SUM, <f32>x.width());
}
export function maxRows(x: Tensor): Tensor {
  return reduceRows("max_rows", x, GREATEST, 1);
}
export function minRows(x: Tensor): Tensor {
  return reduceRows("min_rows", x, LEAST, 1);
}
export function sumsqRows(x: Tensor): Tensor {
  return reduceRows("sumsq_rows", x, SUM_OF_SQUARES, 1);
}

function reduceColumns(op: string, x: Tensor, divide: f32): Tensor {
  x.want(op, "x", F32);
  const n = x.width();
  let from = x;
  let left = x.height();
  while (true) {
    const k = new lib.ReduceColumns();
    k.rows = left;
    k.n = n;
    left = (left + 255) / 256;
    k.divide = left == 1 ? divide : 1;
    const y = make(op, F32, left == 1 ? [n] : [left, n]);
    run(k, [from, y]);
    if (from !== x) from.release();
    if (left == 1) return y;
    from = y;
  }
}

// One number for each column, over all rows: [n].
export function sumColumns(x: Tensor): Tensor {
  return reduceColumns("sum_columns", x, 1);
}
export function meanColumns(x: Tensor): Tensor {
  return reduceColumns("mean_columns", x, <f32>x.height());
}

// How many elements a row has where everything is reduced to one number.
const BLOCK: i32 = 4096;

// reduceBlocks reduces every 4096 elements to one, dividing by divide where only one is left.
function reduceBlocks(op: string, x: Tensor, kind: u32, divide: f32): Tensor {
  const k = new lib.ReduceRows();
  k.rows = (x.count() + BLOCK - 1) / BLOCK;
  k.n = BLOCK;
  k.total = x.count();
  k.divide = k.rows == 1 ? divide : 1;
  k.kind = kind;
  const y = make(op, F32, [<i32>k.rows]);
  run(k, [x, y]);
  return y;
}

// reduceAll reduces blocks to one number, at least once, and gives x up.
function reduceAll(op: string, x: Tensor, divide: f32): Tensor {
  do {
    const y = reduceBlocks(op, x, SUM, divide);
    x.release();
    x = y;
  } while (x.count() > 1);
  return x;
}

// The sum of the squares of all elements: [1].
export function sumSquares(x: Tensor): Tensor {
  x.want("sum_squares", "x", F32);
  const y = reduceBlocks("sum_squares", x, SUM_OF_SQUARES, 1);
  return y.count() == 1 ? y : reduceAll("sum_squares", y, 1);
}

function argmaxOf(op: string, x: Tensor, least: bool): Tensor {
  x.want(op, "x", F32);
  const y = make(op, U32, perRow(x));
  const k = new lib.Argmax();
  k.rows = x.height();
  k.n = x.width();
  k.least = least;
  run(k, [x, y]);
  return y;
}

// The column of each row's greatest or least element (u32), the first of equals.
export function argmax(x: Tensor): Tensor {
  return argmaxOf("argmax", x, false);
}
export function argmin(x: Tensor): Tensor {
  return argmaxOf("argmin", x, true);
}

// Losses.

function checkLabels(op: string, x: Tensor, label: Tensor): void {
  x.want(op, "x", F32);
  if (x.shape.length != 2) stop(op, `x is ${x}, want two dimensions`);
  label.want(op, "label", U32, [x.shape[0]]);
}

// The loss of each row of x [rows, n] for its label (u32): two tensors, the losses [rows] and what crossEntropyGrad wants, [rows, 2].
// Labels equal to ignored don't count.
export function crossEntropy(x: Tensor, label: Tensor, ignored: u32): StaticArray<Tensor> {
  const op = "cross_entropy";
  checkLabels(op, x, label);
  const loss = make(op, F32, [x.height()]);
  const stats = make(op, F32, [x.height(), 2]);
  const k = new lib.CrossEntropy();
  k.rows = x.height();
  k.n = x.width();
  k.ignored = ignored;
  run(k, [x, label, loss, stats]);
  return [loss, stats];
}

// The gradient of crossEntropy for x, times factor.
export function crossEntropyGrad(x: Tensor, label: Tensor, stats: Tensor, ignored: u32, factor: f32): Tensor {
  const op = "cross_entropy_grad";
  checkLabels(op, x, label);
  stats.want(op, "stats", F32, [x.height(), 2]);
  const dx = like(op, x);
  const k = new lib.CrossEntropyGrad();
  k.rows = x.height();
  k.n = x.width();
  k.ignored = ignored;
  k.factor = factor;
  run(k, [x, label, stats, dx]);
  return dx;
}

// The mean of the squared differences of x and t: [1].
export function mse(x: Tensor, t: Tensor): Tensor {
  x.want("mse", "x", F32);
  t.want("mse", "t", F32, x.shape);
  const k = new lib.Mse();
  k.blocks = (x.count() + BLOCK - 1) / BLOCK;
  k.total = x.count();
  const y = make("mse", F32, [<i32>k.blocks]);
  run(k, [x, t, y]);
  return reduceAll("mse", y, <f32>x.count());
}

// The gradient of mse for x.
export function mseGrad(x: Tensor, t: Tensor): Tensor {
  const dx = like("mse_grad", x);
  t.want("mse_grad", "t", F32, x.shape);
  const k = new lib.MseGrad();
  k.n = x.count();
  k.factor = <f32>(2 / <f64>x.count());
  run(k, [x, t, dx]);
  return dx;
}

// The rows of table [vocab, dim] that ids [n] (u32) name: [n, dim]. An id that is no row gives zeros.
export function embedding(ids: Tensor, table: Tensor): Tensor {
  const op = "embedding";
  ids.want(op, "ids", U32, [ids.count()]);
  table.want(op, "table", F32);
  if (table.shape.length != 2) stop(op, `table is ${table}, want two dimensions`);
  const y = make(op, F32, [ids.count(), table.shape[1]]);
  const k = new lib.Embedding();
  k.n = ids.count();
  k.vocab = table.shape[0];
  k.dim = table.shape[1];
  run(k, [ids, table, y]);
  return y;
}

// The gradient of embedding for its table, [vocab, dim].
export function embeddingGrad(ids: Tensor, dy: Tensor, vocab: i32): Tensor {
  const op = "embedding_grad";
  ids.want(op, "ids", U32, [ids.count()]);
  dy.want(op, "dy", F32);
  if (dy.shape.length != 2 || dy.shape[0] != ids.count()) stop(op, `dy is ${dy}, want ${ids.count()} rows, one for each id`);
  const table = make(op, F32, [vocab, dy.shape[1]]);
  const head = make(op, U32, [vocab]);
  const next = make(op, U32, [ids.count()]);
  const index = new lib.EmbeddingIndex();
  index.n = ids.count();
  index.vocab = vocab;
  run(index, [ids, head, next]);
  const k = new lib.EmbeddingBackward();
  k.n = ids.count();
  k.vocab = vocab;
  k.dim = dy.shape[1];
  run(k, [head, next, dy, table]);
  head.release();
  next.release();
  return table;
}

// Convolution and attention.

export class Conv2DOptions {
  bias: Tensor | null = null; // [filters]
  activation: u32 = NONE;
  padY: i32 = 0;
  padX: i32 = 0;
  strideY: i32 = 1;
  strideX: i32 = 1;
  dilationY: i32 = 1;
  dilationX: i32 = 1;
  groups: i32 = 1;
}

function within(op: string, what: string, v: i32, low: i32): void {
  if (v < low || v > 65536) stop(op, `${what} is ${v}, want from ${low} to 65536`);
}

// image [batch, channels, h, w] with weight [filters, channels / groups, ky, kx]: [batch, filters, oh, ow], where
// oh = (h + 2 padY - dilationY (ky - 1) - 1) / strideY + 1, rounded down.
export function conv2d(image: Tensor, weight: Tensor, o: Conv2DOptions = new Conv2DOptions()): Tensor {
  const op = "conv2d";
  image.want(op, "image", F32);
  weight.want(op, "weight", F32);
  if (image.shape.length != 4 || weight.shape.length != 4) stop(op, `image is ${image} and weight ${weight}, want four dimensions each`);
  within(op, "padY", o.padY, 0);
  within(op, "padX", o.padX, 0);
  within(op, "strideY", o.strideY, 1);
  within(op, "strideX", o.strideX, 1);
  within(op, "dilationY", o.dilationY, 1);
  within(op, "dilationX", o.dilationX, 1);
  within(op, "groups", o.groups, 1);
  checkActivation(op, o.activation, NONE);
  const channels = image.shape[1];
  const filters = weight.shape[0];
  if (channels % o.groups != 0 || filters % o.groups != 0 || weight.shape[1] != channels / o.groups) {
    stop(op, `weight is ${weight}, want channels and filters that ${o.groups} groups divide, and ${channels} / ${o.groups} channels, as image is ${image}`);
  }
  const high = <i64>image.shape[2] + 2 * <i64>o.padY - <i64>o.dilationY * (weight.shape[2] - 1) - 1;
  const wide = <i64>image.shape[3] + 2 * <i64>o.padX - <i64>o.dilationX * (weight.shape[3] - 1) - 1;
  if (high < 0 || wide < 0) stop(op, `image is ${image}, less than the filters of ${weight} with their dilations`);
  const k = new lib.Conv2d();
  k.batch = image.shape[0];
  k.groups = o.groups;
  k.channels = channels;
  k.height = image.shape[2];
  k.width = image.shape[3];
  k.filters = filters;
  k.outHeight = <u32>(high / o.strideY + 1);
  k.outWidth = <u32>(wide / o.strideX + 1);
  k.kernelY = weight.shape[2];
  k.kernelX = weight.shape[3];
  k.padY = o.padY;
  k.padX = o.padX;
  k.strideY = o.strideY;
  k.strideX = o.strideX;
  k.dilationY = o.dilationY;
  k.dilationX = o.dilationX;
  k.activation = o.activation;
  const bias = o.bias;
  if (bias !== null) {
    bias.want(op, "bias", F32, [filters]);
    k.withBias = true;
  }
  const y = make(op, F32, [image.shape[0], filters, <i32>k.outHeight, <i32>k.outWidth]);
  run(k, [image, weight, bias, y]);
  return y;
}

export class AttentionOptions {
  scale: f32 = 0; // 0 is 1 / sqrt(dim)
  // The queries are the last n of the m positions, and each sees those up to its own.
  causal: bool = false;
}

// softmax(scale q k^T) v for q [batch, n, heads, dim] and k, v [batch, m, kvHeads, dim]: [batch, n, heads, dim]. kvHeads divides heads,
// and dim is at most 256.
export function attention(q: Tensor, k: Tensor, v: Tensor, o: AttentionOptions = new AttentionOptions()): Tensor {
  const op = "attention";
  q.want(op, "q", F32);
  k.want(op, "k", F32);
  if (q.shape.length != 4 || k.shape.length != 4 || k.shape[0] != q.shape[0] || k.shape[3] != q.shape[3] || q.shape[2] % k.shape[2] != 0) {
    stop(op, `k is ${k}, want [batch, m, kv_heads, dim] for q of [batch, n, heads, dim], which is ${q}, with kv_heads a divisor of heads`);
  }
  v.want(op, "v", F32, k.shape);
  const batch = q.shape[0];
  const n = q.shape[1];
  const m = k.shape[1];
  if (q.shape[3] > 256) stop(op, `q is ${q}, want heads of at most 256`);
  if (o.causal && m < n) stop(op, `k is ${k}, want at least ${n} positions, as q is ${q} and the mask causal`);
  const numbers = new StaticArray<u32>(2 * batch);
  for (let i = 0; i < batch; i++) {
    numbers[2 * i] = max(m - n, 0);
    numbers[2 * i + 1] = m;
  }
  const y = make(op, F32, q.shape);
  const lengths = fromU32([batch, 2], numbers);
  const most = make(op, F32, [batch, n, q.shape[2]]);
  const sum = make(op, F32, [batch, n, q.shape[2]]);
  const p = new lib.Attention();
  p.batch = batch;
  p.n = n;
  p.capacity = m;
  p.heads = q.shape[2];
  p.kvHeads = k.shape[2];
  p.scale = o.scale != 0 ? o.scale : 1 / sqrt<f32>(<f32>q.shape[3]);
  p.dim = q.shape[3];
  p.causal = o.causal;
  run(p, [lengths, q, k, v, y, most, sum]);
  lengths.release();
  most.release();
  sum.release();
  return y;
}

// Training.

// A step of gradient descent on w with the gradient g; the velocity v is zeros before the first.
export function sgd(w: Tensor, g: Tensor, v: Tensor, rate: f32, momentum: f32, decay: f32): void {
  w.want("sgd", "w", F32);
  g.want("sgd", "g", F32, w.shape);
  v.want("sgd", "v", F32, w.shape);
  const k = new lib.Sgd();
  k.n = w.count();
  k.rate = rate;
  k.momentum = momentum;
  k.decay = decay;
  run(k, [w, g, v]);
}

export class AdamOptions {
  rate: f32 = 0.001;
  beta1: f32 = 0.9;
  beta2: f32 = 0.999;
  epsilon: f32 = 1e-8;
  decay: f32 = 0;
}

// correct is 1 / (1 - beta^t), in double and rounded.
function correct(beta: f32, t: i32): f32 {
  let p: f64 = 1;
  for (let i = 0; i < t; i++) p *= <f64>beta;
  return <f32>(1 / (1 - p));
}

function checkMoments(op: string, w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: i32): void {
  w.want(op, "w", F32);
  g.want(op, "g", F32, w.shape);
  m.want(op, "m", F32, w.shape);
  v.want(op, "v", F32, w.shape);
  if (t < 1) stop(op, `step ${t}, want 1 or more`);
}

// Step t (the first is 1) on w with the gradient g; the moments m and v are zeros before the first. The decay of the weights is part of
// the gradient.
export function adam(w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: i32, o: AdamOptions = new AdamOptions()): void {
  checkMoments("adam", w, g, m, v, t);
  const k = new lib.Adam();
  k.n = w.count();
  k.rate = o.rate;
  k.beta1 = o.beta1;
  k.beta2 = o.beta2;
  k.epsilon = o.epsilon;
  k.decay = o.decay;
  k.correct1 = correct(o.beta1, t);
  k.correct2 = correct(o.beta2, t);
  run(k, [w, g, m, v]);
}

// adam with the decay of the weights apart from the gradient.
export function adamw(w: Tensor, g: Tensor, m: Tensor, v: Tensor, t: i32, o: AdamOptions = new AdamOptions()): void {
  checkMoments("adamw", w, g, m, v, t);
  const k = new lib.Adamw();
  k.n = w.count();
  k.rate = o.rate;
  k.beta1 = o.beta1;
  k.beta2 = o.beta2;
  k.epsilon = o.epsilon;
  k.decay = o.decay;
  k.correct1 = correct(o.beta1, t);
  k.correct2 = correct(o.beta2, t);
  run(k, [w, g, m, v]);
}

// Scales g down in place to the norm limit; squares [1] is sumSquares of all gradients, added up.
export function clip(g: Tensor, squares: Tensor, limit: f32): void {
  g.want("clip", "g", F32);
  squares.want("clip", "squares", F32, [1]);
  const k = new lib.Clip();
  k.n = g.count();
  k.limit = limit;
  run(k, [squares, g]);
}

// Drops elements with probability p, from 0 up to 1, and scales the others by 1 / (1 - p). Different streams of one seed are independent.
export function dropout(x: Tensor, p: f32, seed: u64, stream: u32): Tensor {
  if (!(p >= 0 && p < 1)) stop("dropout", `a probability of ${p}, want one from 0 up to 1`);
  const y = like("dropout", x);
  const k = new lib.Dropout();
  k.n = x.count();
  k.stream = stream;
  k.seedLow = <u32>seed;
  k.seedHigh = <u32>(seed >> 32);
  k.below = <u32>floor<f64>(<f64>p * 4294967296);
  k.factor = <f32>(1 / (1 - <f64>p));
  run(k, [x, y]);
  return y;
}

function randomOf(op: string, distribution: u32, shape: i32[], a: f32, b: f32, seed: u64, stream: u32): Tensor {
  const y = make(op, F32, shape);
  const k = new lib.Random();
  k.n = y.count();
  k.stream = stream;
  k.seedLow = <u32>seed;
  k.seedHigh = <u32>(seed >> 32);
  k.a = a;
  k.b = b;
  k.distribution = distribution;
  run(k, [y]);
  return y;
}

// Numbers from low up to high.
export function randomUniform(shape: i32[], low: f32, high: f32, seed: u64, stream: u32): Tensor {
  return randomOf("random_uniform", 0, shape, low, high - low, seed, stream);
}

// Normally distributed numbers.
export function randomNormal(shape: i32[], mean: f32, deviation: f32, seed: u64, stream: u32): Tensor {
  return randomOf("random_normal", 1, shape, mean, deviation, seed, stream);
}

// bf16: u32 [ceil(count / 2)], two in a word.
export function toBF16(x: Tensor): Tensor {
  x.want("to_bf16", "x", F32);
  const y = make("to_bf16", U32, [(x.count() + 1) / 2]);
  const k = new lib.F32ToBf16();
  k.n = x.count();
  run(k, [x, y]);
  return y;
}

// The numbers of a shape from words of two bf16.
export function fromBF16(words: Tensor, shape: i32[]): Tensor {
  const y = make("from_bf16", F32, shape);
  words.want("from_bf16", "the tensor of words", U32, [(y.count() + 1) / 2]);
  const k = new lib.Bf16ToF32();
  k.n = y.count();
  run(k, [words, y]);
  return y;
}
