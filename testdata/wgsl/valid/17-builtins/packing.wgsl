// in 0.1: 1.0 -1.0 0.5 0.0
// expect 0.0: 0x0040817f 0x008000ff 0x80017fff 0x0000ffff 0xbc003c00 0x04030201 0x7f80ff05 20 -2 1.0 0xbf800000 -1 255 1.0 0x7b8000
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> x: vec4f;
@compute @workgroup_size(1) fn main() {
  out[0] = pack4x8snorm(x); out[1] = pack4x8unorm(x); out[2] = pack2x16snorm(x.xy); out[3] = pack2x16unorm(x.xy);
  out[4] = pack2x16float(x.xy); out[5] = pack4xU8(vec4u(1, 2, 3, 260)); out[6] = pack4xI8Clamp(vec4i(5, -1, -300, 300));
  out[7] = dot4U8Packed(0x04030201u, 0x01020304u); out[8] = u32(dot4I8Packed(0xff01u, 0x0201u)) - 1 + u32(x.w);
  let u = unpack2x16float(0xbc003c00u); out[9] = bitcast<u32>(u.x); out[10] = bitcast<u32>(u.y);
  out[11] = u32(unpack4xI8(0xffu).x); out[12] = unpack4xU8(0xffu).x; out[13] = bitcast<u32>(unpack4x8snorm(0x7fu).x);
  out[14] = pack4xU8Clamp(vec4u(0, 128, 123, 0));
}
