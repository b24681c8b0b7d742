// Uses what of AssemblyScript could differ between two runs: random numbers, the order of a map's keys, the garbage collector. What it
// computes stays from one step to the next.

import * as gw from "../assembly/gw";
import * as tensor from "../assembly/tensor";
import * as wgpu from "../assembly/wgpu";

const SOURCE = `
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&data)) { data[id.x] = data[id.x] * 3u + id.x; }
}`;

class Node {
  next: Node | null = null;
  text: string = "";
}

const words = new Map<string, i32>();
let kept: Node | null = null; // lives on, among garbage
let digest: u64 = 14695981039346656037;
let buffer!: wgpu.Buffer;
let triple!: wgpu.Pipeline;
let group!: wgpu.Group;
let carried!: tensor.Tensor; // is queued in one step and read in the next

// FNV-1a.
function note(v: u64): void {
  for (let i = 0; i < 8; i++) {
    digest = (digest ^ (v & 255)) * 1099511628211;
    v >>= 8;
  }
}

export function gw_init(): void {
  buffer = new wgpu.Buffer("data", 64);
  triple = new wgpu.Pipeline(SOURCE, "main");
  group = new wgpu.Group(triple, [new wgpu.Range(buffer)]);
  carried = tensor.fromF32([2], [1, 2]);
}

export function gw_step(): i32 {
  const n = gw.step();
  for (let i = 0; i < 300; i++) {
    words.set(`word ${n} ${i}`, i);
    const node = new Node();
    node.text = `node ${n} ${i}`.repeat(20);
    if (i % 100 == 0) {
      node.next = kept;
      kept = node;
    }
  }
  const keys = words.keys();
  for (let i = 0; i < keys.length; i += 97) note(keys[i].length + words.get(keys[i]));
  let at = kept;
  while (at !== null) {
    note(at.text.length + at.text.charCodeAt(7));
    at = at.next;
  }
  note(reinterpret<u64>(Math.random()));
  const c = new wgpu.Commands();
  c.dispatch(triple, group, 4);
  c.submit();
  const numbers = buffer.read<u32>(0, 16);
  for (let i = 0; i < 16; i++) note(numbers[i]);
  const values = carried.readF32();
  note(reinterpret<u32>(values[0]));
  note(reinterpret<u32>(values[1]));
  const last = carried;
  carried = tensor.scale(last, 1.25);
  last.release();
  gw.writeOutput<u64>("digests", [digest]);
  gw.progress(<f64>n / 20, "step");
  return n < 20 ? gw.AGAIN : gw.DONE;
}
