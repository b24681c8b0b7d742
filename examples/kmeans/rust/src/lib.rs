//! k-means (Lloyd's algorithm) over images: see ../../README.md for what comes in and out. One step is one iteration.

use gwrun::tensor::Matmul;
use gwrun::{arg_u32, fail, log, output, progress, Input, Job, Step, Tensor};
use std::fmt::Write;

const PIXELS: usize = 28 * 28;
const CLASSES: usize = 10;
const MOST_IMAGES: u32 = 60_000;
const MOST_CLUSTERS: usize = 256;
const UPLOAD_IMAGES: usize = 64;

struct KMeans {
    n: usize,
    k: usize,
    iterations: u32,
    iteration: u32,
    points: Tensor,
    ones: Tensor,
    centres: Tensor,
    // By point: the cluster in the iteration before, the square of the length, the label.
    cluster: Vec<u32>,
    norm: Vec<f32>,
    label: Vec<u8>,
    centre: Vec<f32>,
}

gwrun::job!(KMeans);

/// What one iteration finds: the nearest centre of every point, how near it is (less |p|^2), and the sum of the points of each.
struct Assignment {
    index: Vec<u32>,
    least: Vec<f32>,
    sums: Vec<f32>,
}

impl Job for KMeans {
    fn new() -> KMeans {
        let images = open_idx("images", 3, PIXELS);
        if open_idx("labels", 1, 1) != images {
            fail!("input labels: not as many as images");
        }
        let n = arg_u32("points", 2000, 1..=images) as usize;
        let k = arg_u32("k", 10, 1..=n.min(MOST_CLUSTERS) as u32) as usize;
        let iterations = arg_u32("iterations", 20, 1..=10_000);
        let label: Vec<u8> = Input::named("labels").read(8, n);
        if let Some(i) = label.iter().position(|l| usize::from(*l) >= CLASSES) {
            fail!("input labels: label {} of image {}, want at most {}", label[i], i, CLASSES - 1);
        }

        let points = Tensor::zeros(&[n, PIXELS]);
        load(&points, n);
        let norm = points.sumsq_rows().read_f32();
        // The first centres are points, evenly spread over the file.
        let centre: Vec<f32> = (0..k).flat_map(|i| points.rows(i * (n / k), i * (n / k) + 1).read_f32()).collect();
        KMeans {
            n,
            k,
            iterations,
            iteration: 0,
            points,
            ones: Tensor::from_f32(&[n], &vec![1.0; n]),
            centres: Tensor::from_f32(&[k, PIXELS], &centre),
            cluster: Vec::new(),
            norm,
            label,
            centre,
        }
    }

    fn step(&mut self) -> Step {
        let found = self.assign();
        let moved = (0..self.n).filter(|i| self.cluster.get(*i) != Some(&found.index[*i])).count();
        let mut inertia = 0f64;
        for (least, norm) in found.least.iter().zip(&self.norm) {
            inertia += f64::from(least + norm).max(0.0);
        }
        let inertia = (inertia + 0.5) as u64;
        self.iteration += 1;
        self.move_centres(&found);
        self.cluster = found.index;
        log!("iteration {}: {} moved, inertia {}", self.iteration, moved, inertia);
        progress(f64::from(self.iteration) / f64::from(self.iterations), &format!("iteration {}", self.iteration));
        if moved != 0 && self.iteration < self.iterations {
            return Step::Again;
        }
        self.write_outputs(moved, inertia);
        Step::Done
    }
}

/// Checks the header of an idx file of bytes of so many dimensions and gives its count of elements.
fn open_idx(name: &str, dimensions: usize, element: usize) -> u32 {
    let input = Input::named(name);
    let size = 4 + 4 * dimensions;
    let head: Vec<u8> = input.read(0, size);
    let word = |i: usize| u32::from_be_bytes([head[4 * i], head[4 * i + 1], head[4 * i + 2], head[4 * i + 3]]);
    let magic = 0x800 + dimensions as u32;
    if word(0) != magic {
        fail!(
            "input {}: magic number {}, want {}, an idx file of bytes in {} dimensions",
            name,
            word(0),
            magic,
            dimensions
        );
    }
    if dimensions == 3 && (word(2), word(3)) != (28, 28) {
        fail!("input {}: images of {} by {}, want 28 by 28", name, word(2), word(3));
    }
    let (count, length) = (word(1), input.len());
    let want = size as u64 + u64::from(count) * element as u64;
    if !(1..=MOST_IMAGES).contains(&count) || length != want {
        fail!(
            "input {}: {} bytes, {} elements, want 1 to {} of them in {} bytes",
            name,
            length,
            count,
            MOST_IMAGES,
            want
        );
    }
    count
}

/// Uploads the first n images, from 0 to 1.
fn load(points: &Tensor, n: usize) {
    let images = Input::named("images");
    for from in (0..n).step_by(UPLOAD_IMAGES) {
        let to = n.min(from + UPLOAD_IMAGES);
        let bytes: Vec<u8> = images.read(16 + (from * PIXELS) as u64, (to - from) * PIXELS);
        let values: Vec<f32> = bytes.iter().map(|b| f32::from(*b) / 255.0).collect();
        points.rows(from, to).write_f32(&values);
    }
}

impl KMeans {
    /// |p - c|^2 is |p|^2 + |c|^2 - 2 p c, of which the first is the same for all centres.
    fn assign(&self) -> Assignment {
        let products = self.points.matmul_with(&self.centres, Matmul { transpose_b: true, ..Default::default() });
        let distances = products.scale(-2.0).bias_add(&self.centres.sumsq_rows());
        let nearest = distances.argmin();
        let members = self.ones.scatter(&nearest, self.k);
        let sums = members.matmul_with(&self.points, Matmul { transpose_a: true, ..Default::default() });
        Assignment { least: distances.min_rows().read_f32(), index: nearest.read_u32(), sums: sums.read_f32() }
    }

    /// Each centre becomes the mean of its points; one without points stays.
    fn move_centres(&mut self, found: &Assignment) {
        let mut count = vec![0u32; self.k];
        for j in &found.index {
            count[*j as usize] += 1;
        }
        let rows = self.centre.chunks_mut(PIXELS).zip(found.sums.chunks(PIXELS));
        for ((centre, sums), count) in rows.zip(count).filter(|(_, count)| *count != 0) {
            for (c, sum) in centre.iter_mut().zip(sums) {
                *c = sum / count as f32;
            }
        }
        self.centres.write_f32(&self.centre);
    }

    /// How many points are in a cluster whose most frequent label is theirs.
    fn agreement(&self) -> u32 {
        let mut of = vec![[0u32; CLASSES]; self.k];
        for (j, label) in self.cluster.iter().zip(&self.label) {
            of[*j as usize][usize::from(*label)] += 1;
        }
        of.iter().map(|of| of.iter().max().unwrap()).sum()
    }

    fn write_outputs(&self, moved: usize, inertia: u64) {
        output("centres").write(&self.centre);
        let clusters: Vec<u8> = self.cluster.iter().map(|j| *j as u8).collect();
        output("clusters").write(&clusters);
        let (n, k, iteration, agree) = (self.n, self.k, self.iteration, self.agreement());
        let _ = writeln!(
            output("metrics.json"),
            "{{\"points\":{},\"k\":{},\"iterations\":{},\"moved\":{},\"inertia\":{},\"agree\":{}}}",
            n,
            k,
            iteration,
            moved,
            inertia,
            agree
        );
    }
}
