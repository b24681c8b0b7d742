//! Products, convolutions and attention.

use super::{flag, Activation, Element, Tensor};
use crate::fail;
use crate::lib::{self, Word};

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
