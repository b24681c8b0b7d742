// jobname: reads the numbers of input x, multiplies them by the argument factor on the device, and writes them to output y.

import * as gw from "../sdk/assembly/gw";
import * as tensor from "../sdk/assembly/tensor";

const STEP_NUMBERS: u64 = 512;

// What lasts from one step to the next is variables and tensors.
let x!: gw.Input;
let n: u64 = 0;
let done: u64 = 0;
let factor: f32 = 0;

// Called once, before the first step.
export function gw_init(): void {
  x = gw.openInput("x");
  n = x.countF32();
  factor = gw.argF32("factor", 2, 0, 1000);
}

// Called until it returns gw.DONE. Each step does a part of the work: here 512 numbers. The host may stop the job between two steps and
// go on elsewhere.
export function gw_step(): i32 {
  const count = <i32>min(n - done, STEP_NUMBERS);
  if (count > 0) {
    tensor.begin();
    const t = tensor.fromF32([count], x.f32Range(done, count));
    gw.writeOutput<f32>("y", tensor.scale(t, factor).readF32());
    tensor.end(); // what was made since begin is released
  }
  done += count;
  gw.progress(<f64>done / <f64>max<u64>(n, 1), `${done} of ${n} numbers`);
  return done < n ? gw.AGAIN : gw.DONE;
}
