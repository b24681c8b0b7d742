@compute @workgroup_size(8, 1, 1)
fn main(@builtin(workgroup_id) wg: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>, @builtin(local_invocation_index) lix: u32) {
 let z = gw_meta[0].x;
 let z2 = gw_meta[0].y;
 let sign = gw_meta[0].w;
 let limit = gw_meta[0].z;
 let wid = wg + gw_meta[2].xyz;
 var br = 0u;
 let o0 = gw_meta[3].x;
 let n0 = gw_meta[3].y;
 let o1 = gw_meta[3].z;
 let n1 = gw_meta[3].w;
 var p1: u32 = z;
 var p2: u32 = 0u;
 var gas = 0u;
 loop {
  gas = gas + 2u;
  let v0 = wid.x * 8u + lid.x;
  let v2 = n1;
  let v3 = 0x3u < v2;
  loop {
   if (!v3) { break; }
   gas = gas + 21u;
   let v5 = lid.x;
   w0[min(v5, 7u)] = (0xc0000000u ^ z);
   workgroupBarrier();
   storageBarrier();
   break;
  }
  loop {
   gas = gas + 3u;
   if (gas > limit) { break; }
   loop {
    let v12 = p2;
    let v14 = 0xau <= v12;
    if (v14) {
     br = 3u;
     break;
    }
    gas = gas + 7u;
    let v17 = n0;
    let v18 = v12 < v17;
    let v19 = select(z, b0[o0 + select(0u, v12, v18)], v18);
    let v21 = (v19 - 0x80000001u <= 0x7f7fffffu);
    if (v21) {
     break;
    }
    gas = gas + 2u;
    let v25 = gl_feq(v19, (0x3f800000u ^ z));
    if (v25) {
     br = 1u;
     break;
    }
    gas = gas + 2u;
    let v29 = gl_gmul(v19, (0x3dcccccdu ^ z)) ^ z;
    let v31 = p1;
    let v32 = gl_gadd(v31, v29) ^ z;
    p1 = v32;
    break;
   }
   if (br != 0u) { break; }
   gas = gas + 1u;
   let v36 = p2;
   let v38 = v36 + 0x1u;
   p2 = v38;
  }
  if (br == 3u) { br = 0u; }
  if (br != 0u) { break; }
  gas = gas + 26u;
  let v42 = p1;
  let v44 = w0[0x0u] ^ z;
  let v45 = gl_gsub(v42, (v44 ^ z2)) ^ z;
  let v46 = gl_nsqrt(v45) ^ z;
  let v47 = gl_ndiv(v45, v46) ^ z;
  let v48 = n1;
  let v49 = v0 < v48;
  if (v49) { b1[o1 + v0] = v47; }
  break;
 }
 br = 0u;
 let slot = 2u * ((wid.x + wid.y * 7u + wid.z * 13u) % 32u);
 let before = atomicAdd(&gw_gas[slot], gas);
 if (before + gas < before) {
  atomicAdd(&gw_gas[slot + 1u], 1u);
 }
 if (gas > limit) {
  atomicStore(&gw_gas[64u], 1u);
 }
}
