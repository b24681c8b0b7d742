// Calls every tensor function once, as ../README.md says.

import * as gw from "../../as/assembly/gw";
import * as lib from "../../as/assembly/lib";
import * as t from "../../as/assembly/tensor";
import { Constant } from "../../as/assembly/kernel";

function v(count: i32, m: i32): StaticArray<f32> {
  const out = new StaticArray<f32>(count);
  for (let i = 0; i < count; i++) {
    const eighths: i32 = (7 * i + 5 * m) % 23 - 11;
    out[i] = <f32>eighths / 8;
  }
  return out;
}

function size(shape: i32[]): i32 {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

function f(shape: i32[], m: i32): t.Tensor {
  return t.fromF32(shape, v(size(shape), m));
}

function u(shape: i32[], m: i32, n: i32): t.Tensor {
  const out = new StaticArray<u32>(size(shape));
  for (let i = 0; i < out.length; i++) out[i] = (3 * i + m) % n;
  return t.fromU32(shape, out);
}

function out(name: string, x: t.Tensor): void {
  if (x.elem == t.U32) gw.writeOutput<u32>(name, x.readU32());
  else gw.writeOutput<f32>(name, x.readF32());
}

export function _start(): void {
  out("zeros", t.zeros([3, 5]));
  out("from_u32", u([7], 2, 5));
  const written = t.zeros([6]);
  written.write<f32>(v(6, 1));
  out("write", written);
  out("rows", f([9, 7], 1).rows(2, 5));
  out("rows_used", t.scale(f([9, 7], 1).rows(2, 5), 2));
  out("reshape", f([4, 6], 2).reshape([2, 3, 4]));

  out("matmul", t.matmul(f([5, 7], 1), f([7, 3], 2)));
  out("matmul_batch", t.matmul(f([2, 5, 7], 1), f([2, 7, 3], 2)));
  out("matmul_shared", t.matmul(f([2, 5, 7], 1), f([7, 3], 2)));
  let o = new t.MatMulOptions();
  o.transposeA = true;
  o.transposeB = true;
  o.bias = f([3], 3);
  o.activation = t.RELU;
  out("matmul_with", t.matmulWith(f([7, 5], 1), f([3, 7], 2), o));
  o = new t.MatMulOptions();
  const c = f([5, 3], 4);
  o.into = c;
  t.matmulWith(f([5, 7], 1), f([7, 3], 2), o);
  out("matmul_into", c);

  out("add", t.add(f([3, 5], 1), f([3, 5], 2)));
  out("mul", t.mul(f([3, 5], 1), f([3, 5], 2)));
  out("scale", t.scale(f([3, 5], 1), -2.5));
  out("axpy", t.axpy(0.5, f([3, 5], 1), f([3, 5], 2)));
  out("bias_add", t.biasAdd(f([2, 3, 5], 1), f([5], 2)));
  const kinds = ["", "relu", "gelu", "silu", "tanh", "sigmoid"];
  for (let kind = t.RELU; kind <= t.SIGMOID; kind++) {
    out(kinds[kind], t.activate(f([23], 0), kind));
    out(kinds[kind] + "_grad", t.activateGrad(f([23], 0), f([23], 1), kind));
  }

  out("softmax", t.softmax(f([4, 9], 1)));
  out("log_softmax", t.logSoftmax(f([4, 9], 1)));
  out("softmax_grad", t.softmaxGrad(t.softmax(f([4, 9], 1)), f([4, 9], 2)));
  out("log_softmax_grad", t.logSoftmaxGrad(t.logSoftmax(f([4, 9], 1)), f([4, 9], 2)));
  out("layer_norm", t.layerNorm(f([4, 9], 1), f([9], 2), f([9], 3), 0.00001));
  out("rms_norm", t.rmsNorm(f([4, 9], 1), f([9], 2), 0.00001));

  out("sum_rows", t.sumRows(f([2, 4, 9], 1)));
  out("mean_rows", t.meanRows(f([2, 4, 9], 1)));
  out("max_rows", t.maxRows(f([2, 4, 9], 1)));
  out("min_rows", t.minRows(f([2, 4, 9], 1)));
  out("sumsq_rows", t.sumsqRows(f([2, 4, 9], 1)));
  out("sum_columns", t.sumColumns(f([300, 5], 1)));
  out("mean_columns", t.meanColumns(f([300, 5], 1)));
  out("sum_squares", t.sumSquares(f([5000], 1)));
  out("argmax", t.argmax(f([4, 9], 1)));
  out("argmin", t.argmin(f([4, 9], 1)));
  out("scatter", t.scatter(f([6], 1), u([6], 1, 4), 4));
  out("broadcast_rows", t.broadcastRows(f([4], 1), 5, 0.5));
  out("broadcast_columns", t.broadcastColumns(f([5], 1), 4, 0.5));

  const loss = t.crossEntropy(f([6, 5], 1), u([6], 1, 5), 2);
  out("cross_entropy", loss[0]);
  out("cross_entropy_stats", loss[1]);
  out("cross_entropy_grad", t.crossEntropyGrad(f([6, 5], 1), u([6], 1, 5), loss[1], 2, 0.25));
  out("mse", t.mse(f([5000], 1), f([5000], 2)));
  out("mse_grad", t.mseGrad(f([3, 5], 1), f([3, 5], 2)));
  out("embedding", t.embedding(u([6], 1, 4), f([4, 5], 1)));
  out("embedding_grad", t.embeddingGrad(u([6], 1, 4), f([6, 5], 1), 4));

  out("conv2d", t.conv2d(f([2, 3, 6, 7], 1), f([4, 3, 3, 2], 2)));
  const conv = new t.Conv2DOptions();
  conv.bias = f([6], 3);
  conv.activation = t.RELU;
  conv.padY = 1;
  conv.padX = 2;
  conv.strideY = 2;
  conv.dilationX = 2;
  conv.groups = 2;
  out("conv2d_with", t.conv2d(f([2, 4, 6, 7], 1), f([6, 2, 3, 2], 2), conv));
  out("attention", t.attention(f([2, 3, 4, 8], 1), f([2, 5, 2, 8], 2), f([2, 5, 2, 8], 3)));
  const causal = new t.AttentionOptions();
  causal.scale = 0.25;
  causal.causal = true;
  out("attention_causal", t.attention(f([2, 3, 4, 8], 1), f([2, 5, 2, 8], 2), f([2, 5, 2, 8], 3), causal));

  const w = f([7], 1);
  const velocity = f([7], 3);
  t.sgd(w, f([7], 2), velocity, 0.1, 0.9, 0.01);
  out("sgd_w", w);
  out("sgd_v", velocity);
  for (let i = 0; i < 2; i++) {
    const x = f([7], 1);
    const m = t.zeros([7]);
    const s = t.zeros([7]);
    const adam = new t.AdamOptions();
    adam.rate = 0.1;
    adam.decay = 0.01;
    for (let step = 1; step <= 2; step++) {
      if (i == 0) t.adam(x, f([7], step + 1), m, s, step, adam);
      else t.adamw(x, f([7], step + 1), m, s, step, adam);
    }
    const name = i == 0 ? "adam" : "adamw";
    out(name + "_w", x);
    out(name + "_m", m);
    out(name + "_v", s);
  }
  const g = f([7], 1);
  t.clip(g, t.sumSquares(g), 0.5);
  out("clip", g);

  out("dropout", t.dropout(f([600], 1), 0.25, gw.seed(), 3));
  out("random_uniform", t.randomUniform([600], -1, 2, gw.seed(), 4));
  out("random_normal", t.randomNormal([600], 1, 0.5, gw.seed(), 5));
  out("to_bf16", t.toBF16(f([7], 1)));
  out("from_bf16", t.fromBF16(t.toBF16(t.scale(f([7], 1), 0.1)), [7]));

  const k = new lib.Softmax();
  k.rows = 4;
  k.n = 9;
  k.scale = 0.5;
  k.period = 4;
  k.offset = 1;
  k.mask = 1;
  const y = t.zeros([4, 9]);
  t.run(k, [f([4, 9], 1), u([1], 0, 1), y], [new Constant("width", 8), new Constant("rows", 8)]);
  out("run", y);
}
