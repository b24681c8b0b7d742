//! Commands for the device: encoders, passes and what they make.

use crate::batch;
use crate::buffer::Buffer;
use crate::device::{view, Device};
use crate::pipeline::{BindGroup, Pipeline};
use crate::raw::*;
use core::marker::PhantomData;

/// Takes down commands, to be submitted together.
pub struct Encoder {
    device: Device,
    raw: WGPUCommandEncoder,
}

impl Encoder {
    pub(crate) fn on(device: &Device, label: &str) -> Encoder {
        let descriptor = WGPUCommandEncoderDescriptor { label: view(label), ..Default::default() };
        // SAFETY: the descriptor and its label live during the call.
        let raw = unsafe { wgpuDeviceCreateCommandEncoder(device.raw(), &descriptor) };
        Encoder { device: device.clone(), raw }
    }

    /// Begins a pass, which ends when it is dropped.
    pub fn pass(&mut self, label: &str) -> Pass<'_> {
        let descriptor = WGPUComputePassDescriptor { label: view(label), ..Default::default() };
        // SAFETY: the descriptor and its label live during the call.
        let raw = unsafe { wgpuCommandEncoderBeginComputePass(self.raw, &descriptor) };
        Pass { raw, encoder: PhantomData }
    }

    /// Copies bytes: offsets and size are multiples of 4.
    pub fn copy(&mut self, from: &Buffer, from_offset: u64, to: &Buffer, to_offset: u64, size: u64) {
        // SAFETY: all handles live.
        unsafe { wgpuCommandEncoderCopyBufferToBuffer(self.raw, from.raw(), from_offset, to.raw(), to_offset, size) }
    }

    /// Makes bytes zero: offset and size are multiples of 4.
    pub fn clear(&mut self, buffer: &Buffer, offset: u64, size: u64) {
        // SAFETY: all handles live.
        unsafe { wgpuCommandEncoderClearBuffer(self.raw, buffer.raw(), offset, size) }
    }

    /// Ends taking down. A mistake in the commands ends the job.
    pub fn finish(self) -> Commands {
        // SAFETY: the encoder lives until self is dropped.
        let raw = unsafe { wgpuCommandEncoderFinish(self.raw, core::ptr::null()) };
        self.device.check();
        Commands { device: self.device.clone(), raw }
    }

    /// Runs the commands, after everything asked for so far.
    pub fn submit(self) {
        self.finish().submit();
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUCommandEncoder {
        self.raw
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: this value's reference.
        unsafe { wgpuCommandEncoderRelease(self.raw) }
    }
}

/// Dispatches, one after the other.
pub struct Pass<'a> {
    raw: WGPUComputePassEncoder,
    encoder: PhantomData<&'a mut Encoder>,
}

impl Pass<'_> {
    /// Runs a kernel: groups are bound from 0 on.
    pub fn dispatch(&mut self, pipeline: &Pipeline, groups: &[&BindGroup], workgroups: [u32; 3]) {
        let [x, y, z] = workgroups;
        // SAFETY: all handles live; no dynamic offsets are passed.
        unsafe {
            wgpuComputePassEncoderSetPipeline(self.raw, pipeline.raw);
            for (i, g) in groups.iter().enumerate() {
                wgpuComputePassEncoderSetBindGroup(self.raw, i as u32, g.raw, 0, core::ptr::null());
            }
            wgpuComputePassEncoderDispatchWorkgroups(self.raw, x, y, z);
        }
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUComputePassEncoder {
        self.raw
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        // SAFETY: this value's reference, to a pass that has not ended.
        unsafe {
            wgpuComputePassEncoderEnd(self.raw);
            wgpuComputePassEncoderRelease(self.raw);
        }
    }
}

/// Commands taken down, to be submitted once.
pub struct Commands {
    device: Device,
    raw: WGPUCommandBuffer,
}

impl Commands {
    /// Runs them, after everything asked for so far.
    pub fn submit(self) {
        batch::flush();
        // SAFETY: one handle is passed and counted.
        unsafe { wgpuQueueSubmit(self.device.raw_queue(), 1, &self.raw) }
        self.device.check();
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUCommandBuffer {
        self.raw
    }
}

impl Drop for Commands {
    fn drop(&mut self) {
        // SAFETY: this value's reference.
        unsafe { wgpuCommandBufferRelease(self.raw) }
    }
}
