// k-means (Lloyd's algorithm) over images: see ../README.md for what comes in and out. One gw_step is one iteration.

import * as gw from "../../../sdk/as/assembly/gw";
import * as tensor from "../../../sdk/as/assembly/tensor";
import { Tensor } from "../../../sdk/as/assembly/tensor";

const PIXELS: i32 = 28 * 28;
const CLASSES: i32 = 10;
const MOST_IMAGES: u32 = 60000;
const MOST_CLUSTERS: i32 = 256;
const UPLOAD_IMAGES: i32 = 64;

let n: i32 = 0;
let k: i32 = 0;
let iterations: i32 = 0;
let iteration: i32 = 0;

let points!: Tensor;
let ones!: Tensor;
let centres!: Tensor;

let label!: StaticArray<u8>;
let cluster!: StaticArray<u32>; // of each point, in the iteration before
let norm!: StaticArray<f32>;
let centre!: StaticArray<f32>;

function word(head: StaticArray<u8>, i: i32): u32 {
  return bswap<u32>(load<u32>(changetype<usize>(head) + 4 * i));
}

// openIdx checks the header of an idx file of bytes of so many dimensions.
function openIdx(name: string, dimensions: u32, element: u32): gw.Input {
  const input = gw.openInput(name);
  const size = 4 + 4 * dimensions;
  const head = input.range(0, size);
  const magic: u32 = 0x800 + dimensions;
  if (word(head, 0) != magic) {
    gw.fail(`input ${name}: magic number ${word(head, 0)}, want ${magic}, an idx file of bytes in ${dimensions} dimensions`);
  }
  if (dimensions == 3 && (word(head, 2) != 28 || word(head, 3) != 28)) {
    gw.fail(`input ${name}: images of ${word(head, 2)} by ${word(head, 3)}, want 28 by 28`);
  }
  const elements = word(head, 1);
  const want = <u64>size + <u64>elements * element;
  if (elements == 0 || elements > MOST_IMAGES || input.size != want) {
    gw.fail(`input ${name}: ${input.size} bytes, ${elements} elements, want 1 to ${MOST_IMAGES} of them in ${want} bytes`);
  }
  return input;
}

export function gw_init(): void {
  const images = openIdx("images", 3, PIXELS);
  const labels = openIdx("labels", 1, 1);
  const count = <i32>((images.size - 16) / PIXELS);
  if (labels.size - 8 != count) gw.fail(`input labels: ${labels.size - 8}, want as many as the ${count} images`);
  n = gw.argU32("points", 2000, 1, count);
  k = gw.argU32("k", 10, 1, min(n, MOST_CLUSTERS));
  iterations = gw.argU32("iterations", 20, 1, 10000);
  label = labels.range(8, n);
  for (let i = 0; i < n; i++) {
    if (<i32>label[i] >= CLASSES) gw.fail(`input labels: label ${label[i]} of image ${i}, want at most ${CLASSES - 1}`);
  }

  points = tensor.zeros([n, PIXELS]);
  loadPoints(images);
  norm = tensor.sumsqRows(points).readF32();
  const one = new StaticArray<f32>(n);
  one.fill(1);
  ones = tensor.fromF32([n], one);
  // The first centres are points, evenly spread over the file.
  centre = new StaticArray<f32>(k * PIXELS);
  for (let i = 0; i < k; i++) {
    const at = i * (n / k);
    const row = points.rows(at, at + 1).readF32();
    for (let j = 0; j < PIXELS; j++) centre[i * PIXELS + j] = row[j];
  }
  centres = tensor.fromF32([k, PIXELS], centre);
  cluster = new StaticArray<u32>(n);
}

// loadPoints uploads the first n images, from 0 to 1.
function loadPoints(images: gw.Input): void {
  for (let from = 0; from < n; from += UPLOAD_IMAGES) {
    const to = min(from + UPLOAD_IMAGES, n);
    const data = images.range(16 + <u64>from * PIXELS, (to - from) * PIXELS);
    const values = new StaticArray<f32>(data.length);
    for (let i = 0; i < data.length; i++) values[i] = <f32>data[i] / 255;
    const rows = points.rows(from, to);
    rows.write<f32>(values);
    rows.release();
  }
}

let index!: StaticArray<u32>;
let least!: StaticArray<f32>;
let sums!: StaticArray<f32>;

// assign finds the nearest centre of every point, how far it is but for the point's own part, and the sum of the points of each
// centre: |p - c|^2 is |p|^2 + |c|^2 - 2 p c, of which the first is the same for all centres.
function assign(): void {
  tensor.begin();
  const across = new tensor.MatMulOptions();
  across.transposeB = true;
  const products = tensor.matmulWith(points, centres, across);
  const distances = tensor.biasAdd(tensor.scale(products, -2), tensor.sumsqRows(centres));
  const nearest = tensor.argmin(distances);
  const members = tensor.scatter(ones, nearest, k);
  const along = new tensor.MatMulOptions();
  along.transposeA = true;
  const totals = tensor.matmulWith(members, points, along);
  least = tensor.minRows(distances).readF32();
  index = nearest.readU32();
  sums = totals.readF32();
  tensor.end();
}

// moveCentres makes each centre the mean of its points; one without points stays.
function moveCentres(): void {
  const count = new StaticArray<i32>(k);
  for (let i = 0; i < n; i++) count[index[i]]++;
  for (let i = 0; i < centre.length; i++) {
    const c = count[i / PIXELS];
    if (c != 0) centre[i] = sums[i] / <f32>c;
  }
  centres.write<f32>(centre);
}

// agreement is how many points are in a cluster whose most frequent label is theirs.
function agreement(): i32 {
  const frequency = new StaticArray<i32>(k * CLASSES);
  for (let i = 0; i < n; i++) frequency[index[i] * CLASSES + label[i]]++;
  let agree = 0;
  for (let j = 0; j < k; j++) {
    let most = 0;
    for (let c = 0; c < CLASSES; c++) most = max(most, frequency[j * CLASSES + c]);
    agree += most;
  }
  return agree;
}

export function gw_step(): i32 {
  assign();
  let moved = 0;
  let inertia: f64 = 0;
  for (let i = 0; i < n; i++) {
    if (iteration == 0 || index[i] != cluster[i]) moved++;
    const distance: f32 = least[i] + norm[i];
    if (distance > 0) inertia += <f64>distance;
  }
  cluster = index;
  const rounded = <u64>(inertia + 0.5);
  iteration++;
  moveCentres();
  gw.log(`iteration ${iteration}: ${moved} moved, inertia ${rounded}`);
  gw.progress(<f64>iteration / <f64>iterations, `iteration ${iteration}`);
  if (moved != 0 && iteration < iterations) return gw.AGAIN;

  gw.writeOutput<f32>("centres", centre);
  const clusters = new StaticArray<u8>(n);
  for (let i = 0; i < n; i++) clusters[i] = <u8>index[i];
  gw.writeOutput<u8>("clusters", clusters);
  gw.writeOutputText("metrics.json",
    `{"points":${n},"k":${k},"iterations":${iteration},"moved":${moved},"inertia":${rounded},"agree":${agreement()}}\n`);
  return gw.DONE;
}
