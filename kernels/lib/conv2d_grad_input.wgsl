// conv2d_grad_input: the gradient of conv2d for the images, from that of its output before the activation (activate_grad).
// Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x, and the
// strides and dilations as conv2d had them; grad[batch, filters, out_height, out_width], weight[filters, channels, kernel_y,
// kernel_x] (channels / groups of them in each filter), image_grad[batch, channels, height, width] f32.
// Order: the sum goes over filters of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
// filters: block = +0; block = block + weight grad, the product rounded, then the sum; total = +0; total = total + block.
// Elements of both below 2^-51 in magnitude, and places that the filter does not come to, count as +0. With accumulate the
// result is image_grad + total.
// Error: of the sum, (terms in a block + blocks) 2^-24 sum |weight grad|, and 2^-51 (|weight| + |grad|) for each pair that
// the domain leaves out.
// Grid: ceil(width / (x cols)), height ceil(channels / groups / (y rows)), batch groups.
// include: domain
// include: conv
override accumulate: bool = false;

@group(0) @binding(1) var<storage, read> grad: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> image_grad: array<f32>;

fn through() -> u32 {
  return p.filters / p.groups;
}

fn made() -> u32 {
  return p.channels / p.groups;
}

fn image_at(at: Place, c: u32, ky: u32, kx: u32, col: u32) -> f32 {
  let down = at.row + p.pad_y - ky * dilation_y; // past the end where it is negative
  let right = col + p.pad_x - kx * dilation_x;
  let oy = down / stride_y;
  let ox = right / stride_x;
  let hit = down % stride_y == 0 && right % stride_x == 0 && down < p.out_height * stride_y && right < p.out_width * stride_x;
  let channel = at.image * p.filters + at.group * through() + c;
  return select(0.0, domain(grad[(channel * p.out_height + oy) * p.out_width + ox]), hit);
}

fn weight_at(at: Place, c: u32, channel: u32, ky: u32, kx: u32) -> f32 {
  let filter_row = (at.group * through() + c) * made() + channel;
  return domain(weight[(filter_row * p.kernel_y + ky) * p.kernel_x + kx]);
}

fn finish(at: Place, channel: u32, col: u32, sum: f32) {
  let i = ((at.image * p.channels + at.group * made() + channel) * p.height + at.row) * p.width + col;
  var v = sum;
  if (accumulate) {
    v = image_grad[i] + v;
  }
  image_grad[i] = v;
}

@compute @workgroup_size(x, y)
fn conv2d_grad_input(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let at = place_of(local, group);
  store(at, p.width, convolve(at));
}
