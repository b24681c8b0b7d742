// Convolutions over images in tiles: what conv2d and its gradient for the input share. The kernel says how many channels it
// goes through and how many it makes, in each group, the size of the image it makes, and reads elements by image_at and
// weight_at; what does not exist is +0.
override stride_y: u32 = 1;
override stride_x: u32 = 1;
override dilation_y: u32 = 1;
override dilation_x: u32 = 1;

// The tile: x by y invocations, each with rows (at most 4) channels by cols (at most 4) columns of one row of the image.
override x: u32 = 16;
override y: u32 = 4;
override rows: u32 = 4;
override cols: u32 = 4;
override fits: u32 = 1 / u32(rows <= 4 && cols <= 4); // another tile is an error: a division by 0

struct Params {
  batch: u32, groups: u32, channels: u32, height: u32, width: u32, filters: u32, out_height: u32, out_width: u32,
  kernel_y: u32, kernel_x: u32, pad_y: u32, pad_x: u32,
}

@group(0) @binding(0) var<uniform> p: Params;

// place is where an invocation works: image, group, its first channel made, row and first column.
struct Place { image: u32, group: u32, channel: u32, row: u32, col: u32 }

fn place_of(local: vec3<u32>, group: vec3<u32>) -> Place {
  let tiles = (made() + y * rows - 1) / (y * rows);
  return Place(group.z / p.groups, group.z % p.groups, (group.y % tiles * y + local.y) * rows, group.y / tiles, group.x * x * cols + local.x);
}

fn convolve(at: Place) -> array<vec4<f32>, 4> {
  var total: array<vec4<f32>, 4>;
  let many = fits * max(256 / max(p.kernel_y * p.kernel_x, 1), 1);
  for (var first = 0u; first < through(); first += many) {
    var sum: array<vec4<f32>, 4>;
    let end = min(through(), first + many);
    for (var c = first; c < end; c++) {
      for (var ky = 0u; ky < p.kernel_y; ky++) {
        for (var kx = 0u; kx < p.kernel_x; kx++) {
          let t = vec4(image_at(at, c, ky, kx, at.col), image_at(at, c, ky, kx, at.col + x),
                       image_at(at, c, ky, kx, at.col + 2 * x), image_at(at, c, ky, kx, at.col + 3 * x));
          sum[0] += weight_at(at, c, at.channel, ky, kx) * t;
          sum[1] += weight_at(at, c, at.channel + 1, ky, kx) * t;
          sum[2] += weight_at(at, c, at.channel + 2, ky, kx) * t;
          sum[3] += weight_at(at, c, at.channel + 3, ky, kx) * t;
        }
      }
    }
    total[0] += sum[0];
    total[1] += sum[1];
    total[2] += sum[2];
    total[3] += sum[3];
  }
  return total;
}

// store_row hands the elements of one channel that are in the image to finish.
fn store_row(at: Place, row: u32, wide: u32, v: vec4<f32>) {
  let channel = at.channel + row;
  if (channel >= made()) {
    return;
  }
  if (cols > 0 && at.col < wide) { finish(at, channel, at.col, v.x); }
  if (cols > 1 && at.col + x < wide) { finish(at, channel, at.col + x, v.y); }
  if (cols > 2 && at.col + 2 * x < wide) { finish(at, channel, at.col + 2 * x, v.z); }
  if (cols > 3 && at.col + 3 * x < wide) { finish(at, channel, at.col + 3 * x, v.w); }
}

fn store(at: Place, wide: u32, v: array<vec4<f32>, 4>) {
  if (rows > 0) { store_row(at, 0, wide, v[0]); }
  if (rows > 1) { store_row(at, 1, wide, v[1]); }
  if (rows > 2) { store_row(at, 2, wide, v[2]); }
  if (rows > 3) { store_row(at, 3, wide, v[3]); }
}
