//! The allocator of jobs on wasm32-unknown-unknown: a two-level segregated fit (M. Masmano et al., "TLSF: a new dynamic
//! memory allocator for real-time systems", 2004). Where a block lies depends on the calls before and on nothing else, and
//! neighbours that are free become one, so a job whose steps allocate alike stays in the same pages.
//!
//! Blocks follow each other without gaps. A block begins with its size (a multiple of 16, the lowest bit set while it is
//! free) and the size of the block before it; what it holds begins 8 bytes after, at a multiple of 16. A free block holds
//! the addresses of the next and the previous one of its list. The last block has the size 0.
//!
//! Other targets (wasm32-wasi) have an allocator in their C library, which this one would be in the way of.

// Elsewhere it is compiled and unused, so that a host's compiler sees its errors.
#![cfg_attr(not(all(target_arch = "wasm32", target_os = "unknown")), allow(dead_code))]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::fmt::Write;

const HEAD: u32 = 8;
const UNIT: u32 = 16;
const FREE: u32 = 1;
const LISTS: u32 = 16; // of each power of two
const LEVELS: usize = 25; // sizes below 256, then 2^8, 2^9 ... 2^31
const PAGE: u32 = 65536;

/// Reads the word at an address.
///
/// # Safety
/// at is the address of a word of the heap.
unsafe fn load(at: u32) -> u32 {
    // SAFETY: as the caller says.
    unsafe { *(at as usize as *const u32) }
}

/// # Safety
/// As for load.
unsafe fn store(at: u32, word: u32) {
    // SAFETY: as the caller says.
    unsafe { *(at as usize as *mut u32) = word }
}

struct Heap {
    begin: u32,           // the first block; 0 before the first call
    end: u32,             // the last block, of size 0
    levels: u32,          // bit f: level f has a list that is not empty
    lists: [u32; LEVELS], // bit s: list s of the level is not empty
    heads: [[u32; LISTS as usize]; LEVELS],
}

/// The list of blocks of a size.
fn list_of(size: u32) -> (usize, usize) {
    if size < UNIT * LISTS {
        return (0, (size / UNIT) as usize);
    }
    let log = 31 - size.leading_zeros();
    ((log - 7) as usize, (size >> (log - 4) & (LISTS - 1)) as usize)
}

// SAFETY of what follows: every address passed is that of a block of this heap; only this heap writes to heads and free blocks.
impl Heap {
    const fn new() -> Heap {
        Heap { begin: 0, end: 0, levels: 0, lists: [0; LEVELS], heads: [[0; LISTS as usize]; LEVELS] }
    }

    unsafe fn size(b: u32) -> u32 {
        unsafe { load(b) & !FREE }
    }

    unsafe fn is_free(b: u32) -> bool {
        unsafe { load(b) & FREE != 0 }
    }

    /// Puts a block into its list.
    unsafe fn link(&mut self, b: u32, size: u32) {
        let (f, s) = list_of(size);
        let first = self.heads[f][s];
        unsafe {
            store(b, size | FREE);
            store(b + size + 4, size);
            store(b + 8, first);
            store(b + 12, 0);
            if first != 0 {
                store(first + 12, b);
            }
        }
        self.heads[f][s] = b;
        self.lists[f] |= 1 << s;
        self.levels |= 1 << f;
    }

    /// Takes a free block out of its list.
    unsafe fn unlink(&mut self, b: u32) {
        unsafe {
            let (f, s) = list_of(Self::size(b));
            let (next, before) = (load(b + 8), load(b + 12));
            if next != 0 {
                store(next + 12, before);
            }
            if before != 0 {
                store(before + 8, next);
                return;
            }
            self.heads[f][s] = next;
            if next == 0 {
                self.lists[f] &= !(1 << s);
                if self.lists[f] == 0 {
                    self.levels &= !(1 << f);
                }
            }
        }
    }

    /// A free block of at least that size, out of its list; 0 where there is none.
    unsafe fn find(&mut self, size: u32) -> u32 {
        // Of the list above the size every block is large enough.
        let step = if size < UNIT * LISTS { 0 } else { (1 << (31 - size.leading_zeros() - 4)) - 1 };
        let (f, s) = match size.checked_add(step) {
            Some(n) => list_of(n),
            None => return 0,
        };
        let mut f = f;
        let mut lists = self.lists[f] & (u32::MAX << s);
        if lists == 0 {
            let levels = self.levels & (u32::MAX << f << 1);
            if levels == 0 {
                return 0;
            }
            f = levels.trailing_zeros() as usize;
            lists = self.lists[f];
        }
        let b = self.heads[f][lists.trailing_zeros() as usize];
        unsafe { self.unlink(b) };
        b
    }

    /// Makes a block in no list one in use of that size; what is left over becomes free.
    unsafe fn take(&mut self, b: u32, size: u32) {
        unsafe {
            let whole = Self::size(b);
            store(b, size);
            store(b + size + 4, size);
            if whole > size {
                store(b + size, whole - size);
                self.give(b + size);
            }
        }
    }

    /// Makes a block in use free, and one with its free neighbours.
    unsafe fn give(&mut self, b: u32) {
        unsafe {
            let (mut b, mut size) = (b, Self::size(b));
            let next = b + size;
            if Self::is_free(next) {
                self.unlink(next);
                size += Self::size(next);
            }
            let before = b - load(b + 4);
            if before != b && Self::is_free(before) {
                self.unlink(before);
                size += Self::size(before);
                b = before;
            }
            self.link(b, size);
        }
    }

    /// Takes more memory, so that there is a free block of at least that size; false where there is no more.
    unsafe fn grow(&mut self, size: u32) -> bool {
        let have = memory::pages();
        if self.begin == 0 {
            let begin = (memory::heap_base() + UNIT - 1) / UNIT * UNIT + HEAD;
            // Whole pages begin at multiples of 16, the last block 8 bytes before that.
            let end = (u64::from(have) * u64::from(PAGE)).saturating_sub(u64::from(HEAD)) as u32;
            if begin < end {
                self.begin = begin;
                self.end = end;
                unsafe {
                    store(self.end, 0);
                    store(begin, self.end - begin);
                    store(begin + 4, 0);
                    store(self.end + 4, self.end - begin);
                    self.give(begin);
                }
                if end - begin >= size + size / LISTS {
                    return true; // however find rounds
                }
            }
        }
        // As large as find asks for, and an eighth of what there is, so that growing seldom copies.
        let want = (size + size / LISTS + UNIT + HEAD) / PAGE + 1;
        if !memory::grow(want.max(have / 8)) && !memory::grow(want) {
            return false;
        }
        let top = (u64::from(memory::pages()) * u64::from(PAGE) - u64::from(HEAD)) as u32;
        unsafe {
            if self.begin == 0 || self.end + HEAD != have * PAGE {
                // Somebody else has grown the memory in between: what lies between stays used for ever.
                let begin = have * PAGE + HEAD;
                if self.begin == 0 {
                    self.begin = begin;
                    store(begin + 4, 0);
                } else {
                    store(self.end, begin - self.end);
                    store(begin + 4, begin - self.end);
                }
                self.end = begin;
            }
            let b = self.end;
            self.end = top;
            store(top, 0);
            store(b, top - b);
            store(top + 4, top - b);
            self.give(b);
        }
        true
    }

    /// The size of the block for a layout; None where it is too large.
    fn block(size: usize) -> Option<u32> {
        let n = u32::try_from(size).ok()?.checked_add(HEAD + UNIT - 1)? / UNIT * UNIT;
        (n < 1 << 31).then(|| n.max(UNIT))
    }

    unsafe fn alloc(&mut self, size: usize, align: usize) -> Option<u32> {
        let size = Self::block(size)?;
        // A stricter alignment than 16 may need that much more in front.
        let more = if align > UNIT as usize { u32::try_from(align).ok()? } else { 0 };
        let whole = size.checked_add(more).filter(|n| *n < 1 << 31)?;
        unsafe {
            let mut b = self.find(whole);
            if b == 0 {
                if !self.grow(whole) {
                    return None;
                }
                b = self.find(whole);
            }
            if b == 0 {
                return None;
            }
            if more != 0 {
                let at = ((b + HEAD + (more - 1)) & !(more - 1)) - HEAD;
                if at != b {
                    let rest = Self::size(b) - (at - b);
                    store(at, rest);
                    store(at + 4, at - b);
                    store(at + rest + 4, rest);
                    store(b, at - b);
                    // Its neighbour in front is in use, or the two would have been one.
                    self.link(b, at - b);
                    b = at;
                }
            }
            self.take(b, size);
            Some(b + HEAD)
        }
    }

    unsafe fn free(&mut self, at: u32) {
        unsafe { self.give(at - HEAD) }
    }

    /// Makes what is at an address as large as asked for without moving it, if that can be done.
    unsafe fn resize(&mut self, at: u32, size: usize) -> bool {
        let (b, want) = match Self::block(size) {
            Some(n) => (at - HEAD, n),
            None => return false,
        };
        unsafe {
            let mut have = Self::size(b);
            let next = b + have;
            if want > have && Self::is_free(next) && have + Self::size(next) >= want {
                self.unlink(next);
                have += Self::size(next);
                store(b, have);
                store(b + have + 4, have);
            }
            if want > have {
                return false;
            }
            self.take(b, want);
            true
        }
    }

    /// Goes through the heap and gives the bytes in use, those that are free, and how many free blocks there are; Err says
    /// what is wrong.
    unsafe fn check(&self) -> Result<(u32, u32, u32), &'static str> {
        if self.begin == 0 {
            return Ok((0, 0, 0));
        }
        let (mut used, mut free, mut count) = (0, 0, 0);
        let (mut b, mut before, mut free_before) = (self.begin, 0, false);
        unsafe {
            while b != self.end {
                let size = Self::size(b);
                if size < UNIT || size % UNIT != 0 || size > self.end - b {
                    return Err("a block's size");
                }
                if load(b + 4) != before {
                    return Err("the size of the block before");
                }
                if Self::is_free(b) {
                    if free_before {
                        return Err("two free neighbours");
                    }
                    free += size;
                    count += 1;
                } else {
                    used += size;
                }
                free_before = Self::is_free(b);
                before = size;
                b += size;
            }
            if load(b) != 0 || load(b + 4) != before {
                return Err("the last block");
            }
            let mut listed = 0;
            for f in 0..LEVELS {
                if (self.levels >> f & 1 != 0) != (self.lists[f] != 0) {
                    return Err("a level's bit");
                }
                for s in 0..LISTS as usize {
                    let (mut b, mut last) = (self.heads[f][s], 0);
                    if (self.lists[f] >> s & 1 != 0) != (b != 0) {
                        return Err("a list's bit");
                    }
                    while b != 0 {
                        if !Self::is_free(b) || list_of(Self::size(b)) != (f, s) || load(b + 12) != last {
                            return Err("a block in a list");
                        }
                        listed += 1;
                        last = b;
                        b = load(b + 8);
                    }
                }
            }
            if listed != count {
                return Err("a free block in no list");
            }
        }
        Ok((used, free, count))
    }
}

pub(crate) struct Allocator(UnsafeCell<Heap>);

// SAFETY: wasm32 has one thread here: the profile has no others.
unsafe impl Sync for Allocator {}

impl Allocator {
    const fn new() -> Allocator {
        Allocator(UnsafeCell::new(Heap::new()))
    }

    /// The heap, for one call at a time: nothing in Heap calls back.
    #[allow(clippy::mut_from_ref)]
    fn heap(&self) -> &mut Heap {
        // SAFETY: one thread, and no method of Heap comes back here.
        unsafe { &mut *self.0.get() }
    }
}

// SAFETY: blocks are distinct, as large as asked for and aligned; what is not to be had is null.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match unsafe { self.heap().alloc(layout.size(), layout.align()) } {
            Some(at) => at as usize as *mut u8,
            None => full(layout.size()),
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, _: Layout) {
        unsafe { self.heap().free(at as usize as u32) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        unsafe {
            if self.heap().resize(at as usize as u32, size) {
                return at;
            }
            let new = match self.heap().alloc(size, layout.align()) {
                Some(new) => new as usize as *mut u8,
                None => return full(size),
            };
            core::ptr::copy_nonoverlapping(at, new, layout.size().min(size));
            self.heap().free(at as usize as u32);
            new
        }
    }
}

/// Logs that there is no more memory. What follows is the caller's choice, for most the end of the job, without a word.
#[cold]
fn full(size: usize) -> *mut u8 {
    let mut line = Line { text: [0; 96], len: 0 };
    let _ = write!(line, "memory is full: {} bytes asked for, {} pages of 64 KiB taken", size, memory::pages());
    if let Ok(text) = core::str::from_utf8(&line.text[..line.len]) {
        crate::log(text);
    }
    core::ptr::null_mut()
}

/// A line of text that needs no allocator.
struct Line {
    text: [u8; 96],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        let to = self.text.get_mut(self.len..self.len + s.len()).ok_or(core::fmt::Error)?;
        to.copy_from_slice(s.as_bytes());
        self.len += s.len();
        Ok(())
    }
}

#[cfg_attr(all(target_arch = "wasm32", target_os = "unknown"), global_allocator)]
static ALLOCATOR: Allocator = Allocator::new();

/// Goes through the heap: bytes in use, bytes free, free blocks; Err says what is wrong. For tests.
pub fn check() -> Result<(u32, u32, u32), &'static str> {
    // SAFETY: the heap is as its own methods left it.
    unsafe { ALLOCATOR.heap().check() }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod memory {
    extern "C" {
        // Where the linker's data ends.
        static __heap_base: u8;
    }

    pub fn heap_base() -> u32 {
        // SAFETY: only its address is taken.
        unsafe { &__heap_base as *const u8 as usize as u32 }
    }

    pub fn pages() -> u32 {
        core::arch::wasm32::memory_size(0) as u32
    }

    pub fn grow(pages: u32) -> bool {
        core::arch::wasm32::memory_grow(0, pages as usize) != usize::MAX
    }
}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod memory {
    pub fn heap_base() -> u32 {
        0
    }

    pub fn pages() -> u32 {
        0
    }

    pub fn grow(_: u32) -> bool {
        false
    }
}
