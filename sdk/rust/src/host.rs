//! What a job is given and what it gives: inputs, arguments, outputs, log, progress, seed.

use crate::decimal::Decimal;
use crate::plain::{bytes, bytes_mut, Plain};
use crate::{fail, raw};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

/// A length as the host counts it. Memory is at most 4 GiB, so it fits.
fn len32(n: usize) -> u32 {
    n as u32
}

fn text(bytes: Vec<u8>, what: &str) -> String {
    match String::from_utf8(bytes) {
        Ok(s) => s,
        Err(_) => fail!("{} is not UTF-8 text", what),
    }
}

/// Text for people, bounded by the job's log limit. See also [`log!`](crate::log!).
pub fn log(line: &str) {
    // SAFETY: the pointer and the length are those of line.
    unsafe { raw::gw_log(line.as_ptr(), len32(line.len())) }
}

/// Reports how far the job is, 0 to 1, and a word about it.
pub fn progress(fraction: f64, word: &str) {
    // SAFETY: the pointer and the length are those of word.
    unsafe { raw::gw_progress(fraction, word.as_ptr(), len32(word.len())) }
}

/// The seed in the job's description: the only source of randomness there is.
pub fn seed() -> u64 {
    // SAFETY: takes no pointer.
    unsafe { raw::gw_seed() }
}

/// The number of the current step: 1 for the first, 0 while the job is made.
pub fn step_index() -> u64 {
    // SAFETY: takes no pointer.
    unsafe { raw::gw_step_index() }
}

/// An input of the job: named bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input(u32);

/// All inputs, in the order of their names.
pub fn inputs() -> impl ExactSizeIterator<Item = Input> {
    // SAFETY: takes no pointer.
    (0..unsafe { raw::gw_input_count() }).map(Input)
}

impl Input {
    /// The input of that name; its absence ends the job.
    pub fn named(name: &str) -> Input {
        Input::find(name).unwrap_or_else(|| fail!("input {} is missing", name))
    }

    /// The input of that name, if there is one.
    pub fn find(name: &str) -> Option<Input> {
        // SAFETY: the pointer and the length are those of name.
        match unsafe { raw::gw_input_find(name.as_ptr(), len32(name.len())) } {
            raw::GW_NONE => None,
            index => Some(Input(index as u32)),
        }
    }

    /// Its name.
    pub fn name(self) -> String {
        // SAFETY: an Input has an index there is, and the host writes at most as many bytes as name has.
        let name = unsafe {
            let mut name = vec![0; raw::gw_input_name_len(self.0) as usize];
            raw::gw_input_name(self.0, name.as_mut_ptr(), len32(name.len()));
            name
        };
        text(name, "an input's name")
    }

    /// Its length in bytes.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> u64 {
        // SAFETY: takes no pointer.
        unsafe { raw::gw_input_len(self.0) }
    }

    /// Copies bytes from offset on and gives how many: fewer at the end of the input, 0 past it.
    pub fn read_at(self, offset: u64, to: &mut [u8]) -> usize {
        // SAFETY: the host writes at most as many bytes as to has.
        unsafe { raw::gw_input_read(self.0, offset, to.as_mut_ptr(), len32(to.len())) as usize }
    }

    /// As many numbers from offset (in bytes) on; an input that ends before them ends the job.
    pub fn read<T: Plain>(self, offset: u64, count: usize) -> Vec<T> {
        let size = (count as u64).saturating_mul(core::mem::size_of::<T>() as u64);
        if self.len() < size || self.len() - size < offset {
            fail!("input {} has {} bytes, want {} from byte {} on", self.name(), self.len(), size, offset);
        }
        let mut v = vec![T::default(); count];
        self.read_at(offset, bytes_mut(&mut v));
        v
    }

    /// All of it as numbers, little endian; a length that is no whole number of them ends the job.
    pub fn read_all<T: Plain>(self) -> Vec<T> {
        let size = core::mem::size_of::<T>() as u64;
        if self.len() % size != 0 {
            fail!("input {} has {} bytes, want a multiple of {}", self.name(), self.len(), size);
        }
        self.read(0, (self.len() / size) as usize)
    }
}

/// An output of the job: named bytes that grow.
#[derive(Clone, Debug)]
pub struct Output(String);

/// The output of that name, 1 to 255 bytes of text; it is there from now on, if only empty.
pub fn output(name: &str) -> Output {
    let o = Output(String::from(name));
    o.write::<u8>(&[]);
    o
}

impl Output {
    /// Appends numbers, little endian.
    pub fn write<T: Plain>(&self, data: &[T]) {
        let data = bytes(data);
        // SAFETY: the pointers and lengths are those of the name and of data.
        unsafe { raw::gw_output_write(self.0.as_ptr(), len32(self.0.len()), data.as_ptr(), len32(data.len())) }
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}

/// The job's arguments, in order.
pub fn args() -> Vec<String> {
    // SAFETY: takes no pointer.
    let count = unsafe { raw::gw_arg_count() };
    let one = |i| {
        // SAFETY: i is less than the count, and the host writes at most as many bytes as v has.
        let v = unsafe {
            let mut v = vec![0; raw::gw_arg_len(i) as usize];
            raw::gw_arg_read(i, v.as_mut_ptr(), len32(v.len()));
            v
        };
        text(v, "an argument")
    };
    (0..count).map(one).collect()
}

/// What follows the = in the first argument of the form name=value.
pub fn arg(name: &str) -> Option<String> {
    args().into_iter().find_map(|a| Some(String::from(a.strip_prefix(name)?.strip_prefix('=')?)))
}

fn bad(name: &str, value: &str, low: &dyn fmt::Display, high: &dyn fmt::Display) -> ! {
    fail!("argument {} is \"{}\", want a number from {} to {}", name, value, low, high)
}

/// The argument name=value as a whole number in decimal digits, or the fallback where there is none of that name. What is no
/// number, or none of the range, ends the job.
pub fn arg_u32(name: &str, fallback: u32, range: RangeInclusive<u32>) -> u32 {
    let value = match arg(name) {
        None => return fallback,
        Some(v) => v,
    };
    let digits = !value.is_empty() && value.len() <= 10 && value.bytes().all(|b| b.is_ascii_digit());
    match value.parse() {
        Ok(n) if digits && range.contains(&n) => n,
        _ => bad(name, &value, range.start(), range.end()),
    }
}

/// The argument name=value as a number of decimal digits with at most one point, at most 16 of both; else as [`arg_u32`].
pub fn arg_f32(name: &str, fallback: f32, range: RangeInclusive<f32>) -> f32 {
    let value = match arg(name) {
        None => return fallback,
        Some(v) => v,
    };
    match decimal(&value) {
        Some(n) if range.contains(&n) => n,
        _ => bad(name, &value, &Decimal::short(*range.start()), &Decimal::short(*range.end())),
    }
}

/// 15 digits are exact in a double, and so is a power of ten up to 10^15: one rounding to the double, one to the float, in
/// every language's SDK alike.
fn decimal(text: &str) -> Option<f32> {
    let (mut digits, mut scale, mut any, mut point) = (0f64, 1f64, false, false);
    for b in text.bytes() {
        match b {
            b'.' if !point => point = true,
            b'0'..=b'9' => {
                digits = digits * 10.0 + f64::from(b - b'0');
                any = true;
                if point {
                    scale *= 10.0;
                }
            }
            _ => return None,
        }
    }
    (any && text.len() <= 16).then(|| (digits / scale) as f32)
}
