//! The allocator against a shadow: no two blocks share a byte, none loses what it holds, all are aligned, and in the end
//! everything is one free block again.

use gwrun::hidden::check_heap;
use gwrun::log;
use std::alloc::{alloc, alloc_zeroed, dealloc, realloc, Layout};

struct Block {
    at: *mut u8,
    layout: Layout,
    tag: u8,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % below
    }

    fn size(&mut self) -> usize {
        let bits = self.next(16);
        1 + self.next(1 << bits) as usize
    }
}

impl Block {
    fn fill(&self) {
        unsafe { std::ptr::write_bytes(self.at, self.tag, self.layout.size()) }
    }

    fn check(&self, upto: usize) {
        let bytes = unsafe { std::slice::from_raw_parts(self.at, upto) };
        assert!(bytes.iter().all(|b| *b == self.tag), "a block of {} bytes was overwritten", self.layout.size());
        assert!(self.at as usize % self.layout.align() == 0, "{:?} is not aligned to {}", self.at, self.layout.align());
    }
}

fn checked(when: &str) -> (u32, u32, u32) {
    check_heap().unwrap_or_else(|what| panic!("after {}: {}", when, what))
}

pub fn stress() {
    let begin = checked("nothing");
    let mut random = Random(gwrun::seed());
    let mut blocks: Vec<Block> = Vec::with_capacity(300);
    for round in 0..3000u32 {
        match random.next(if blocks.len() < 200 { 3 } else { 2 }) {
            0 if !blocks.is_empty() => {
                let i = random.next(blocks.len() as u64) as usize;
                let b = blocks.swap_remove(i);
                b.check(b.layout.size());
                unsafe { dealloc(b.at, b.layout) }
            }
            1 if !blocks.is_empty() => {
                let i = random.next(blocks.len() as u64) as usize;
                let size = random.size();
                let b = &mut blocks[i];
                let kept = size.min(b.layout.size());
                b.at = unsafe { realloc(b.at, b.layout, size) };
                assert!(!b.at.is_null());
                b.layout = Layout::from_size_align(size, b.layout.align()).unwrap();
                b.check(kept);
                b.fill();
            }
            _ => {
                let layout = Layout::from_size_align(random.size(), 1 << random.next(10)).unwrap();
                let zeroed = random.next(2) == 0;
                let at = unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } };
                assert!(!at.is_null());
                let b = Block { at, layout, tag: if zeroed { 0 } else { round as u8 } };
                if zeroed {
                    b.check(layout.size());
                }
                let b = Block { tag: round as u8, ..b };
                b.fill();
                blocks.push(b);
            }
        }
        if round % 200 == 0 {
            checked("some calls");
            for b in &blocks {
                b.check(b.layout.size());
            }
        }
    }
    for b in blocks.drain(..) {
        b.check(b.layout.size());
        unsafe { dealloc(b.at, b.layout) }
    }
    drop(blocks);
    let end = checked("all");
    assert_eq!(end.0, begin.0, "bytes in use");
    log!("{} bytes free in {} blocks", end.1, end.2);
    assert!(end.2 <= 3, "{} free blocks are left", end.2);

    // What cannot be had is null, and the rest goes on.
    for size in [1usize << 30, 0x7fff_ffff - 8] {
        let layout = Layout::from_size_align(size, 8).unwrap();
        assert!(unsafe { alloc(layout) }.is_null());
        assert!(Vec::<u8>::new().try_reserve(size).is_err());
    }
    let layout = Layout::from_size_align(40, 8).unwrap();
    let at = unsafe { alloc(layout) };
    assert!(unsafe { realloc(at, layout, 1 << 30) }.is_null());
    unsafe { dealloc(at, layout) }
    assert_eq!(checked("too much").0, begin.0);

    // A vector that grows at the end of the heap grows where it is.
    let mut v: Vec<u32> = Vec::new();
    (0..300_000).for_each(|i| v.push(i));
    assert!(v.iter().copied().eq(0..300_000));
    checked("a vector");
}
