// expect 0.0: 1 2 3 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  /**/ out[0] = 1; /* // */ out[1] = 2;
  // /* not opened here
  out[2] = 3; /* a /* b /* c */ d */ out[2] = 9; */
  out[3] = 4 /* inside */ + /*of*/ 1; //
}
