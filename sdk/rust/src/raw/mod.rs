//! The imports of a job as they are: [`webgpu`] is `webgpu.h`, [`gw`] is `gw.h`.
//!
//! Names and layouts are C's, so what is written about the C headers holds here. A structure that C passes by value is a
//! pointer here, because that is what wasm32's C calling convention makes of it and Rust's `extern "C"` didn't before 1.89.

pub mod gw;
#[rustfmt::skip] // written by sdk/gen
pub mod webgpu;

pub use gw::*;
pub use webgpu::*;
