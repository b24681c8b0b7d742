//! Tensors: numbers on the device with a shape, and the functions of the kernel library on them.
//!
//! A function checks the shapes it is given and ends the job where they don't fit, with a line that names it, what it found and
//! what it wanted. It makes a tensor for its result; nothing is computed before somebody reads or the step ends, which
//! doesn't show.

use crate::buffer::{Buffer, Region, Usage};
use crate::plain::Plain;
use crate::{batch, fail};
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;

mod elements;
mod losses;
mod optimise;
mod products;
mod rows;

pub use losses::NONE_IGNORED;
pub use optimise::Adam;
pub use products::{Attention, Conv2d, Matmul};

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
