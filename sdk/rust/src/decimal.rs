//! Numbers with a point as text, in little code: what core has for them is 30 KB.

use core::fmt;

/// Shows a number rounded to so many decimals, at most 9; from 10^19 units of the last one on as 18 digits and zeros.
///
/// ```ignore
/// log!("loss {}", Decimal(loss, 4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal(pub f64, pub usize);

impl Decimal {
    /// With as few decimals as are needed to tell the number from others, at most 6.
    pub(crate) fn short(value: f32) -> Decimal {
        let wide = f64::from(value);
        let enough = |d: &usize| (wide * SCALE[*d] + 0.5) as u64 as f64 / SCALE[*d] == wide;
        Decimal(wide, (0..6).find(enough).unwrap_or(6))
    }
}

const SCALE: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Decimal(mut value, decimals) = *self;
        let decimals = decimals.min(9);
        if value.is_nan() {
            return f.write_str("nan");
        }
        if value < 0.0 {
            f.write_str("-")?;
            value = -value;
        }
        if value == f64::INFINITY {
            return f.write_str("inf");
        }
        // All decimals as one whole number. Where it does not fit there are none to speak of.
        let scaled = value * SCALE[decimals] + 0.5;
        if scaled >= 1e19 {
            let mut zeros = 0;
            while value >= 1e18 {
                value /= 10.0;
                zeros += 1;
            }
            write!(f, "{}", value as u64)?;
            return (0..zeros).try_for_each(|_| f.write_str("0"));
        }
        let (n, scale) = (scaled as u64, SCALE[decimals] as u64);
        write!(f, "{}", n / scale)?;
        if decimals > 0 {
            write!(f, ".{:0width$}", n % scale, width = decimals)?;
        }
        Ok(())
    }
}
