// in 0.1: 1 2 3 0 4 5 6 0
// in 0.2: 1.0 2.0 3.0 0 4.0 5.0 6.0 0
// expect 0.0: 4 5 6 2 6.0 3.0 2
struct E { v: vec3u }
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> e: array<E>;
@group(0) @binding(2) var<uniform> m: mat2x3f;
@compute @workgroup_size(1) fn main(@builtin(local_invocation_index) i: u32) {
  let v = e[i + 1].v; out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = arrayLength(&e);
  let k = m; out[4] = bitcast<u32>(k[1].z); out[5] = bitcast<u32>(m[i].z); out[6] = e[0].v[i + 1];
}
