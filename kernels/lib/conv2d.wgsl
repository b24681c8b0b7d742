// conv2d: Y = activation(W * X + bias), the convolution (as usual a correlation) of images with filters.
// Shapes: batch, groups, channels, height, width, filters, out_height, out_width, kernel_y, kernel_x, pad_y, pad_x;
// image[batch, channels, height, width], weight[filters, channels, kernel_y, kernel_x] (channels / groups of them in each
// filter), bias[filters] (read with with_bias only), out[batch, filters, out_height, out_width] f32. groups divides channels
// and filters. Rows and columns of zeros are thought around the image, pad_y above and pad_x left of it and as many as
// the output asks for after it; strides and dilations are overrides.
// Order: the sum goes over channels of the group, ky, kx, ascending, in blocks of max(floor(256 / (kernel_y kernel_x)), 1)
// channels: block = +0; block = block + weight image, the product rounded, then the sum; total = +0; total = total + block.
// Elements of both below 2^-51 in magnitude, and those outside of the image, count as +0. Then, where it is asked for,
// v = v + bias; v = activation(v).
// Error: of the sum, (terms in a block + blocks) 2^-24 sum |weight image|, and 2^-51 (|weight| + |image|) for each pair that
// the domain leaves out.
// Grid: ceil(out_width / (x cols)), out_height ceil(filters / groups / (y rows)), batch groups.
// include: domain
// include: activation
// include: fused
// include: conv
override with_bias: bool = false;

@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

fn through() -> u32 {
  return p.channels / p.groups;
}

fn made() -> u32 {
  return p.filters / p.groups;
}

fn image_at(at: Place, c: u32, ky: u32, kx: u32, col: u32) -> f32 {
  let iy = at.row * stride_y + ky * dilation_y - p.pad_y; // past the end where it is negative
  let ix = col * stride_x + kx * dilation_x - p.pad_x;
  let channel = at.image * p.channels + at.group * through() + c;
  return select(0.0, domain(image[(channel * p.height + iy) * p.width + ix]), iy < p.height && ix < p.width);
}

fn weight_at(at: Place, c: u32, channel: u32, ky: u32, kx: u32) -> f32 {
  let filter_row = (at.group * made() + channel) * through() + c;
  return domain(weight[(filter_row * p.kernel_y + ky) * p.kernel_x + kx]);
}

fn finish(at: Place, channel: u32, col: u32, sum: f32) {
  let f = at.group * made() + channel;
  var v = sum;
  if (with_bias) {
    v = v + bias[f];
  }
  out[((at.image * p.filters + f) * p.out_height + at.row) * p.out_width + col] = activated(v);
}

@compute @workgroup_size(x, y)
fn conv2d(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
  let at = place_of(local, group);
  store(at, p.out_width, convolve(at));
}
