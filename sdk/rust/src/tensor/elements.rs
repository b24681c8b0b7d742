//! Element by element.

use super::{product, Activation, Element, Tensor};
use crate::decimal::Decimal;
use crate::fail;
use crate::lib::{self, Op, Word};

/// A seed's two words.
fn seed_words(seed: u64) -> [Word; 2] {
    [Word::Whole(seed as u32), Word::Whole((seed >> 32) as u32)]
}

/// Element by element.
impl Tensor {
    pub(super) fn same(&self, op: &'static Op, other: &Tensor) -> Tensor {
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
