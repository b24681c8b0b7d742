//! Numbers as the bytes that the device has them in.

/// A number type whose bytes are the device's: of a fixed size, without padding, every pattern of bits a value.
///
/// # Safety
/// Only such types may have it.
pub unsafe trait Plain: Copy + Default + 'static {}

// SAFETY: primitive numbers, little endian on wasm32 as on the device.
unsafe impl Plain for u8 {}
unsafe impl Plain for i8 {}
unsafe impl Plain for u16 {}
unsafe impl Plain for i16 {}
unsafe impl Plain for u32 {}
unsafe impl Plain for i32 {}
unsafe impl Plain for f32 {}
unsafe impl Plain for u64 {}
unsafe impl Plain for i64 {}
unsafe impl Plain for f64 {}

pub(crate) fn bytes<T: Plain>(of: &[T]) -> &[u8] {
    // SAFETY: the slice's memory, seen as bytes: Plain has no padding, and u8 no alignment.
    unsafe { core::slice::from_raw_parts(of.as_ptr() as *const u8, core::mem::size_of_val(of)) }
}

pub(crate) fn bytes_mut<T: Plain>(of: &mut [T]) -> &mut [u8] {
    // SAFETY: as in bytes; and whatever is written, every pattern of bits is a value of T.
    unsafe { core::slice::from_raw_parts_mut(of.as_mut_ptr() as *mut u8, core::mem::size_of_val(of)) }
}
