//! Losses and their gradients.

use super::{Element, Tensor};
use crate::lib;

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
