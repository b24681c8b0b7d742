//! Along rows and columns.

use super::{flag, Element, Tensor};
use crate::lib;

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
    pub(super) fn reduce_all(&self, op: &str, squares: bool, divide: f32) -> Tensor {
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
