// C = A*B with operands of bfloat16, two in a word, those below 2^-55 taken as zero; four by four outputs an invocation.
struct Shape { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<u32>; // pairs along k
@group(0) @binding(2) var<storage, read> b: array<vec2<u32>>; // pairs along n
@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

fn normal(bits: u32) -> f32 {
    return select(0.0, bitcast<f32>(bits), (bits & 0x7fffffff) >= 0x24000000);
}

fn low(w: u32) -> f32 { return normal(w << 16); }
fn high(w: u32) -> f32 { return normal(w & 0xffff0000); }
fn four(w: vec2<u32>) -> vec4<f32> { return vec4(low(w.x), high(w.x), low(w.y), high(w.y)); }

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = 4 * id.y;
    let n4 = shape.n / 4;
    let k2 = shape.k / 2;
    if row >= shape.m || id.x >= n4 {
        return;
    }
    var s0 = vec4<f32>();
    var s1 = vec4<f32>();
    var s2 = vec4<f32>();
    var s3 = vec4<f32>();
    for (var k = 0u; k < k2; k++) {
        let x0 = a[row * k2 + k];
        let x1 = a[(row + 1) * k2 + k];
        let x2 = a[(row + 2) * k2 + k];
        let x3 = a[(row + 3) * k2 + k];
        let y = four(b[2 * k * n4 + id.x]);
        s0 += low(x0) * y;
        s1 += low(x1) * y;
        s2 += low(x2) * y;
        s3 += low(x3) * y;
        let z = four(b[(2 * k + 1) * n4 + id.x]);
        s0 += high(x0) * z;
        s1 += high(x1) * z;
        s2 += high(x2) * z;
        s3 += high(x3) * z;
    }
    c[row * n4 + id.x] = s0;
    c[(row + 1) * n4 + id.x] = s1;
    c[(row + 2) * n4 + id.x] = s2;
    c[(row + 3) * n4 + id.x] = s3;
}
