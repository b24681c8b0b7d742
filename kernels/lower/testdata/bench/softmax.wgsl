// Softmax of each row, one row an invocation.
struct Shape { rows: u32, width: u32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= shape.rows {
        return;
    }
    let start = id.x * shape.width;
    var top = x[start];
    for (var i = 1u; i < shape.width; i++) {
        top = max(top, x[start + i]);
    }
    var sum = 0.0;
    for (var i = 0u; i < shape.width; i++) {
        let e = exp(x[start + i] - top);
        y[start + i] = e;
        sum += e;
    }
    let scale = 1.0 / sum;
    for (var i = 0u; i < shape.width; i++) {
        y[start + i] *= scale;
    }
}
