// What lib.ts is made of.

// The value of an override.
export class Constant {
  constructor(public name: string, public value: f64) {}
}

// A kernel of the library with its parameters.
export abstract class Kernel {
  abstract name(): string; // also the entry point
  abstract source(): string;
  abstract bindings(): string[]; // storage buffers 0.1, 0.2 ...
  abstract writable(): u32; // bit i: binding i + 1 is written
  abstract words(): StaticArray<u32>; // of the uniform buffer that is binding 0.0
  abstract constants(): Constant[]; // choose the variant
  abstract tile(): Constant[]; // the default tile, which changes the speed and no result
  // The workgroups for parameters and the tile's values, of which none is 0.
  abstract grid(p: StaticArray<u32>, t: StaticArray<u32>): StaticArray<u64>;
}

export function ceil(a: u64, b: u64): u64 {
  return a / b + <u64>(a % b != 0);
}

export function flag(b: bool): f64 {
  return b ? 1 : 0;
}
