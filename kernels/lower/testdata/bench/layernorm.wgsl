// Layer normalisation of each row, one row an invocation.
struct Shape { rows: u32, width: u32, eps: f32 }
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gain: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= shape.rows {
        return;
    }
    let start = id.x * shape.width;
    var sum = 0.0;
    for (var i = 0u; i < shape.width; i++) {
        sum += x[start + i];
    }
    let mean = sum / f32(shape.width);
    var square = 0.0;
    for (var i = 0u; i < shape.width; i++) {
        let d = x[start + i] - mean;
        square += d * d;
    }
    let scale = inverseSqrt(square / f32(shape.width) + shape.eps);
    for (var i = 0u; i < shape.width; i++) {
        y[start + i] = (x[start + i] - mean) * scale * gain[i] + gain[shape.width + i];
    }
}
