//! Write jobs for gwrun in Rust.
//!
//! A job is a wasm32 module whose exports the host calls: [`job!`] makes them from a type that implements [`Job`]. What
//! the type holds lives on from one step to the next, so the host may stop a job between two steps and go on elsewhere.
//!
//! There are three layers, and a job may use each of them:
//!
//! * [`Tensor`] and [`lib`]: tensors on the device, and the kernel library by name.
//! * [`Device`], [`Buffer`], [`Pipeline`] ...: WebGPU compute with kernels of your own; [`Input`], [`Output`], [`args`]: what
//!   the job is given and what it gives.
//! * [`raw`]: the imports themselves, names and layouts those of `webgpu.h` and `gw.h`.
//!
//! Nothing but [`raw`] is unsafe to use. A mistake ends the job with a line in its log that says what was found and what
//! was wanted, which is a result too, the same on every machine.
#![no_std]
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod allocator;
mod batch;
mod buffer;
mod decimal;
mod device;
mod encoder;
mod host;
mod job;
#[path = "library/mod.rs"]
pub mod lib;
mod pipeline;
mod plain;
pub mod raw;
pub mod tensor;

pub use buffer::{Buffer, Region, Usage};
pub use decimal::Decimal;
pub use device::{device, Device, ErrorFilter};
pub use encoder::{Commands, Encoder, Pass};
pub use host::{arg, arg_f32, arg_u32, args, inputs, log, output, progress, seed, step_index, Input, Output};
pub use job::{fail, Job, Step};
pub use pipeline::{BindGroup, BindGroupLayout, Pipeline};
pub use plain::Plain;
pub use tensor::Tensor;

#[doc(hidden)]
pub mod hidden {
    //! What the macros and the tests need.
    pub use crate::allocator::check as check_heap;
    pub use crate::job::{init, step, Slot};
    pub use alloc::format;
}

/// Logs a line of text made as by `format!`.
#[macro_export]
macro_rules! log {
    ($($text:tt)*) => { $crate::log(&$crate::hidden::format!($($text)*)) };
}

/// Logs why, made as by `format!`, and ends the job.
#[macro_export]
macro_rules! fail {
    ($($text:tt)*) => { $crate::fail(&$crate::hidden::format!($($text)*)) };
}
