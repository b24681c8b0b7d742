// conv2d_grad_weight: the gradient of conv2d for the filters, from that of its output before the activation (activate_grad).
// That for bias is reduce_rows of grad, a row for each image and filter, and reduce_columns of what comes out.
// Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
// strides and dilations as conv2d had them; image[batch, channels, height, width], grad[batch, filters, out_height,
// out_width], weight_grad[filters, channels, kernel_y, kernel_x] f32 (channels / groups of them in each filter).
// Order: line = +0; line = line + grad image along a row of the output, x ascending, the product rounded, then the sum;
// plane = +0; plane = plane + line, y ascending; total = +0; total = total + plane, over the batch. Elements of both below
// 2^-51 in magnitude, and those outside of the image, count as +0. With accumulate the result is weight_grad + total.
// Error: of the sum, (out_width + out_height + batch) 2^-24 sum |grad image|, and 2^-51 (|grad| + |image|) for each pair that
// the domain leaves out.
// Grid: ceil(channels / groups kernel_y kernel_x / (x cols)), ceil(filters / groups / (y rows)), groups.
// include: domain
override accumulate: bool = false;
override stride_y: u32 = 1;
override stride_x: u32 = 1;
override dilation_y: u32 = 1;
override dilation_x: u32 = 1;

// The tile: x by y invocations, each with rows (at most 4) filters by cols (at most 4) weights of a filter.
override x: u32 = 16;
override y: u32 = 4;
override rows: u32 = 4;
override cols: u32 = 1;
override fits: u32 = 1 / u32(rows <= 4 && cols <= 4); // another tile is an error: a division by 0

struct Params {
  batch: u32, groups: u32, channels: u32, height: u32, width: u32, filters: u32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, pad_y: u32, pad_x: u32,
}

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> grad: array<f32>;
@group(0) @binding(3) var<storage, read_write> weight_grad: array<f32>;

// Tap is a weight of a filter: where it lies in the image, seen from the filter's corner.
struct Tap { channel: u32, down: u32, right: u32 }

fn tap(group: u32, i: u32) -> Tap {
  let kx = i % p.kernel_x;
  let ky = i / p.kernel_x % p.kernel_y;
  let c = i / p.kernel_x / p.kernel_y;
  return Tap(group * (p.channels / p.groups) + c, ky * dilation_y - p.pad_y, kx * dilation_x - p.pad_x);
}

fn image_at(n: u32, t: Tap, oy: u32, ox: u32) -> f32 {
  let iy = oy * stride_y + t.down; // past the end where it is negative
  let ix = ox * stride_x + t.right;
  return select(0.0, domain(image[((n * p.channels + t.channel) * p.height + iy) * p.width + ix]), iy < p.height && ix < p.width);
}

fn grad_at(n: u32, f: u32, oy: u32, ox: u32) -> f32 {
  return domain(grad[((n * p.filters + f) * p.out_height + oy) * p.out_width + ox]);
}

fn finish(f: u32, i: u32, weights: u32, sum: f32) {
  if (i >= weights) {
    return;
  }
  let at = f * weights + i;
  var v = sum;
  if (accumulate) {
    v = weight_grad[at] + v;
  }
  weight_grad[at] = v;
}

fn finish_row(group: u32, row: u32, i: u32, v: vec4<f32>) {
  let made = p.filters / p.groups;
  if (row >= made) {
    return;
  }
  let f = group * made + row;
  let weights = p.channels / p.groups * p.kernel_y * p.kernel_x;
  if (cols > 0) { finish(f, i, weights, v.x); }
  if (cols > 1) { finish(f, i + x, weights, v.y); }
  if (cols > 2) { finish(f, i + 2 * x, weights, v.z); }
  if (cols > 3) { finish(f, i + 3 * x, weights, v.w); }
}

@compute @workgroup_size(x, y)
fn conv2d_grad_weight(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let i = group.x * x * cols + local.x;
  let row = fits * (group.y * y + local.y) * rows;
  let f = group.z * (p.filters / p.groups) + row;
  let t0 = tap(group.z, i);
  let t1 = tap(group.z, i + x);
  let t2 = tap(group.z, i + 2 * x);
  let t3 = tap(group.z, i + 3 * x);
  var total: array<vec4<f32>, 4>;
  for (var n = 0u; n < p.batch; n++) {
    var plane: array<vec4<f32>, 4>;
    for (var oy = 0u; oy < p.out_height; oy++) {
      var line: array<vec4<f32>, 4>;
      for (var ox = 0u; ox < p.out_width; ox++) {
        let t = vec4(image_at(n, t0, oy, ox), image_at(n, t1, oy, ox), image_at(n, t2, oy, ox), image_at(n, t3, oy, ox));
        line[0] += grad_at(n, f, oy, ox) * t;
        line[1] += grad_at(n, f + 1, oy, ox) * t;
        line[2] += grad_at(n, f + 2, oy, ox) * t;
        line[3] += grad_at(n, f + 3, oy, ox) * t;
      }
      plane[0] += line[0];
      plane[1] += line[1];
      plane[2] += line[2];
      plane[3] += line[3];
    }
    total[0] += plane[0];
    total[1] += plane[1];
    total[2] += plane[2];
    total[3] += plane[3];
  }
  if (rows > 0) { finish_row(group.z, row, i, total[0]); }
  if (rows > 1) { finish_row(group.z, row + 1, i, total[1]); }
  if (rows > 2) { finish_row(group.z, row + 2, i, total[2]); }
  if (rows > 3) { finish_row(group.z, row + 3, i, total[3]); }
}
