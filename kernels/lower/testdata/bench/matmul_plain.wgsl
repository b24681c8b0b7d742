// C = A*B, four by four outputs an invocation, each one chain in k order.
struct Shape { m: u32, n: u32, k: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4<f32>>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = 4 * id.y;
    let n4 = shape.n / 4;
    if row >= shape.m || id.x >= n4 {
        return;
    }
    var s0 = vec4<f32>();
    var s1 = vec4<f32>();
    var s2 = vec4<f32>();
    var s3 = vec4<f32>();
    for (var k = 0u; k < shape.k; k++) {
        let y = b[k * n4 + id.x];
        s0 += a[row * shape.k + k] * y;
        s1 += a[(row + 1) * shape.k + k] * y;
        s2 += a[(row + 2) * shape.k + k] * y;
        s3 += a[(row + 3) * shape.k + k] * y;
    }
    c[row * n4 + id.x] = s0;
    c[(row + 1) * n4 + id.x] = s1;
    c[(row + 2) * n4 + id.x] = s2;
    c[(row + 3) * n4 + id.x] = s3;
}
