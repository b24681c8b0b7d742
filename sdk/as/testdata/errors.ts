// Makes the mistake that its argument names.

import * as gw from "../assembly/gw";
import * as lib from "../assembly/lib";
import * as raw from "../assembly/raw";
import * as tensor from "../assembly/tensor";
import * as wgpu from "../assembly/wgpu";

let absent: tensor.Tensor | null = null;

export function _start(): void {
  const which = gw.argText("which", "none");
  gw.writeOutputText("which", which);
  if (which == "none") {
    good();
  } else if (which == "usage") {
    new wgpu.Buffer("weights", 4, 0);
  } else if (which == "shader") {
    new wgpu.Pipeline("@compute @workgroup_size(1) fn main() { let x = ; }", "main");
  } else if (which == "submit") {
    const b = new wgpu.Buffer("gone", 16);
    const c = new wgpu.Commands();
    c.clear(b, 0, 16);
    raw.bufferDestroy(b.handle);
    c.submit();
  } else if (which == "read") {
    new wgpu.Buffer("short", 16).read<u32>(8, 3);
  } else if (which == "input") {
    gw.readInput("picture");
  } else if (which == "range") {
    gw.openInput("x").range(3, 4);
  } else if (which == "uneven") {
    gw.openInput("x").f32s();
  } else if (which == "number") {
    gw.argU32("k", 1, 1, 10);
  } else if (which == "shape") {
    tensor.matmul(tensor.zeros([2, 5]), tensor.zeros([3, 4]));
  } else if (which == "type") {
    tensor.scale(tensor.zerosU32([3]), 2);
  } else if (which == "released") {
    const t = tensor.zeros([3]);
    t.release();
    tensor.scale(t, 2);
  } else if (which == "bindings") {
    tensor.run(new lib.Scale(), [tensor.zeros([64])]);
  } else if (which == "throw") {
    throw new Error("thrown");
  } else if (which == "index") {
    const list = new StaticArray<i32>(3);
    gw.log(list[which.length].toString());
  } else if (which == "null") {
    gw.log(absent!.toString());
  } else if (which == "memory") {
    for (;;) new StaticArray<u8>(1 << 24).fill(1);
  }
}

function twice(from: tensor.Tensor, to: tensor.Tensor): void {
  const k = new lib.Scale();
  k.n = 64;
  k.a = 2;
  tensor.run(k, [from, to]);
}

function check(name: string, ok: bool): void {
  if (!ok) gw.fail(name + " is wrong");
}

// Does what is allowed, and looks at what comes of it.
function good(): void {
  check("inputs", gw.inputs().join(" ") == "x y" && gw.hasInput("x") && !gw.hasInput("z"));
  const input = gw.openInput("x");
  const part = new StaticArray<u8>(4);
  check("the end of an input", input.readAt(3, changetype<usize>(part), 4) == 2 && part[0] == 108 && part[1] == 111 && part[2] == 0);
  check("a part of an input", input.range(5, 0).length == 0 && input.range(1, 3)[0] == 101 && input.bytes().length == 5);
  const y = gw.openInput("y").f32s();
  check("numbers", y.length == 2 && y[0] == 1 && y[1] == -2);
  check("arguments", gw.args().join(" ") == "which=none k=7 rate=0.25 name=a=b" && gw.argU32("k", 1, 0, 9) == 7 &&
    gw.argF32("rate", 1, 0, 1) == 0.25 && gw.argF32("other", 3, 0, 1) == 3 && gw.argText("name", "") == "a=b" && gw.arg("rat") === null);
  check("seed and step", gw.seed() == (1 << 40) + 3 && gw.step() == 1);

  wgpu.pushErrorScope();
  new wgpu.Buffer("weights", 4, 0);
  const error = wgpu.popErrorScope();
  gw.log("caught: " + (error ? error : ""));
  wgpu.pushErrorScope();
  new wgpu.Buffer("fine", 4).release();
  check("what is no error", wgpu.popErrorScope() === null);

  const b = new wgpu.Buffer("b", 16);
  b.write<u32>(4, [1, 2, 3]);
  const one = new wgpu.Buffer("one", 4);
  one.write<u32>(0, [9]);
  const c = new wgpu.Commands();
  c.copy(b, 0, one, 0, 4);
  c.clear(b, 8, 4);
  c.submit();
  const words = b.read<u32>(0, 4);
  check("a buffer", words[0] == 9 && words[1] == 1 && words[2] == 0 && words[3] == 3);

  // More dispatches than have room in one submit, each with parameters of its own, and tensors that live no longer.
  let x = tensor.fromF32([1], [1]);
  for (let i = 0; i < 300; i++) {
    tensor.begin();
    const sum = tensor.axpy(<f32>(i & 1), tensor.fromF32([1], [1]), x);
    tensor.end([sum]);
    x.release();
    x = sum;
  }
  check("300 sums, of 0 and 1 in turn", x.readF32()[0] == 151);
  // A view that begins where nothing can be bound is read and written all the same.
  const w = tensor.fromF32([3, 2], [1, 2, 3, 4, 5, 6]);
  tensor.sgd(w.rows(1, 2), tensor.fromF32([1, 2], [1, 1]), tensor.zeros([1, 2]), 1, 0, 0);
  const after = w.readF32();
  check("a step on a view", after[0] == 1 && after[1] == 2 && after[2] == 2 && after[3] == 3 && after[4] == 5 && after[5] == 6);

  // So are tensors that share a buffer: one in its own place, and rows from others.
  const numbers = new StaticArray<f32>(3 * 64);
  for (let i = 0; i < numbers.length; i++) numbers[i] = <f32>i;
  const wide = tensor.fromF32([3, 64], numbers);
  twice(wide.rows(2, 3), wide.rows(0, 1));
  twice(wide.rows(1, 2), wide.rows(1, 2));
  const rows = wide.readF32();
  check("rows of one buffer", rows[0] == 256 && rows[63] == 382 && rows[64] == 128 && rows[127] == 254 && rows[128] == 128);

  gw.writeOutputText("text", `${12} `);
  gw.writeOutputText("text", "words");
  gw.writeOutput<u8>("empty", new StaticArray<u8>(0));
  gw.writeOutput<f32>("numbers", [1.5]);
  gw.progress(0.5, "half");
  gw.log(`${1} lines`);
}
