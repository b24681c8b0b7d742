//! The WebGPU device a job works on.

use crate::buffer::{Buffer, Usage};
use crate::encoder::Encoder;
use crate::raw::*;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::{Cell, RefCell};
use core::ffi::c_void;

/// A WebGPU device with its queue. Copies stand for the same device, which is released with the last of them and of what was
/// made with it.
#[derive(Clone)]
pub struct Device(pub(crate) Rc<Opened>);

/// What a Device holds.
pub(crate) struct Opened {
    instance: WGPUInstance,
    pub(crate) raw: WGPUDevice,
    pub(crate) queue: WGPUQueue,
}

/// A value of the module's one thread.
struct Single<T>(T);

// SAFETY: a module has one thread.
unsafe impl<T> Sync for Single<T> {}

static DEVICE: Single<RefCell<Option<Device>>> = Single(RefCell::new(None));

/// The job's device, opened by the first call: the one that tensors and [`Buffer::new`] use.
pub fn device() -> Device {
    DEVICE.0.borrow_mut().get_or_insert_with(Device::open).clone()
}

/// Which errors a scope takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorFilter {
    /// A rule of WebGPU was broken.
    Validation = WGPUErrorFilter_Validation as isize,
    /// There is not enough memory.
    OutOfMemory = WGPUErrorFilter_OutOfMemory as isize,
    /// The implementation cannot do what was asked for.
    Internal = WGPUErrorFilter_Internal as isize,
}

pub(crate) fn view(text: &str) -> WGPUStringView {
    WGPUStringView { data: text.as_ptr(), length: text.len() }
}

/// The text the host shows for as long as a callback runs.
///
/// # Safety
/// It is a callback's message.
pub(crate) unsafe fn message(view: *const WGPUStringView) -> String {
    // SAFETY: the host passes an address of length bytes, or 0 and none.
    let bytes = unsafe {
        if (*view).length == 0 || (*view).data.is_null() {
            &[]
        } else {
            core::slice::from_raw_parts((*view).data, (*view).length)
        }
    };
    String::from_utf8_lossy(bytes).into_owned()
}

unsafe extern "C" fn on_error(
    _: *const WGPUDevice,
    _: WGPUErrorType,
    text: *const WGPUStringView,
    _: *mut c_void,
    _: *mut c_void,
) {
    // SAFETY: text is this callback's message.
    crate::fail!("WebGPU error: {}", unsafe { message(text) })
}

unsafe extern "C" fn on_adapter(
    _: WGPURequestAdapterStatus,
    adapter: WGPUAdapter,
    _: *const WGPUStringView,
    to: *mut c_void,
    _: *mut c_void,
) {
    // SAFETY: to is the Cell that open passed and waits with.
    unsafe { (*(to as *const Cell<WGPUAdapter>)).set(adapter) }
}

unsafe extern "C" fn on_device(
    _: WGPURequestDeviceStatus,
    device: WGPUDevice,
    _: *const WGPUStringView,
    to: *mut c_void,
    _: *mut c_void,
) {
    // SAFETY: as in on_adapter.
    unsafe { (*(to as *const Cell<WGPUDevice>)).set(device) }
}

unsafe extern "C" fn on_scope(
    _: WGPUPopErrorScopeStatus,
    kind: WGPUErrorType,
    text: *const WGPUStringView,
    to: *mut c_void,
    _: *mut c_void,
) {
    if kind != WGPUErrorType_NoError {
        // SAFETY: to is the Cell that scope passed and waits with; text is this callback's message.
        unsafe { (*(to as *const Cell<Option<String>>)).set(Some(message(text))) }
    }
}

/// Waits for one future; its callback runs meanwhile.
pub(crate) fn wait(instance: WGPUInstance, future: WGPUFuture) {
    let mut info = WGPUFutureWaitInfo { future, ..Default::default() };
    // SAFETY: one info is passed and counted.
    let status = unsafe { wgpuInstanceWaitAny(instance, 1, &mut info, u64::MAX) };
    if status != WGPUWaitStatus_Success {
        crate::fail("WebGPU: a wait failed");
    }
}

impl Device {
    /// Opens a device of its own. Most jobs need only [`device`].
    pub fn open() -> Device {
        let adapter = Cell::new(WGPUAdapter(0));
        let raw = Cell::new(WGPUDevice(0));
        // SAFETY: descriptors are null or live; the callbacks run in wait, while the cells they write to live.
        unsafe {
            let instance = wgpuCreateInstance(core::ptr::null());
            let ask = WGPURequestAdapterCallbackInfo {
                mode: WGPUCallbackMode_WaitAnyOnly,
                callback: Some(on_adapter),
                userdata1: &adapter as *const _ as *mut c_void,
                ..Default::default()
            };
            wait(instance, wgpuInstanceRequestAdapter(instance, core::ptr::null(), &ask));
            if adapter.get().0 == 0 {
                crate::fail("WebGPU: there is no adapter");
            }
            let descriptor = WGPUDeviceDescriptor {
                uncapturedErrorCallbackInfo: WGPUUncapturedErrorCallbackInfo {
                    callback: Some(on_error),
                    ..Default::default()
                },
                ..Default::default()
            };
            let ask = WGPURequestDeviceCallbackInfo {
                mode: WGPUCallbackMode_WaitAnyOnly,
                callback: Some(on_device),
                userdata1: &raw as *const _ as *mut c_void,
                ..Default::default()
            };
            wait(instance, wgpuAdapterRequestDevice(adapter.get(), &descriptor, &ask));
            wgpuAdapterRelease(adapter.get());
            if raw.get().0 == 0 {
                crate::fail("WebGPU: there is no device");
            }
            let queue = wgpuDeviceGetQueue(raw.get());
            Device(Rc::new(Opened { instance, raw: raw.get(), queue }))
        }
    }

    /// The handle, for [`raw`](crate::raw).
    pub fn raw(&self) -> WGPUDevice {
        self.0.raw
    }

    /// The queue's handle, for [`raw`](crate::raw).
    pub fn raw_queue(&self) -> WGPUQueue {
        self.0.queue
    }

    /// The instance's handle, for [`raw`](crate::raw).
    pub fn raw_instance(&self) -> WGPUInstance {
        self.0.instance
    }

    /// Hears of errors there are by now, which end the job. What makes things that can be wrong does so itself.
    pub fn check(&self) {
        // SAFETY: the instance lives as long as self.
        unsafe { wgpuInstanceProcessEvents(self.0.instance) }
    }

    /// Runs f and gives the message of the first error of that kind in it, if there was one; other errors end the job as ever.
    pub fn scope<T>(&self, filter: ErrorFilter, f: impl FnOnce() -> T) -> (T, Option<String>) {
        crate::batch::flush(); // what was asked for before f is not of f
        let error: Cell<Option<String>> = Cell::new(None);
        // SAFETY: the callback runs in wait, while the cell lives.
        unsafe {
            wgpuDevicePushErrorScope(self.0.raw, filter as u32);
            let result = f();
            crate::batch::flush();
            let ask = WGPUPopErrorScopeCallbackInfo {
                mode: WGPUCallbackMode_WaitAnyOnly,
                callback: Some(on_scope),
                userdata1: &error as *const _ as *mut c_void,
                ..Default::default()
            };
            wait(self.0.instance, wgpuDevicePopErrorScope(self.0.raw, &ask));
            (result, error.take())
        }
    }

    /// A new buffer, all zeros.
    pub fn buffer(&self, label: &str, size: u64, usage: Usage) -> Buffer {
        Buffer::on(self, label, size, usage)
    }

    /// A new encoder.
    pub fn encoder(&self, label: &str) -> Encoder {
        Encoder::on(self, label)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // SAFETY: these are this value's references.
        unsafe {
            wgpuQueueRelease(self.queue);
            wgpuDeviceRelease(self.raw);
            wgpuInstanceRelease(self.instance);
        }
    }
}

/// Memory that the host writes a callback's message into while it runs.
#[no_mangle]
extern "C" fn gw_scratch() -> *mut u64 {
    #[repr(transparent)]
    struct Scratch(core::cell::UnsafeCell<[u64; 128]>);
    // SAFETY: only the host writes to it.
    unsafe impl Sync for Scratch {}
    static SCRATCH: Scratch = Scratch(core::cell::UnsafeCell::new([0; 128]));
    SCRATCH.0.get() as *mut u64
}
