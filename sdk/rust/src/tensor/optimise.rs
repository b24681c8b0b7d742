//! Steps of optimisers.

use super::{Element, Tensor};
use crate::fail;
use crate::lib::{self, Op};

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
