//! Tensors: numbers on the device with a shape, and the functions of the kernel library on them.
//!
//! A function checks the shapes it is given and ends the job where they don't fit, with a line that names it, what it found and
//! what it wanted. It makes a tensor for its result; nothing is computed before somebody reads or the step ends, which
//! doesn't show.

use crate::buffer::{Buffer, Region, Usage};
use crate::decimal::Decimal;
use crate::lib::{self, Op, Word};
use crate::plain::Plain;
use crate::{batch, fail};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;

/// What the words of a tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// A number.
    F32,
    /// A whole number.
    U32,
}

/// Numbers on the device, in 1 to 4 dimensions. Copies and views share their numbers.
#[derive(Clone)]
pub struct Tensor {
    buffer: Rc<Buffer>,
    offset: u64,
    shape: Vec<usize>,
    element: Element,
}

/// What is applied to each element of a product or a convolution, or by [`Tensor::activate`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // known by their names
pub enum Activation {
    #[default]
    None = 0,
    Relu = 1,
    Gelu = 2,
    Silu = 3,
    Tanh = 4,
    Sigmoid = 5,
}

/// What [`Tensor::matmul_with`] does besides multiplying.
#[derive(Clone, Copy, Default)]
pub struct Matmul<'a> {
    /// The first factor is given as `[k, m]`.
    pub transpose_a: bool,
    /// The second factor is given as `[n, k]`.
    pub transpose_b: bool,
    /// Added to each row: `[n]`.
    pub bias: Option<&'a Tensor>,
    /// Applied at last.
    pub activation: Activation,
    /// What the product is added to, and the result's place; a new tensor where there is none.
    pub accumulate: Option<&'a Tensor>,
}

/// What [`Tensor::conv2d`] does besides its default.
#[derive(Clone, Copy)]
pub struct Conv2d<'a> {
    /// Rows and columns from one place of the filter to the next.
    pub stride: [usize; 2],
    /// Rows of zeros above and below, columns left and right.
    pub pad: [usize; 2],
    /// Rows and columns from one element of the filter to the next.
    pub dilation: [usize; 2],
    /// Parts that channels and filters are divided into.
    pub groups: usize,
    /// Added to each filter's plane: `[filters]`.
    pub bias: Option<&'a Tensor>,
    /// Applied at last.
    pub activation: Activation,
}

impl Default for Conv2d<'_> {
    fn default() -> Self {
        Conv2d { stride: [1, 1], pad: [0, 0], dilation: [1, 1], groups: 1, bias: None, activation: Activation::None }
    }
}

/// What [`Tensor::attention`] does besides its default.
#[derive(Clone, Copy, Default)]
pub struct Attention {
    /// The queries are the last ones of as many positions as there are keys, and see their own and those before.
    pub causal: bool,
    /// What scores are multiplied by; 1 / sqrt(dim) where it is None.
    pub scale: Option<f32>,
}

/// The settings of [`Tensor::adam`] and [`Tensor::adamw`].
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // known by their names
pub struct Adam {
    pub rate: f32,
    pub beta1: f32,
    pub beta2: f32,
    pub epsilon: f32,
    pub decay: f32,
}

impl Default for Adam {
    fn default() -> Self {
        Adam { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.0 }
    }
}

/// The product of a shape's dimensions.
fn product(op: &str, shape: &[usize]) -> usize {
    // A buffer of WebGPU holds 2^28 bytes.
    match shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d)) {
        Some(n) if (1..=1 << 26).contains(&n) && (1..=4).contains(&shape.len()) => n,
        _ => fail!("{}: shape {:?}, want 1 to 4 dimensions and 1 to 2^26 elements", op, shape),
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Element::F32 => "f32",
            Element::U32 => "u32",
        })
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {:?}", self.element, self.shape)
    }
}

/// Making, reading, and looking at.
impl Tensor {
    fn new(op: &str, shape: &[usize], element: Element) -> Tensor {
        let n = product(op, shape);
        let buffer = Rc::new(Buffer::new(op, 4 * n as u64, Usage::DATA));
        Tensor { buffer, offset: 0, shape: shape.to_vec(), element }
    }

    /// A new tensor of this one's shape and element, all zeros.
    pub fn like(&self) -> Tensor {
        Tensor::new("like", &self.shape, self.element)
    }

    /// Zeros.
    pub fn zeros(shape: &[usize]) -> Tensor {
        Tensor::new("zeros", shape, Element::F32)
    }

    /// Whole zeros.
    pub fn zeros_u32(shape: &[usize]) -> Tensor {
        Tensor::new("zeros_u32", shape, Element::U32)
    }

    /// These numbers, row by row.
    pub fn from_f32(shape: &[usize], data: &[f32]) -> Tensor {
        Tensor::from("from_f32", shape, Element::F32, data)
    }

    /// These whole numbers, row by row.
    pub fn from_u32(shape: &[usize], data: &[u32]) -> Tensor {
        Tensor::from("from_u32", shape, Element::U32, data)
    }

    fn from<T: Plain>(op: &str, shape: &[usize], element: Element, data: &[T]) -> Tensor {
        let t = Tensor::new(op, shape, element);
        if data.len() != t.len() {
            fail!("{}: {} numbers for shape {:?}, want {}", op, data.len(), shape, t.len());
        }
        t.buffer.write(0, data);
        t
    }

    /// Writes numbers over these, after everything asked for so far.
    pub fn write_f32(&self, data: &[f32]) {
        self.write("write_f32", Element::F32, data)
    }

    /// Writes whole numbers over these, after everything asked for so far.
    pub fn write_u32(&self, data: &[u32]) {
        self.write("write_u32", Element::U32, data)
    }

    fn write<T: Plain>(&self, op: &str, element: Element, data: &[T]) {
        self.want(op, "the tensor", element);
        if data.len() != self.len() {
            fail!("{}: {} numbers for {:?}, want {}", op, data.len(), self, self.len());
        }
        self.buffer.write(self.offset, data)
    }

    /// The numbers, once everything asked for so far is done.
    pub fn read_f32(&self) -> Vec<f32> {
        self.want("read_f32", "the tensor", Element::F32);
        self.buffer.read(self.offset, self.len())
    }

    /// The whole numbers, once everything asked for so far is done.
    pub fn read_u32(&self) -> Vec<u32> {
        self.want("read_u32", "the tensor", Element::U32);
        self.buffer.read(self.offset, self.len())
    }

    /// The dimensions.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many elements there are.
    #[allow(clippy::len_without_is_empty)] // there is no empty one
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// What they are.
    pub fn element(&self) -> Element {
        self.element
    }

    /// The buffer it lies in.
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    fn bytes(&self) -> u64 {
        4 * self.len() as u64
    }

    /// Its place in the buffer. Only a view begins anywhere else than at a multiple of 256.
    pub fn region(&self) -> Region<'_> {
        self.buffer.region(self.offset, self.bytes())
    }

    /// The same numbers in another shape.
    pub fn reshape(&self, shape: &[usize]) -> Tensor {
        if product("reshape", shape) != self.len() {
            fail!("reshape: {:?} to {:?}, want {} elements", self, shape, self.len());
        }
        Tensor { shape: shape.to_vec(), ..self.clone() }
    }

    /// A view of some rows: those of the first dimension from one up to another.
    pub fn rows(&self, from: usize, to: usize) -> Tensor {
        let count = self.shape[0];
        if from >= to || to > count {
            fail!("rows: {} to {} of {:?}, want some of its {} rows", from, to, self, count);
        }
        let mut shape = self.shape.clone();
        shape[0] = to - from;
        let offset = self.offset + 4 * (self.len() / count * from) as u64;
        Tensor { shape, offset, ..self.clone() }
    }

    /// A copy of the numbers on the device.
    pub fn copy(&self) -> Tensor {
        let t = self.like();
        batch::copy(&self.buffer, self.offset, &t.buffer, 0, self.bytes());
        t
    }
}

/// What functions check.
impl Tensor {
    fn want(&self, op: &str, what: &str, element: Element) {
        if self.element != element {
            fail!("{}: {} is {:?}, want {}", op, what, self, element);
        }
    }

    fn want_shape(&self, op: &str, what: &str, element: Element, shape: &[usize]) {
        if self.element != element || self.shape != shape {
            fail!("{}: {} is {:?}, want {} {:?}", op, what, self, element, shape);
        }
    }

    fn want_rank(&self, op: &str, what: &str, rank: usize) {
        if self.element != Element::F32 || self.shape.len() != rank {
            fail!("{}: {} is {:?}, want f32 of {} dimensions", op, what, self, rank);
        }
    }

    /// Rows along the last dimension, and how long they are.
    fn lines(&self, op: &str) -> (usize, usize) {
        self.want(op, "x", Element::F32);
        let n = self.shape[self.shape.len() - 1];
        (self.len() / n, n)
    }

    /// The shape of one number for each row.
    fn outer(&self) -> &[usize] {
        match &self.shape[..self.shape.len() - 1] {
            [] => &[1],
            outer => outer,
        }
    }

    /// Rows and columns of a matrix.
    fn matrix(&self, op: &str) -> (usize, usize) {
        self.want_rank(op, "x", 2);
        (self.shape[0], self.shape[1])
    }
}

fn flag(on: bool) -> f64 {
    f64::from(u8::from(on))
}

/// A seed's two words.
fn seed_words(seed: u64) -> [Word; 2] {
    [Word::Whole(seed as u32), Word::Whole((seed >> 32) as u32)]
}

/// Products.
impl Tensor {
    /// `a b` for `[m, k]` and `[k, n]`, or for each matrix of `[batch, m, k]`; `b` has a batch too or is shared.
    pub fn matmul(&self, b: &Tensor) -> Tensor {
        self.matmul_with(b, Matmul::default())
    }

    /// The same with what [`Matmul`] says: `activation(accumulate + a b + bias)`.
    pub fn matmul_with(&self, b: &Tensor, with: Matmul) -> Tensor {
        let a = self;
        let (ra, rb) = (a.shape.len(), b.shape.len());
        let f32s = a.element == Element::F32 && b.element == Element::F32;
        if !f32s || !(2..=3).contains(&ra) || rb < 2 || rb > ra {
            fail!("matmul: a is {:?} and b {:?}, want f32 matrices, or a batch of them as a", a, b);
        }
        let last = |t: &Tensor, transpose: bool| {
            let s = &t.shape[t.shape.len() - 2..];
            if transpose {
                [s[1], s[0]]
            } else {
                [s[0], s[1]]
            }
        };
        let ([m, k], [kb, n]) = (last(a, with.transpose_a), last(b, with.transpose_b));
        let batch = if ra == 3 { a.shape[0] } else { 1 };
        if k != kb || rb == 3 && b.shape[0] != batch {
            fail!(
                "matmul: a is {:?}{} and b {:?}{}, want [m, k] and [k, n] of one k and one batch",
                a,
                if with.transpose_a { " transposed" } else { "" },
                b,
                if with.transpose_b { " transposed" } else { "" }
            );
        }
        let shape = &[batch, m, n][3 - ra..];
        if let Some(bias) = with.bias {
            bias.want_shape("matmul", "bias", Element::F32, &[n]);
        }
        let c = match with.accumulate {
            Some(c) => {
                c.want_shape("matmul", "what is added to", Element::F32, shape);
                c.clone()
            }
            None => Tensor::new("matmul", shape, Element::F32),
        };
        let steps = [if ra == 3 { m * k } else { 0 }, if rb == 3 { k * n } else { 0 }];
        lib::MATMUL_F32.run(
            &[m.into(), n.into(), k.into(), batch.into(), steps[0].into(), steps[1].into()],
            &[a, b, with.bias.unwrap_or(b), &c],
            &[
                ("transpose_a", flag(with.transpose_a)),
                ("transpose_b", flag(with.transpose_b)),
                ("accumulate", flag(with.accumulate.is_some())),
                ("with_bias", flag(with.bias.is_some())),
                ("activation", f64::from(with.activation as u8)),
            ],
        );
        c
    }

    /// Images `[batch, channels, height, width]` with filters `[filters, channels / groups, rows, columns]`:
    /// `activation(filters * images + bias)`.
    pub fn conv2d(&self, weight: &Tensor, with: Conv2d) -> Tensor {
        self.want_rank("conv2d", "the image", 4);
        weight.want_rank("conv2d", "the weight", 4);
        let (batch, channels, size) = (self.shape[0], self.shape[1], &self.shape[2..]);
        let (filters, kernel) = (weight.shape[0], &weight.shape[2..]);
        let g = with.groups;
        if g == 0 || channels % g != 0 || filters % g != 0 || weight.shape[1] != channels / g {
            fail!(
                "conv2d: image {:?}, weight {:?}, {} groups: want groups that divide channels and filters, and filters of {} channels",
                self, weight, g, channels / g.max(1)
            );
        }
        if let Some(bias) = with.bias {
            bias.want_shape("conv2d", "bias", Element::F32, &[filters]);
        }
        let mut out = [0; 2];
        for i in 0..2 {
            let (stride, dilation) = (with.stride[i], with.dilation[i]);
            let reach = dilation.saturating_mul(kernel[i] - 1).saturating_add(1);
            let room = with.pad[i].saturating_mul(2).saturating_add(size[i]);
            if stride == 0 || dilation == 0 || reach > room {
                fail!(
                    "conv2d: image {:?}, weight {:?}, stride {:?}, pad {:?}, dilation {:?}: want strides and dilations from 1 on and a filter within the padded image",
                    self, weight, with.stride, with.pad, with.dilation
                );
            }
            out[i] = (room - reach) / stride + 1;
        }
        let y = Tensor::new("conv2d", &[batch, filters, out[0], out[1]], Element::F32);
        let words = [
            batch,
            g,
            channels,
            size[0],
            size[1],
            filters,
            out[0],
            out[1],
            kernel[0],
            kernel[1],
            with.pad[0],
            with.pad[1],
        ];
        lib::CONV2D.run(
            &words.map(Word::from),
            &[self, weight, with.bias.unwrap_or(weight), &y],
            &[
                ("stride_y", with.stride[0] as f64),
                ("stride_x", with.stride[1] as f64),
                ("dilation_y", with.dilation[0] as f64),
                ("dilation_x", with.dilation[1] as f64),
                ("with_bias", flag(with.bias.is_some())),
                ("activation", f64::from(with.activation as u8)),
            ],
        );
        y
    }

    /// Attention of queries `[batch, n, heads, dim]` to keys and values `[batch, capacity, kv_heads, dim]`.
    pub fn attention(&self, keys: &Tensor, values: &Tensor, with: Attention) -> Tensor {
        let op = "attention";
        self.want_rank(op, "the queries", 4);
        keys.want_rank(op, "the keys", 4);
        let (batch, n, heads, dim) = (self.shape[0], self.shape[1], self.shape[2], self.shape[3]);
        let (capacity, kv) = (keys.shape[1], keys.shape[2]);
        keys.want_shape(op, "the keys", Element::F32, &[batch, capacity, kv, dim]);
        values.want_shape(op, "the values", Element::F32, &keys.shape);
        if heads % kv != 0 || dim > 256 {
            fail!("attention: {} heads, {} key heads of {}, want a divisor of heads and at most 256", heads, kv, dim);
        }
        if with.causal && n > capacity {
            fail!("attention: {} queries and {} keys, want at least as many keys where it is causal", n, capacity);
        }
        let first = if with.causal { capacity - n } else { 0 };
        let lengths = Tensor::from_u32(&[batch, 2], &[first as u32, capacity as u32].repeat(batch));
        let scale = with.scale.unwrap_or_else(|| 1.0 / square_root(dim));
        let y = self.like();
        let rest =
            [Tensor::new(op, &[batch, n, heads], Element::F32), Tensor::new(op, &[batch, n, heads], Element::F32)];
        lib::ATTENTION.run(
            &[batch.into(), n.into(), capacity.into(), heads.into(), kv.into(), scale.into()],
            &[&lengths, self, keys, values, &y, &rest[0], &rest[1]],
            &[("dim", dim as f64), ("causal", flag(with.causal))],
        );
        y
    }
}

/// The square root of a small number, rounded to f32. core has none; Newton's iteration in f64 comes from above and stops when it
/// falls no longer, some 2^-50 off, and no root of a whole number is that close to the middle of two f32.
fn square_root(n: usize) -> f32 {
    let n = n as f64;
    let mut r = n;
    loop {
        let next = 0.5 * (r + n / r);
        if next >= r {
            return r as f32;
        }
        r = next;
    }
}

/// Element by element.
impl Tensor {
    fn same(&self, op: &'static Op, other: &Tensor) -> Tensor {
        self.want(op.name, "x", Element::F32);
        other.want_shape(op.name, "y", Element::F32, &self.shape);
        Tensor::new(op.name, &self.shape, Element::F32)
    }

    /// `x + y`.
    pub fn add(&self, y: &Tensor) -> Tensor {
        let z = self.same(&lib::ADD, y);
        lib::ADD.run(&[self.len().into()], &[self, y, &z], &[]);
        z
    }

    /// `x y`, each element with its like.
    pub fn mul(&self, y: &Tensor) -> Tensor {
        let z = self.same(&lib::MUL, y);
        lib::MUL.run(&[self.len().into()], &[self, y, &z], &[]);
        z
    }

    /// `a x`.
    pub fn scale(&self, a: f32) -> Tensor {
        self.want("scale", "x", Element::F32);
        let y = self.like();
        lib::SCALE.run(&[self.len().into(), a.into()], &[self, &y], &[]);
        y
    }

    /// `a x + y`.
    pub fn axpy(&self, a: f32, y: &Tensor) -> Tensor {
        let z = self.same(&lib::AXPY, y);
        lib::AXPY.run(&[self.len().into(), a.into()], &[self, y, &z], &[]);
        z
    }

    /// `x + b`, b along the last dimension.
    pub fn bias_add(&self, b: &Tensor) -> Tensor {
        let (rows, n) = self.lines("bias_add");
        b.want_shape("bias_add", "b", Element::F32, &[n]);
        let y = self.like();
        lib::BIAS_ADD.run(&[rows.into(), n.into()], &[self, b, &y], &[]);
        y
    }

    /// `f(x)`.
    pub fn activate(&self, f: Activation) -> Tensor {
        self.want("activate", "x", Element::F32);
        let y = self.like();
        lib::ACTIVATE.run(&[self.len().into()], &[self, &y], &[("activation", f64::from(f as u8))]);
        y
    }

    /// The gradient of [`Tensor::activate`] at x, times dy.
    pub fn activate_grad(&self, dy: &Tensor, f: Activation) -> Tensor {
        let dx = self.same(&lib::ACTIVATE_GRAD, dy);
        lib::ACTIVATE_GRAD.run(&[self.len().into()], &[self, dy, &dx], &[("activation", f64::from(f as u8))]);
        dx
    }

    /// Drops elements with this probability and scales the others up, in a stream of a seed.
    pub fn dropout(&self, probability: f32, seed: u64, stream: u32) -> Tensor {
        self.want("dropout", "x", Element::F32);
        if !(0.0..1.0).contains(&probability) {
            fail!("dropout: probability {}, want 0 up to 1", Decimal::short(probability));
        }
        let y = self.like();
        let [low, high] = seed_words(seed);
        let p = f64::from(probability);
        let (below, factor) = ((p * 4294967296.0) as u32, (1.0 / (1.0 - p)) as f32);
        lib::DROPOUT.run(&[self.len().into(), stream.into(), low, high, below.into(), factor.into()], &[self, &y], &[]);
        y
    }

    /// Random numbers from low up to high, of a stream of a seed: see [`seed`](crate::seed). Streams are independent.
    pub fn random_uniform(shape: &[usize], low: f32, high: f32, seed: u64, stream: u32) -> Tensor {
        Tensor::random("random_uniform", shape, [low, high - low], seed, stream, 0.0)
    }

    /// Random numbers of the normal distribution.
    pub fn random_normal(shape: &[usize], mean: f32, deviation: f32, seed: u64, stream: u32) -> Tensor {
        Tensor::random("random_normal", shape, [mean, deviation], seed, stream, 1.0)
    }

    fn random(op: &str, shape: &[usize], [a, b]: [f32; 2], seed: u64, stream: u32, distribution: f64) -> Tensor {
        let y = Tensor::new(op, shape, Element::F32);
        let [low, high] = seed_words(seed);
        lib::RANDOM.run(
            &[y.len().into(), stream.into(), low, high, a.into(), b.into()],
            &[&y],
            &[("distribution", distribution)],
        );
        y
    }

    /// The nearest numbers of 16 bits (bfloat16), two in a word, the first in the lower half: u32 `[ceil(count / 2)]`.
    pub fn to_bf16(&self) -> Tensor {
        self.want("to_bf16", "x", Element::F32);
        let y = Tensor::new("to_bf16", &[(self.len() + 1) / 2], Element::U32);
        lib::F32_TO_BF16.run(&[self.len().into()], &[self, &y], &[]);
        y
    }

    /// The numbers of these words of two, in 32 bits.
    pub fn from_bf16(&self, shape: &[usize]) -> Tensor {
        let n = product("from_bf16", shape);
        self.want_shape("from_bf16", "the words", Element::U32, &[(n + 1) / 2]);
        let y = Tensor::new("from_bf16", shape, Element::F32);
        lib::BF16_TO_F32.run(&[n.into()], &[self, &y], &[]);
        y
    }
}

/// Along rows, which are the last dimension, and columns.
impl Tensor {
    fn soft(&self, logarithm: bool) -> Tensor {
        let (rows, n) = self.lines("softmax");
        let y = self.like();
        // Binding 2, the lengths, is not read without a mask.
        lib::SOFTMAX.run(
            &[rows.into(), n.into(), 1f32.into(), 1u32.into(), 0u32.into()],
            &[self, self, &y],
            &[("logarithm", flag(logarithm))],
        );
        y
    }

    /// Softmax of each row.
    pub fn softmax(&self) -> Tensor {
        self.soft(false)
    }

    /// Its logarithm.
    pub fn log_softmax(&self) -> Tensor {
        self.soft(true)
    }

    /// The gradient of [`Tensor::softmax`] from what it gave, y, and dy.
    pub fn softmax_grad(&self, dy: &Tensor) -> Tensor {
        self.soft_grad(dy, false)
    }

    /// The gradient of [`Tensor::log_softmax`] from what it gave, y, and dy.
    pub fn log_softmax_grad(&self, dy: &Tensor) -> Tensor {
        self.soft_grad(dy, true)
    }

    fn soft_grad(&self, dy: &Tensor, logarithm: bool) -> Tensor {
        let (rows, n) = self.lines("softmax_grad");
        let dx = self.same(&lib::SOFTMAX_GRAD, dy);
        lib::SOFTMAX_GRAD.run(
            &[rows.into(), n.into(), 1f32.into()],
            &[self, dy, &dx],
            &[("logarithm", flag(logarithm))],
        );
        dx
    }

    fn norm(&self, op: &str, gain: &Tensor, shift: Option<&Tensor>, epsilon: f32) -> Tensor {
        let (rows, n) = self.lines(op);
        gain.want_shape(op, "gain", Element::F32, &[n]);
        if let Some(shift) = shift {
            shift.want_shape(op, "shift", Element::F32, &[n]);
        }
        let y = self.like();
        let stats = Tensor::new(op, &[rows, 2], Element::F32);
        lib::NORM.run(
            &[rows.into(), n.into(), epsilon.into()],
            &[self, gain, shift.unwrap_or(gain), &y, &stats],
            &[("centred", flag(shift.is_some()))],
        );
        y
    }

    /// LayerNorm of each row.
    pub fn layer_norm(&self, gain: &Tensor, shift: &Tensor, epsilon: f32) -> Tensor {
        self.norm("layer_norm", gain, Some(shift), epsilon)
    }

    /// RMSNorm of each row.
    pub fn rms_norm(&self, gain: &Tensor, epsilon: f32) -> Tensor {
        self.norm("rms_norm", gain, None, epsilon)
    }

    fn reduce_rows(&self, op: &str, kind: u8, mean: bool) -> Tensor {
        let (rows, n) = self.lines(op);
        let y = Tensor::new(op, self.outer(), Element::F32);
        let divide = if mean { n as f32 } else { 1.0 };
        lib::REDUCE_ROWS.run(
            &[rows.into(), n.into(), self.len().into(), divide.into()],
            &[self, &y],
            &[("kind", f64::from(kind))],
        );
        y
    }

    /// The sum of each row.
    pub fn sum_rows(&self) -> Tensor {
        self.reduce_rows("sum_rows", 0, false)
    }

    /// The mean of each row.
    pub fn mean_rows(&self) -> Tensor {
        self.reduce_rows("mean_rows", 0, true)
    }

    /// The sum of the squares of each row.
    pub fn sumsq_rows(&self) -> Tensor {
        self.reduce_rows("sumsq_rows", 1, false)
    }

    /// The greatest of each row.
    pub fn max_rows(&self) -> Tensor {
        self.reduce_rows("max_rows", 2, false)
    }

    /// The least of each row.
    pub fn min_rows(&self) -> Tensor {
        self.reduce_rows("min_rows", 3, false)
    }

    fn reduce_columns(&self, op: &str, mean: bool) -> Tensor {
        let (rows, n) = self.lines(op);
        let (mut x, mut left) = (self.clone(), rows);
        loop {
            let blocks = (left + 255) / 256;
            let divide = if mean && blocks == 1 { rows as f32 } else { 1.0 };
            let y = Tensor::new(op, &[blocks, n], Element::F32);
            lib::REDUCE_COLUMNS.run(&[left.into(), n.into(), divide.into()], &[&x, &y], &[]);
            if blocks == 1 {
                return y.reshape(&[n]);
            }
            x = y;
            left = blocks;
        }
    }

    /// The sum of each column, over all rows.
    pub fn sum_columns(&self) -> Tensor {
        self.reduce_columns("sum_columns", false)
    }

    /// The mean of each column, over all rows.
    pub fn mean_columns(&self) -> Tensor {
        self.reduce_columns("mean_columns", true)
    }

    /// One number from all, `[1]`: in rows of 4096, and again of what comes out.
    fn reduce_all(&self, op: &str, squares: bool, divide: f32) -> Tensor {
        self.want(op, "x", Element::F32);
        let (mut x, mut left, mut kind) = (self.clone(), self.len(), flag(squares));
        loop {
            let rows = (left + 4095) / 4096;
            let y = Tensor::new(op, &[rows], Element::F32);
            lib::REDUCE_ROWS.run(
                &[rows.into(), 4096u32.into(), left.into(), if rows == 1 { divide } else { 1.0 }.into()],
                &[&x, &y],
                &[("kind", kind)],
            );
            if rows == 1 {
                return y;
            }
            x = y;
            left = rows;
            kind = 0.0;
        }
    }

    /// The sum of all squares, `[1]`.
    pub fn sum_squares(&self) -> Tensor {
        self.reduce_all("sum_squares", true, 1.0)
    }

    fn winner(&self, op: &str, least: bool) -> Tensor {
        let (rows, n) = self.lines(op);
        let index = Tensor::new(op, self.outer(), Element::U32);
        lib::ARGMAX.run(&[rows.into(), n.into()], &[self, &index], &[("least", flag(least))]);
        index
    }

    /// The column of the greatest of each row, u32.
    pub fn argmax(&self) -> Tensor {
        self.winner("argmax", false)
    }

    /// The column of the least of each row, u32.
    pub fn argmin(&self) -> Tensor {
        self.winner("argmin", true)
    }

    /// Rows of n with each of these numbers in the column that index (u32) says, and 0 elsewhere.
    pub fn scatter(&self, index: &Tensor, n: usize) -> Tensor {
        self.want_rank("scatter", "the numbers", 1);
        index.want_shape("scatter", "index", Element::U32, &self.shape);
        let y = Tensor::new("scatter", &[self.len(), n], Element::F32);
        lib::SCATTER.run(&[self.len().into(), n.into()], &[self, index, &y], &[]);
        y
    }

    /// `[rows, n]` from `[rows]`: each number, times factor, n times along its row.
    pub fn broadcast_rows(&self, n: usize, factor: f32) -> Tensor {
        self.want_rank("broadcast_rows", "v", 1);
        self.broadcast(self.len(), n, factor, false)
    }

    /// `[rows, n]` from `[n]`: these numbers, times factor, in each row.
    pub fn broadcast_columns(&self, rows: usize, factor: f32) -> Tensor {
        self.want_rank("broadcast_columns", "v", 1);
        self.broadcast(rows, self.len(), factor, true)
    }

    fn broadcast(&self, rows: usize, n: usize, factor: f32, columns: bool) -> Tensor {
        let y = Tensor::new("broadcast", &[rows, n], Element::F32);
        lib::BROADCAST.run(&[rows.into(), n.into(), factor.into()], &[self, &y], &[("columns", flag(columns))]);
        y
    }

    /// The rows `[n, dim]` of this table `[vocab, dim]` that ids `[n]` (u32) name; zeros where it has none of that number.
    pub fn embedding(&self, ids: &Tensor) -> Tensor {
        let (vocab, dim) = self.matrix("embedding");
        ids.want_shape("embedding", "ids", Element::U32, &[ids.len()]);
        let y = Tensor::new("embedding", &[ids.len(), dim], Element::F32);
        lib::EMBEDDING.run(&[ids.len().into(), vocab.into(), dim.into()], &[ids, self, &y], &[]);
        y
    }

    /// The gradient `[vocab, dim]` of the table of [`Tensor::embedding`], from this one of what it gave, `[n, dim]`.
    pub fn embedding_grad(&self, ids: &Tensor, vocab: usize) -> Tensor {
        let (n, dim) = self.matrix("embedding_grad");
        ids.want_shape("embedding_grad", "ids", Element::U32, &[n]);
        let (head, next) = (Tensor::zeros_u32(&[vocab]), Tensor::zeros_u32(&[n]));
        lib::EMBEDDING_INDEX.run(&[n.into(), vocab.into()], &[ids, &head, &next], &[]);
        let table = Tensor::new("embedding_grad", &[vocab, dim], Element::F32);
        lib::EMBEDDING_BACKWARD.run(&[n.into(), vocab.into(), dim.into()], &[&head, &next, self, &table], &[]);
        table
    }
}

/// No label is equal to this one, so all count.
pub const NONE_IGNORED: u32 = u32::MAX;

/// Losses.
impl Tensor {
    /// The cross entropy of each row of these logits `[rows, n]` with its label (u32), and what [`Tensor::cross_entropy_grad`] wants.
    /// A label equal to ignored counts as 0 (see [`NONE_IGNORED`]).
    pub fn cross_entropy(&self, labels: &Tensor, ignored: u32) -> (Tensor, Tensor) {
        let (rows, n) = self.matrix("cross_entropy");
        labels.want_shape("cross_entropy", "labels", Element::U32, &[rows]);
        let loss = Tensor::new("cross_entropy", &[rows], Element::F32);
        let stats = Tensor::new("cross_entropy", &[rows, 2], Element::F32);
        lib::CROSS_ENTROPY.run(&[rows.into(), n.into(), ignored.into()], &[self, labels, &loss, &stats], &[]);
        (loss, stats)
    }

    /// The gradient of the cross entropy for the logits, times factor: 1 / rows for the mean.
    pub fn cross_entropy_grad(&self, labels: &Tensor, stats: &Tensor, ignored: u32, factor: f32) -> Tensor {
        let (rows, n) = self.matrix("cross_entropy_grad");
        labels.want_shape("cross_entropy_grad", "labels", Element::U32, &[rows]);
        stats.want_shape("cross_entropy_grad", "stats", Element::F32, &[rows, 2]);
        let dx = self.like();
        lib::CROSS_ENTROPY_GRAD.run(
            &[rows.into(), n.into(), ignored.into(), factor.into()],
            &[self, labels, stats, &dx],
            &[],
        );
        dx
    }

    /// The mean of `(x - t)^2`, `[1]`.
    pub fn mse(&self, t: &Tensor) -> Tensor {
        self.want("mse", "x", Element::F32);
        t.want_shape("mse", "t", Element::F32, &self.shape);
        let blocks = (self.len() + 4095) / 4096;
        let y = Tensor::new("mse", &[blocks], Element::F32);
        lib::MSE.run(&[blocks.into(), self.len().into()], &[self, t, &y], &[]);
        y.reduce_all("mse", false, self.len() as f32)
    }

    /// Its gradient for x.
    pub fn mse_grad(&self, t: &Tensor) -> Tensor {
        let dx = self.same(&lib::MSE_GRAD, t);
        let factor = (2.0 / self.len() as f64) as f32;
        lib::MSE_GRAD.run(&[self.len().into(), factor.into()], &[self, t, &dx], &[]);
        dx
    }
}

/// Steps of optimisers, which change these weights in place.
impl Tensor {
    /// A step of gradient descent with momentum; the velocity v is zeros before the first.
    pub fn sgd(&self, g: &Tensor, v: &Tensor, rate: f32, momentum: f32, decay: f32) {
        self.want("sgd", "w", Element::F32);
        g.want_shape("sgd", "g", Element::F32, &self.shape);
        v.want_shape("sgd", "v", Element::F32, &self.shape);
        lib::SGD.run(&[self.len().into(), rate.into(), momentum.into(), decay.into()], &[self, g, v], &[]);
    }

    /// A step of Adam, the first of which has the number 1; the moments m and v are zeros before it.
    pub fn adam(&self, g: &Tensor, m: &Tensor, v: &Tensor, step: u32, with: Adam) {
        self.adam_step(&lib::ADAM, g, m, v, step, with)
    }

    /// The same with decoupled weight decay.
    pub fn adamw(&self, g: &Tensor, m: &Tensor, v: &Tensor, step: u32, with: Adam) {
        self.adam_step(&lib::ADAMW, g, m, v, step, with)
    }

    fn adam_step(&self, op: &'static Op, g: &Tensor, m: &Tensor, v: &Tensor, step: u32, with: Adam) {
        self.want(op.name, "w", Element::F32);
        for (name, t) in [("g", g), ("m", m), ("v", v)] {
            t.want_shape(op.name, name, Element::F32, &self.shape);
        }
        if step == 0 {
            fail!("{}: step 0, want 1 for the first", op.name);
        }
        let correct = |beta: f32| {
            let p = (0..step).fold(1.0, |p, _| p * f64::from(beta));
            (1.0 / (1.0 - p)) as f32
        };
        op.run(
            &[
                self.len().into(),
                with.rate.into(),
                with.beta1.into(),
                with.beta2.into(),
                with.epsilon.into(),
                with.decay.into(),
                correct(with.beta1).into(),
                correct(with.beta2).into(),
            ],
            &[self, g, m, v],
            &[],
        );
    }

    /// Scales these gradients down so that the norm of all is at most limit: squares `[1]` is [`Tensor::sum_squares`] of all gradients
    /// that are clipped together, added up.
    pub fn clip(&self, squares: &Tensor, limit: f32) {
        self.want("clip", "g", Element::F32);
        squares.want_shape("clip", "squares", Element::F32, &[1]);
        lib::CLIP.run(&[self.len().into(), limit.into()], &[squares, self], &[]);
    }
}
