//! A program with a main function: one step, with Rust's whole std.

use gwrun::{output, Tensor};
use std::collections::HashMap;

fn main() {
    let mut count = HashMap::new();
    for word in std::env::args().skip(1) {
        *count.entry(word).or_insert(0u32) += 1;
    }
    println!("{} words", count.len());
    // In the map's own order, which the job's seed decides.
    for (word, n) in &count {
        output("words").write(format!("{} {}\n", word, n).as_bytes());
    }
    let y = Tensor::from_f32(&[4], &[1.0, 2.0, 3.0, 4.0]).scale(2.0);
    output("y").write(&y.read_f32());
    if gwrun::arg("fail").is_some() {
        Tensor::zeros(&[2]).add(&Tensor::zeros(&[3]));
    }
    if gwrun::arg("webgpu").is_some() {
        gwrun::Buffer::new("both", 16, gwrun::Usage::MAP_READ | gwrun::Usage::MAP_WRITE);
    }
    if gwrun::arg("panic").is_some() {
        panic!("on purpose");
    }
}
