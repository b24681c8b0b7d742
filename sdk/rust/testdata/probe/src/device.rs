//! WebGPU through the safe layer.

use gwrun::{device, lib, log, output, Buffer, Device, ErrorFilter, Pipeline, Tensor, Usage};

const KERNEL: &str = "
override factor: f32 = 1;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(4) fn times(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&y)) { y[id.x] = factor * x[id.x]; }
}
";

/// A kernel of one's own, with every object used directly.
pub fn kernel() {
    let x = Buffer::new("x", 40, Usage::DATA);
    let y = Buffer::new("y", 40, Usage::DATA);
    x.write(0, &[0f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    let pipeline = Pipeline::new(KERNEL, "times", &[("factor", 3.0)]);
    let group = pipeline.bind(&[(0, (&x).into()), (1, (&y).into())]);
    let mut encoder = device().encoder("work");
    encoder.pass("one").dispatch(&pipeline, &[&group], [3, 1, 1]);
    encoder.copy(&y, 0, &x, 20, 20);
    encoder.clear(&y, 36, 4);
    encoder.submit();
    output("x").write(&x.read::<f32>(0, 10));
    output("y").write(&y.read::<f32>(0, 10));
    // A part of a buffer as a region.
    let z = Buffer::new("z", 256 + 16, Usage::DATA);
    let group = pipeline.bind(&[(0, x.region(0, 16)), (1, z.region(256, 16))]);
    let mut encoder = device().encoder("more");
    {
        let mut pass = encoder.pass("two");
        pass.dispatch(&pipeline, &[&group], [1, 1, 1]);
        pass.dispatch(&pipeline, &[&group], [1, 1, 1]);
    }
    encoder.finish().submit();
    output("z").write(&z.read::<f32>(248, 6));
}

/// Lengths that are no whole words.
pub fn odd() {
    let b = Buffer::new("bytes", 24, Usage::DATA);
    let data: Vec<u8> = (1..=24).collect();
    b.write(0, &data);
    for offset in [0, 4, 8, 12] {
        for size in 0..=12 {
            assert_eq!(b.read::<u8>(offset, size), data[offset as usize..][..size], "{} bytes from {}", size, offset);
        }
    }
    assert_eq!(b.read::<u16>(4, 3), [0x0605, 0x0807, 0x0a09]);
    assert_eq!(b.read::<u64>(8, 1), [0x100f_0e0d_0c0b_0a09]);
    assert_eq!(b.size(), 24);
}

/// An error that is asked for does not end the job, and others do not get lost.
pub fn scope() {
    let d = device();
    let (n, error) = d.scope(ErrorFilter::Validation, || 5);
    assert!(n == 5 && error.is_none());
    let (b, error) = d.scope(ErrorFilter::Validation, || {
        d.buffer("both", 16, Usage::MAP_READ | Usage::MAP_WRITE)
    });
    log!("{}", error.unwrap());
    drop(b);
    let (_, error) = d.scope(ErrorFilter::Validation, || Pipeline::new("fn f() { let x = y; }", "f", &[]));
    log!("{}", error.unwrap());
    // A dispatch that tensors asked for before is not the scope's.
    let t = Tensor::from_f32(&[3], &[1.0, 2.0, 3.0]).scale(2.0);
    let (_, error) = d.scope(ErrorFilter::OutOfMemory, || t.read_f32());
    assert!(error.is_none());
    assert_eq!(t.read_f32(), [2.0, 4.0, 6.0]);
}

fn one_of_each(d: &Device) {
    let x = d.buffer("x", 256, Usage::DATA);
    let p = Pipeline::on(d, KERNEL, "times", &[]);
    let y = d.buffer("y", 256, Usage::DATA);
    let g = p.bind(&[(0, (&x).into()), (1, (&y).into())]);
    let mut e = d.encoder("e");
    e.pass("p").dispatch(&p, &[&g], [1, 1, 1]);
    // One is submitted, one is dropped as commands, one as an encoder with a pass.
    e.submit();
    drop(d.encoder("dropped").finish());
    let mut e = d.encoder("dropped");
    let pass = e.pass("p");
    drop(pass);
    drop(e);
    assert_eq!(y.read::<f32>(0, 1), [0.0]);
}

/// Everything is given back: the test allows a few handles only.
pub fn drops() {
    let d = device();
    for i in 0..60 {
        one_of_each(&d);
        let t = Tensor::from_f32(&[8], &[i as f32; 8]);
        let u = t.add(&t).scale(0.5).reshape(&[2, 4]).rows(1, 2);
        assert_eq!(u.read_f32(), [i as f32; 4]);
        d.scope(ErrorFilter::Validation, || ());
    }
}

/// So are devices, of which nothing stays.
pub fn own_devices() {
    for _ in 0..30 {
        let d = Device::open();
        one_of_each(&d.clone());
        let b = d.buffer("outlives its device's names", 16, Usage::DATA);
        drop(d);
        b.write(0, &[7u32]);
        assert_eq!(b.read::<u32>(0, 1), [7]);
    }
}

/// Reads, writes and one's own commands come after what tensors have asked for.
pub fn order() {
    let t = Tensor::from_f32(&[2], &[1.0, 2.0]);
    let doubled = t.scale(2.0);
    t.write_f32(&[10.0, 20.0]);
    let later = t.scale(2.0);
    let copy = Buffer::new("copy", 8, Usage::DATA);
    let mut e = device().encoder("mine");
    e.copy(later.buffer(), 0, &copy, 0, 8);
    e.submit();
    assert_eq!(copy.read::<f32>(0, 2), [20.0, 40.0]);
    assert_eq!(doubled.read_f32(), [2.0, 4.0]);
}

/// More dispatches than go into one submit, each with parameters of its own.
pub fn many() {
    let one = Tensor::from_f32(&[1], &[1.0]);
    let all: Vec<Tensor> = (0..200).map(|i| one.scale(i as f32)).collect();
    for (i, t) in all.iter().enumerate() {
        assert_eq!(t.read_f32(), [i as f32]);
    }
    let mut t = one.clone();
    for _ in 0..150 {
        t = t.axpy(1.0, &one);
    }
    assert_eq!(t.read_f32(), [151.0]);
}

/// Tensors dropped before their work is done.
pub fn temporaries() {
    let sum = {
        let a = Tensor::from_f32(&[4], &[1.0, 2.0, 3.0, 4.0]);
        a.scale(2.0).add(&a.scale(3.0))
    };
    // Another buffer may take the place of one dropped; it must not be seen.
    let other = Tensor::from_f32(&[4], &[9.0; 4]);
    assert_eq!(sum.read_f32(), [5.0, 10.0, 15.0, 20.0]);
    assert_eq!(other.read_f32(), [9.0; 4]);
    lib::SCALE.run(&[4u32.into(), 2f32.into()], &[&other, &sum], &[("size", 256.0)]);
    assert_eq!(sum.read_f32(), [18.0; 4]);
}

pub fn shader() {
    Pipeline::new("@compute @workgroup_size(1)\nfn main() { let a: u32 = 1.5; }", "main", &[]);
}

pub fn usage() {
    Buffer::new("both", 16, Usage::MAP_READ | Usage::MAP_WRITE);
}

pub fn bind() {
    let x = Buffer::new("x", 16, Usage::UNIFORM);
    Pipeline::new(KERNEL, "times", &[]).bind(&[(0, (&x).into()), (1, (&x).into())]);
}

pub fn command() {
    let x = Buffer::new("small", 16, Usage::DATA);
    let mut e = device().encoder("e");
    e.copy(&x, 0, &x, 8, 16);
    e.submit();
}
