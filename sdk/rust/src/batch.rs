//! What the kernel library and tensors ask the device for, collected until somebody wants to see it: a pass is cheaper
//! than its dispatches one by one. All of this is about the job's own device.

use crate::buffer::{Buffer, Region, Usage};
use crate::device::device;
use crate::encoder::Encoder;
use crate::lib::Op;
use crate::pipeline::Pipeline;
use crate::raw::*;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

/// Parameters of one dispatch begin at a multiple of this.
const SLOT: usize = 256;
/// Dispatches that go together, since each needs a slot of the uniform buffer.
const SLOTS: usize = 64;

struct Batch {
    /// Made by the first dispatch: the parameters of all, written before they are submitted.
    uniform: Option<Rc<Buffer>>,
    params: Vec<u8>,
    encoder: Option<Encoder>,
    pass: Option<WGPUComputePassEncoder>,
    /// The pipelines made so far, for ever: a kernel and the values of its overrides.
    pipelines: Vec<Made>,
}

struct Made {
    op: &'static Op,
    constants: Vec<(&'static str, f64)>,
    pipeline: Pipeline,
}

struct Single(RefCell<Batch>);

// SAFETY: a module has one thread.
unsafe impl Sync for Single {}

static BATCH: Single =
    Single(RefCell::new(Batch { uniform: None, params: Vec::new(), encoder: None, pass: None, pipelines: Vec::new() }));

/// Submits what has been asked for.
pub(crate) fn flush() {
    let (encoder, uniform, params) = {
        let b = &mut *BATCH.0.borrow_mut();
        b.end_pass();
        match b.encoder.take() {
            None => return,
            Some(e) => (e, b.uniform.clone(), core::mem::take(&mut b.params)),
        }
    };
    // There is no encoder any more, so what follows does not come back to here.
    if let (Some(uniform), false) = (uniform, params.is_empty()) {
        uniform.write(0, &params);
    }
    encoder.submit();
    let b = &mut *BATCH.0.borrow_mut();
    b.params = params; // its memory is good for the next ones
    b.params.clear();
}

/// Adds a copy of bytes, all multiples of 4.
pub(crate) fn copy(from: &Buffer, from_offset: u64, to: &Buffer, to_offset: u64, size: u64) {
    let b = &mut *BATCH.0.borrow_mut();
    b.end_pass();
    b.encoder().copy(from, from_offset, to, to_offset, size);
}

/// Adds a dispatch.
pub(crate) fn dispatch(
    op: &'static Op,
    constants: Vec<(&'static str, f64)>,
    params: &[u32],
    regions: &[Region],
    workgroups: [u32; 3],
) {
    if BATCH.0.borrow().params.len() == SLOT * SLOTS {
        flush();
    }
    let b = &mut *BATCH.0.borrow_mut();
    let uniform = b
        .uniform
        .get_or_insert_with(|| {
            Rc::new(Buffer::new("parameters", (SLOT * SLOTS) as u64, Usage::UNIFORM | Usage::COPY_DST))
        })
        .clone();
    let at = b.params.len();
    b.params.extend(params.iter().flat_map(|w| w.to_le_bytes()));
    let mut bound = Vec::with_capacity(1 + regions.len());
    bound.push((0, uniform.region(at as u64, (b.params.len() - at) as u64)));
    bound.extend((1..).zip(regions.iter().copied()));
    b.params.resize(at + SLOT, 0);

    let pass = b.pass();
    let pipeline = b.pipeline(op, constants);
    let group = pipeline.bind(&bound);
    let [x, y, z] = workgroups;
    // SAFETY: all handles live; no dynamic offsets are passed.
    unsafe {
        wgpuComputePassEncoderSetPipeline(pass, pipeline.raw());
        wgpuComputePassEncoderSetBindGroup(pass, 0, group.raw(), 0, core::ptr::null());
        wgpuComputePassEncoderDispatchWorkgroups(pass, x, y, z);
    }
}

impl Batch {
    fn encoder(&mut self) -> &mut Encoder {
        self.encoder.get_or_insert_with(|| device().encoder("tensors"))
    }

    /// The pass at hand. It is no Pass, since that would borrow the encoder beside it.
    fn pass(&mut self) -> WGPUComputePassEncoder {
        match self.pass {
            Some(p) => p,
            None => {
                let encoder = self.encoder().raw();
                // SAFETY: the encoder lives.
                let p = unsafe { wgpuCommandEncoderBeginComputePass(encoder, core::ptr::null()) };
                self.pass = Some(p);
                p
            }
        }
    }

    fn end_pass(&mut self) {
        if let Some(p) = self.pass.take() {
            // SAFETY: this batch's reference, to a pass that has not ended.
            unsafe {
                wgpuComputePassEncoderEnd(p);
                wgpuComputePassEncoderRelease(p);
            }
        }
    }

    fn pipeline(&mut self, op: &'static Op, constants: Vec<(&'static str, f64)>) -> &Pipeline {
        let found = self.pipelines.iter().position(|m| core::ptr::eq(m.op, op) && m.constants == constants);
        let i = found.unwrap_or_else(|| {
            let pipeline = Pipeline::new(op.source, op.name, &constants);
            self.pipelines.push(Made { op, constants, pipeline });
            self.pipelines.len() - 1
        });
        &self.pipelines[i].pipeline
    }
}
