//! The kernel library: WGSL kernels that give the same bits on every device, each an [`Op`] of its own that the linker
//! drops where it is not named.
//!
//! [`Tensor`] has most of them as functions. The rest, and variants those don't have, are run by [`Op::run`]:
//!
//! ```ignore
//! let y = Tensor::zeros(&[n]);
//! lib::SCALE.run(&[n.into(), 2.0.into()], &[&x, &y], &[]);
//! ```

use crate::buffer::Region;
use crate::tensor::Tensor;
use crate::{batch, fail};
use alloc::vec::Vec;
use core::fmt;

#[rustfmt::skip] // written by sdk/gen
mod ops;
pub use ops::*;

/// A kernel of the library. Its name is its entry point's; binding 0.0 of its text is a uniform buffer of its parameters.
pub struct Op {
    /// `"matmul_f32"`.
    pub name: &'static str,
    /// The complete WGSL text. Its overrides have the default tile.
    pub source: &'static str,
    /// The words of binding 0.0.
    pub params: &'static [Param],
    /// Bindings 0.1, 0.2 ...: storage buffers.
    pub bindings: &'static [Binding],
    /// What chooses a variant.
    pub overrides: &'static [Override],
    /// What changes the speed and nothing else.
    pub tile: &'static [Override],
    /// The workgroups for the words of the parameters and the values of the tile, in order.
    pub grid: fn(&[u32], &[u32]) -> [u64; 3],
}

/// A word of an op's parameters.
pub struct Param {
    /// What it is called.
    pub name: &'static str,
    /// Whether it holds the bits of an f32; otherwise it is a u32.
    pub float: bool,
}

/// A storage buffer of an op.
pub struct Binding {
    /// What it is called.
    pub name: &'static str,
    /// The type of its elements in the text.
    pub elem: &'static str,
    /// Whether the kernel writes to it.
    pub writable: bool,
}

/// A constant of an op's pipeline.
pub struct Override {
    /// What it is called.
    pub name: &'static str,
    /// Its value where none is given.
    pub default: f64,
}

/// The value of a parameter.
#[derive(Clone, Copy, PartialEq)]
pub enum Word {
    /// A whole number.
    Whole(u32),
    /// A number.
    Float(f32),
}

impl From<u32> for Word {
    fn from(n: u32) -> Word {
        Word::Whole(n)
    }
}

/// A number that passes 32 bits ends the job.
impl From<usize> for Word {
    fn from(n: usize) -> Word {
        Word::Whole(u32::try_from(n).unwrap_or_else(|_| fail!("a parameter is {}, want at most {}", n, u32::MAX)))
    }
}

impl From<f32> for Word {
    fn from(n: f32) -> Word {
        Word::Float(n)
    }
}

/// At most as many workgroups a dimension has.
const MOST_WORKGROUPS: u64 = 65535;
/// A binding begins at a multiple of this.
const ALIGNMENT: u64 = 256;

impl fmt::Debug for Op {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Op {
    /// Runs the kernel: parameters in the order of its text, tensors for bindings 0.1, 0.2 ..., and values for the overrides that
    /// are not to have their default. What is wrong with their number, names or kinds ends the job; that the tensors are as large
    /// as the header of the text says is up to the caller, and what is not there is not written and reads as WGSL has it.
    ///
    /// A tensor that begins within a buffer where no binding can, or is read from a buffer that the kernel also writes to, is
    /// copied for it.
    pub fn run(&'static self, params: &[Word], tensors: &[&Tensor], overrides: &[(&str, f64)]) {
        self.count(tensors.len());
        let written = |t: &Tensor| {
            self.bindings.iter().zip(tensors).any(|(b, other)| b.writable && core::ptr::eq(other.buffer(), t.buffer()))
        };
        let mut copies: Vec<Option<Tensor>> = Vec::new();
        for (b, t) in self.bindings.iter().zip(tensors) {
            let place = t.region();
            let apart = place.offset % ALIGNMENT != 0 || !b.writable && written(t);
            copies.push(apart.then(|| {
                let copy = t.like();
                batch::copy(place.buffer, place.offset, copy.buffer(), 0, place.size);
                copy
            }));
        }
        let regions: Vec<Region> =
            copies.iter().zip(tensors).map(|(copy, t)| copy.as_ref().unwrap_or(t).region()).collect();
        self.run_regions(params, &regions, overrides);
        for ((b, t), copy) in self.bindings.iter().zip(tensors).zip(&copies) {
            if let (true, Some(copy)) = (b.writable, copy) {
                let place = t.region();
                batch::copy(copy.buffer(), 0, place.buffer, place.offset, place.size);
            }
        }
    }

    /// The same with bytes of buffers of the job's device.
    pub fn run_regions(&'static self, params: &[Word], regions: &[Region], overrides: &[(&str, f64)]) {
        self.count(regions.len());
        if params.len() != self.params.len() {
            fail!("{}: {} parameters, want {}", self.name, params.len(), Names(self.params));
        }
        let mut words = Vec::with_capacity(params.len());
        for (p, value) in self.params.iter().zip(params) {
            words.push(match (p.float, *value) {
                (false, Word::Whole(n)) => n,
                (true, Word::Float(n)) => n.to_bits(),
                // Without its value: showing numbers with a point would be the largest part of a small module.
                (true, _) => fail!("{}: parameter {} is a u32, want an f32", self.name, p.name),
                (false, _) => fail!("{}: parameter {} is an f32, want a u32", self.name, p.name),
            });
        }
        let mut constants = Vec::new();
        let mut tile: Vec<u32> = self.tile.iter().map(|t| t.default as u32).collect();
        for (name, value) in overrides {
            let at = self.tile.iter().position(|t| t.name == *name);
            if let Some(at) = at {
                tile[at] = *value as u32;
                if f64::from(tile[at]) != *value || tile[at] == 0 {
                    fail!("{}: override {} is no whole number from 1 on", self.name, name);
                }
            }
            let known = self.overrides.iter().chain(self.tile).find(|o| o.name == *name);
            match known {
                Some(o) if o.default != *value => constants.push((o.name, *value)),
                Some(_) => {}
                None => fail!("{}: it has no override {}", self.name, name),
            }
        }
        let grid = (self.grid)(&words, &tile);
        if let Some(n) = grid.iter().find(|n| **n > MOST_WORKGROUPS) {
            fail!("{}: {} workgroups in a dimension, want at most {}: cut the work", self.name, n, MOST_WORKGROUPS);
        }
        batch::dispatch(self, constants, &words, regions, grid.map(|n| n as u32));
    }

    fn count(&self, found: usize) {
        if found != self.bindings.len() {
            fail!("{}: {} tensors, want {}", self.name, found, Buffers(self.bindings));
        }
    }
}

struct Names(&'static [Param]);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|p| write!(f, "{} ", p.name))?;
        write!(f, "({})", self.0.len())
    }
}

struct Buffers(&'static [Binding]);

impl fmt::Display for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{} ", b.name))?;
        write!(f, "({})", self.0.len())
    }
}

/// a / b rounded up, as grids have it. Nothing is too large for a dispatch like what is divided by 0.
fn ceil(a: u64, b: u64) -> u64 {
    div(a, b).saturating_add(u64::from(b != 0 && a % b != 0))
}

fn div(a: u64, b: u64) -> u64 {
    a.checked_div(b).unwrap_or(u64::MAX)
}
