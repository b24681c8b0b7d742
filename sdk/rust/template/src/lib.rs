//! jobname: reads the numbers of input x, multiplies them by the argument factor on the device, and writes them to output y.

use gwrun::{arg_f32, fail, output, progress, Input, Job, Step, Tensor};

const STEP_NUMBERS: usize = 512;

/// What lasts from one step to the next.
struct Multiply {
    x: Input,
    count: usize,
    done: usize,
    factor: f32,
}

gwrun::job!(Multiply);

impl Job for Multiply {
    /// Called once, before the first step.
    fn new() -> Multiply {
        let x = Input::named("x");
        if x.len() == 0 || x.len() % 4 != 0 || x.len() > 1 << 30 {
            fail!("input x: {} bytes, want a multiple of 4 up to 2^30", x.len());
        }
        Multiply { x, count: (x.len() / 4) as usize, done: 0, factor: arg_f32("factor", 2.0, 0.0..=1000.0) }
    }

    /// Called until it returns Done. Each step does a part of the work: here 512 numbers. The host may stop the job between two
    /// steps and go on elsewhere.
    fn step(&mut self) -> Step {
        let count = STEP_NUMBERS.min(self.count - self.done);
        let numbers: Vec<f32> = self.x.read(4 * self.done as u64, count);

        let y = Tensor::from_f32(&[count], &numbers).scale(self.factor);
        output("y").write(&y.read_f32());

        self.done += count;
        progress(self.done as f64 / self.count as f64, &format!("{} of {} numbers", self.done, self.count));
        if self.done < self.count {
            Step::Again
        } else {
            Step::Done
        }
    }
}
