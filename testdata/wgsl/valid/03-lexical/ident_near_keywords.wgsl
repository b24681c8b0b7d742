// expect 0.0: 1 2 3 4 5
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main() {
  let iff = 1u; let fors = 2u; let f = 3u; let true_ = 4u; let vars = 5u;
  out[0] = iff; out[1] = fors; out[2] = f; out[3] = true_; out[4] = vars;
}
