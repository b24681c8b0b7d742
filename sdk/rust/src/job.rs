//! A job's exports, and how it ends before its time.

use core::cell::UnsafeCell;

/// What a step gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to do.
    Again,
    /// The job is finished.
    Done,
}

/// A job: made once, then stepped until it is done. Everything it holds lasts from one step to the next.
pub trait Job: Sized {
    /// Makes the job. [`step_index`](crate::step_index) is 0 meanwhile.
    fn new() -> Self;

    /// Does one step: some milliseconds to some seconds of work, which is what others check and what a job is resumed after.
    fn step(&mut self) -> Step;
}

/// Makes the module's exports `gw_init` and `gw_step` from a type that implements [`Job`].
#[macro_export]
macro_rules! job {
    ($job:ty) => {
        static GWRUN_JOB: $crate::hidden::Slot<$job> = $crate::hidden::Slot::new();

        #[no_mangle]
        extern "C" fn gw_init() {
            $crate::hidden::init(&GWRUN_JOB)
        }

        #[no_mangle]
        extern "C" fn gw_step() -> i32 {
            $crate::hidden::step(&GWRUN_JOB)
        }
    };
}

/// Logs why and ends the job. See also [`fail!`](crate::fail!).
#[cold]
pub fn fail(why: &str) -> ! {
    crate::log(why);
    end()
}

fn end() -> ! {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_arch = "wasm32"))]
    panic!("the job ends")
}

/// Where a job lies between its steps.
pub struct Slot<J>(UnsafeCell<Option<J>>);

// SAFETY: a module has one thread, so what is in a slot never meets another.
unsafe impl<J> Sync for Slot<J> {}

impl<J> Slot<J> {
    /// An empty one.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Slot<J> {
        Slot(UnsafeCell::new(None))
    }
}

/// gw_init. It is called once, before all steps.
pub fn init<J: Job>(slot: &Slot<J>) {
    listen();
    let job = J::new();
    crate::batch::flush();
    // SAFETY: the host calls gw_init and gw_step one after the other, and nothing else comes here.
    unsafe { *slot.0.get() = Some(job) }
}

/// gw_step.
pub fn step<J: Job>(slot: &Slot<J>) -> i32 {
    // SAFETY: as in init. A step that is called from within a step would find None.
    let mut job = match unsafe { (*slot.0.get()).take() } {
        Some(job) => job,
        None => fail("gw_step was called without gw_init, or within a step"),
    };
    let step = job.step();
    // What the step has asked the device for belongs to it.
    crate::batch::flush();
    // SAFETY: as above.
    unsafe { *slot.0.get() = Some(job) }
    match step {
        Step::Again => crate::raw::GW_AGAIN,
        Step::Done => crate::raw::GW_DONE,
    }
}

/// Has panics say in the log what they are about; where there is a main function, its standard error does.
#[cfg(feature = "std")]
fn listen() {
    std::panic::set_hook(alloc::boxed::Box::new(|panic| {
        let text = panic.payload();
        let text = match (text.downcast_ref::<&str>(), text.downcast_ref::<alloc::string::String>()) {
            (Some(s), _) => s,
            (_, Some(s)) => s.as_str(),
            _ => "a panic without words",
        };
        match panic.location() {
            Some(at) => crate::log!("panic at {}: {}", at, text),
            None => crate::log!("panic: {}", text),
        }
    }));
}

#[cfg(not(feature = "std"))]
fn listen() {}

#[cfg(all(not(feature = "std"), target_arch = "wasm32"))]
#[panic_handler]
fn panic(panic: &core::panic::PanicInfo) -> ! {
    crate::fail!("{}", panic)
}
