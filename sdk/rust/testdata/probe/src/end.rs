//! Panics, whose lines the test knows.
pub fn panic() {
    panic!("{} is {}", "the answer", 6 * 7)
}

pub fn index(i: usize) {
    gwrun::log!("{}", [1, 2, 3][i])
}

pub fn early() {
    panic!("in new")
}
