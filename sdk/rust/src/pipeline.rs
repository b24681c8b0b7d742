//! Kernels: pipelines made of WGSL, and what is bound to them.

use crate::buffer::Region;
use crate::device::{device, view, Device};
use crate::raw::*;
use alloc::vec::Vec;

/// One entry point of a WGSL text, ready to run; its layout is taken from the text.
pub struct Pipeline {
    device: Device,
    pub(crate) raw: WGPUComputePipeline,
}

impl Pipeline {
    /// Makes the pipeline on the job's device, with values for the overrides named. A mistake in the text ends the job and says
    /// where it is.
    pub fn new(wgsl: &str, entry: &str, constants: &[(&str, f64)]) -> Pipeline {
        Pipeline::on(&device(), wgsl, entry, constants)
    }

    /// The same on another device.
    pub fn on(device: &Device, wgsl: &str, entry: &str, constants: &[(&str, f64)]) -> Pipeline {
        let mut source = WGPUShaderSourceWGSL {
            chain: WGPUChainedStruct { sType: WGPUSType_ShaderSourceWGSL, ..Default::default() },
            code: view(wgsl),
        };
        let shader = WGPUShaderModuleDescriptor { nextInChain: &mut source.chain, label: view(entry) };
        let entries: Vec<WGPUConstantEntry> = constants
            .iter()
            .map(|(key, value)| WGPUConstantEntry { key: view(key), value: *value, ..Default::default() })
            .collect();
        // SAFETY: descriptors, entries and texts live during the calls.
        let raw = unsafe {
            let module = wgpuDeviceCreateShaderModule(device.raw(), &shader);
            let descriptor = WGPUComputePipelineDescriptor {
                label: view(entry),
                compute: WGPUComputeState {
                    module,
                    entryPoint: view(entry),
                    constantCount: entries.len(),
                    constants: entries.as_ptr(),
                    ..Default::default()
                },
                ..Default::default()
            };
            let raw = wgpuDeviceCreateComputePipeline(device.raw(), &descriptor);
            wgpuShaderModuleRelease(module);
            raw
        };
        device.check();
        Pipeline { device: device.clone(), raw }
    }

    /// The layout of one of its groups.
    pub fn layout(&self, group: u32) -> BindGroupLayout {
        // SAFETY: the pipeline lives.
        let raw = unsafe { wgpuComputePipelineGetBindGroupLayout(self.raw, group) };
        self.device.check();
        BindGroupLayout { device: self.device.clone(), raw }
    }

    /// A bind group for its group 0: bytes of buffers by the numbers of their bindings.
    pub fn bind(&self, bindings: &[(u32, Region)]) -> BindGroup {
        BindGroup::new(&self.layout(0), bindings)
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUComputePipeline {
        self.raw
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // SAFETY: this value's reference.
        unsafe { wgpuComputePipelineRelease(self.raw) }
    }
}

/// What a group of bindings must be like.
pub struct BindGroupLayout {
    device: Device,
    raw: WGPUBindGroupLayout,
}

impl BindGroupLayout {
    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUBindGroupLayout {
        self.raw
    }
}

impl Drop for BindGroupLayout {
    fn drop(&mut self) {
        // SAFETY: this value's reference.
        unsafe { wgpuBindGroupLayoutRelease(self.raw) }
    }
}

/// Buffers bound together.
pub struct BindGroup {
    pub(crate) raw: WGPUBindGroup,
}

impl BindGroup {
    /// Binds bytes of buffers by the numbers of their bindings.
    pub fn new(layout: &BindGroupLayout, bindings: &[(u32, Region)]) -> BindGroup {
        let entries: Vec<WGPUBindGroupEntry> = bindings
            .iter()
            .map(|(binding, r)| WGPUBindGroupEntry {
                binding: *binding,
                buffer: r.buffer.raw(),
                offset: r.offset,
                size: r.size,
                ..Default::default()
            })
            .collect();
        let descriptor = WGPUBindGroupDescriptor {
            layout: layout.raw,
            entryCount: entries.len(),
            entries: entries.as_ptr(),
            ..Default::default()
        };
        // SAFETY: descriptor and entries live during the call.
        let raw = unsafe { wgpuDeviceCreateBindGroup(layout.device.raw(), &descriptor) };
        layout.device.check();
        BindGroup { raw }
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUBindGroup {
        self.raw
    }
}

impl Drop for BindGroup {
    fn drop(&mut self) {
        // SAFETY: this value's reference.
        unsafe { wgpuBindGroupRelease(self.raw) }
    }
}
