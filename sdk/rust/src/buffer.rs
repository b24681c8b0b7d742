//! Buffers: memory of the device.

use crate::device::{self, view, Device};
use crate::plain::{bytes, bytes_mut, Plain};
use crate::raw::*;
use crate::{batch, fail};
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ffi::c_void;
use core::ops::BitOr;

/// What a buffer may be used for; join several with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage(pub WGPUBufferUsage);

#[allow(missing_docs)] // WebGPU's
impl Usage {
    pub const MAP_READ: Usage = Usage(WGPUBufferUsage_MapRead);
    pub const MAP_WRITE: Usage = Usage(WGPUBufferUsage_MapWrite);
    pub const COPY_SRC: Usage = Usage(WGPUBufferUsage_CopySrc);
    pub const COPY_DST: Usage = Usage(WGPUBufferUsage_CopyDst);
    pub const UNIFORM: Usage = Usage(WGPUBufferUsage_Uniform);
    pub const STORAGE: Usage = Usage(WGPUBufferUsage_Storage);
    pub const INDIRECT: Usage = Usage(WGPUBufferUsage_Indirect);
    /// For kernels, written from and read into memory: what tensors have.
    pub const DATA: Usage = Usage(WGPUBufferUsage_Storage | WGPUBufferUsage_CopySrc | WGPUBufferUsage_CopyDst);
}

impl BitOr for Usage {
    type Output = Usage;
    fn bitor(self, other: Usage) -> Usage {
        Usage(self.0 | other.0)
    }
}

/// A buffer of the device, released when it is dropped.
pub struct Buffer {
    device: Device,
    raw: WGPUBuffer,
    size: u64,
}

/// Bytes of a buffer, to be bound: size of them from offset on, which is a multiple of 256.
#[derive(Clone, Copy)]
pub struct Region<'a> {
    /// The buffer.
    pub buffer: &'a Buffer,
    /// The first byte.
    pub offset: u64,
    /// How many bytes.
    pub size: u64,
}

impl<'a> From<&'a Buffer> for Region<'a> {
    fn from(buffer: &'a Buffer) -> Self {
        Region { buffer, offset: 0, size: buffer.size }
    }
}

unsafe extern "C" fn on_mapped(status: WGPUMapAsyncStatus, _: *const WGPUStringView, to: *mut c_void, _: *mut c_void) {
    // SAFETY: to is the Cell that read passed and waits with.
    unsafe { (*(to as *const Cell<WGPUMapAsyncStatus>)).set(status) }
}

impl Buffer {
    /// A new buffer of the job's device, all zeros.
    pub fn new(label: &str, size: u64, usage: Usage) -> Buffer {
        Buffer::on(&device::device(), label, size, usage)
    }

    pub(crate) fn on(device: &Device, label: &str, size: u64, usage: Usage) -> Buffer {
        let descriptor = WGPUBufferDescriptor { label: view(label), usage: usage.0, size, ..Default::default() };
        // SAFETY: the descriptor and its label live during the call.
        let raw = unsafe { wgpuDeviceCreateBuffer(device.raw(), &descriptor) };
        device.check();
        Buffer { device: device.clone(), raw, size }
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUBuffer {
        self.raw
    }

    /// Part of it.
    pub fn region(&self, offset: u64, size: u64) -> Region<'_> {
        Region { buffer: self, offset, size }
    }

    /// Writes numbers at an offset in bytes, after everything asked for so far. Offset and bytes are multiples of 4; the buffer
    /// has the usage COPY_DST.
    pub fn write<T: Plain>(&self, offset: u64, data: &[T]) {
        batch::flush();
        let data = bytes(data);
        // SAFETY: the pointer and the length are those of data.
        unsafe {
            wgpuQueueWriteBuffer(self.device.raw_queue(), self.raw, offset, data.as_ptr() as *const c_void, data.len())
        }
        self.device.check();
    }

    /// Reads numbers from an offset in bytes, after everything asked for so far. The offset is a multiple of 4; the buffer has
    /// the usage COPY_SRC.
    pub fn read_into<T: Plain>(&self, offset: u64, to: &mut [T]) {
        let to = bytes_mut(to);
        let size = to.len() as u64;
        if size > self.size || offset > self.size - size {
            fail!("reading {} bytes from byte {} of a buffer of {}", size, offset, self.size);
        }
        if size == 0 {
            return;
        }
        // Copies and maps go by words, so a last odd byte is read as a part of one.
        let whole = (size + 3) / 4 * 4;
        let staging = Buffer::on(&self.device, "readback", whole, Usage::MAP_READ | Usage::COPY_DST);
        let mut encoder = self.device.encoder("readback");
        encoder.copy(self, offset, &staging, 0, whole);
        encoder.submit();
        staging.read_mapped(to, whole);
    }

    /// Maps and reads the buffer from its beginning; whole is the length of to rounded up to words.
    fn read_mapped(&self, to: &mut [u8], whole: u64) {
        let status = Cell::new(WGPUMapAsyncStatus_Error);
        let words = to.len() / 4 * 4;
        let mut last = [0u8; 4];
        // SAFETY: the callback runs in wait, while the cell lives; the host writes words bytes and at most 4.
        let good = unsafe {
            let ask = WGPUBufferMapCallbackInfo {
                mode: WGPUCallbackMode_WaitAnyOnly,
                callback: Some(on_mapped),
                userdata1: &status as *const _ as *mut c_void,
                ..Default::default()
            };
            let future = wgpuBufferMapAsync(self.raw, WGPUMapMode_Read, 0, whole as usize, &ask);
            device::wait(self.device.raw_instance(), future);
            self.device.check();
            status.get() == WGPUMapAsyncStatus_Success
                && wgpuBufferReadMappedRange(self.raw, 0, to.as_mut_ptr() as *mut c_void, words) == WGPUStatus_Success
                && (words == to.len() || {
                    // An offset is a multiple of 8, so the last word may come with the one before it.
                    let from = words / 8 * 8;
                    let mut pair = [0u8; 8];
                    let n = whole as usize - from;
                    let ok = wgpuBufferReadMappedRange(self.raw, from, pair.as_mut_ptr() as *mut c_void, n);
                    last.copy_from_slice(&pair[n - 4..n]);
                    ok == WGPUStatus_Success
                })
        };
        if !good {
            fail("WebGPU: reading a buffer back failed");
        }
        let odd = to.len() - words;
        to[words..].copy_from_slice(&last[..odd]);
        // SAFETY: the buffer is mapped.
        unsafe { wgpuBufferUnmap(self.raw) }
    }

    /// As many numbers from an offset in bytes: see [`Buffer::read_into`].
    pub fn read<T: Plain>(&self, offset: u64, count: usize) -> Vec<T> {
        let mut v = vec![T::default(); count];
        self.read_into(offset, &mut v);
        v
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: this value's reference; commands that are on their way hold their own.
        unsafe { wgpuBufferRelease(self.raw) }
    }
}
