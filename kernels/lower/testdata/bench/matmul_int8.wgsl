// C = A*B, bytes to i32: products of integers held in f32, summed in blocks of at most 1024 terms, which stay below 2^24.
struct Shape { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<u32>; // four along k
@group(0) @binding(2) var<storage, read> b: array<u32>; // four along n
@group(0) @binding(3) var<storage, read_write> c: array<vec4<i32>>;

fn four(w: u32) -> vec4<f32> {
    return vec4<f32>(vec4<i32>(vec4(w << 24, w << 16, w << 8, w)) >> vec4(24u));
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = 4 * id.y;
    let n4 = shape.n / 4;
    let k4 = shape.k / 4;
    if row >= shape.m || id.x >= n4 {
        return;
    }
    var t0 = vec4<i32>();
    var t1 = vec4<i32>();
    var t2 = vec4<i32>();
    var t3 = vec4<i32>();
    for (var block = 0u; block < k4; block += 256) {
        var s0 = vec4<f32>();
        var s1 = vec4<f32>();
        var s2 = vec4<f32>();
        var s3 = vec4<f32>();
        let end = min(256u, k4 - block);
        for (var k = 0u; k < end; k++) {
            let at = block + k;
            let y0 = four(b[4 * at * n4 + id.x]);
            let y1 = four(b[(4 * at + 1) * n4 + id.x]);
            let y2 = four(b[(4 * at + 2) * n4 + id.x]);
            let y3 = four(b[(4 * at + 3) * n4 + id.x]);
            let x0 = four(a[row * k4 + at]);
            s0 += x0.x * y0 + x0.y * y1 + x0.z * y2 + x0.w * y3;
            let x1 = four(a[(row + 1) * k4 + at]);
            s1 += x1.x * y0 + x1.y * y1 + x1.z * y2 + x1.w * y3;
            let x2 = four(a[(row + 2) * k4 + at]);
            s2 += x2.x * y0 + x2.y * y1 + x2.z * y2 + x2.w * y3;
            let x3 = four(a[(row + 3) * k4 + at]);
            s3 += x3.x * y0 + x3.y * y1 + x3.z * y2 + x3.w * y3;
        }
        t0 += vec4<i32>(s0);
        t1 += vec4<i32>(s1);
        t2 += vec4<i32>(s2);
        t3 += vec4<i32>(s3);
    }
    c[row * n4 + id.x] = t0;
    c[(row + 1) * n4 + id.x] = t1;
    c[(row + 2) * n4 + id.x] = t2;
    c[(row + 3) * n4 + id.x] = t3;
}
