//! What the tests ask of the SDK, a mode of the argument `mode` each.

mod device;
mod end;
mod heap;
mod layout;
mod line; // the test takes it from README.md
mod shapes;

use gwrun::{arg, arg_f32, arg_u32, args, inputs, log, output, progress, seed, step_index, Input, Job, Step};
use std::fmt::Write;

struct Probe {
    mode: String,
    made_in: u64,
    history: Vec<u64>,
    tensor: Option<gwrun::Tensor>,
}

gwrun::job!(Probe);

impl Job for Probe {
    fn new() -> Probe {
        let mode = arg("mode").unwrap_or_else(|| gwrun::fail!("no mode"));
        if mode == "panic in new" {
            end::early();
        }
        Probe { mode, made_in: step_index(), history: Vec::new(), tensor: None }
    }

    fn step(&mut self) -> Step {
        match self.mode.as_str() {
            "steps" => return self.steps(),
            "growing" => return self.growing(),
            "host" => host(),
            "layout" => layout(),
            "panic" => end::panic(),
            "index" => end::index(args().len() + 2),
            "fail" => gwrun::fail("a reason"),
            "recursion" => log!("{}", deeper(u64::from(arg_u32("deep", 0, 0..=9)))),
            "memory" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 1 << 20]);
                }
            }
            "missing" => log!("{}", Input::named("nothing").len()),
            "short" => log!("{:?}", Input::named("a").read::<u32>(4, 3)),
            "uneven" => log!("{:?}", Input::named("a").read_all::<u32>()),
            "number" => log!("{}", arg_u32("n", 1, 1..=10)),
            "decimal" => log!("{}", arg_f32("x", 0.5, 0.0..=2.125)),
            "heap" => heap::stress(),
            "kernel" => device::kernel(),
            "odd" => device::odd(),
            "scope" => device::scope(),
            "drops" => device::drops(),
            "own devices" => device::own_devices(),
            "order" => device::order(),
            "many" => device::many(),
            "temporaries" => device::temporaries(),
            "shader" => device::shader(),
            "usage" => device::usage(),
            "bind" => device::bind(),
            "command" => device::command(),
            "views" => shapes::views(),
            "line" => {
                let mut job = line::Line::new();
                while job.step() == Step::Again {}
            }
            other => shapes::wrong(other),
        }
        Step::Done
    }
}

impl Probe {
    /// State in memory lasts, and step_index counts.
    fn steps(&mut self) -> Step {
        self.history.push(step_index());
        progress(self.history.len() as f64 / 5.0, "stepping");
        if self.history.len() < 5 {
            return Step::Again;
        }
        output("history").write(&self.history);
        output("made").write(&[self.made_in]);
        Step::Done
    }
}

/// A tensor that lasts, and work that nobody reads before the step ends.
impl Probe {
    fn growing(&mut self) -> Step {
        let one = gwrun::Tensor::from_f32(&[3], &[1.0; 3]);
        self.tensor = Some(match self.tensor.take() {
            Some(t) => t.axpy(2.0, &one),
            None => one,
        });
        self.history.push(0);
        if self.history.len() < 6 {
            return Step::Again;
        }
        output("grown").write(&self.tensor.as_ref().unwrap().read_f32());
        Step::Done
    }
}

/// Every function of the host module.
fn host() {
    let mut o = output("host");
    for i in inputs() {
        writeln!(o, "input {} of {} bytes: {:?}", i.name(), i.len(), i.read_all::<u8>()).unwrap();
    }
    let b = Input::find("b").unwrap();
    assert!(Input::find("").is_none() && Input::named("b") == b && inputs().len() == 2);
    let mut piece = [9; 4];
    writeln!(o, "{} {:?}", b.read_at(4, &mut piece), piece).unwrap();
    writeln!(o, "{} {:?}", b.read_at(100, &mut piece), piece).unwrap();
    writeln!(o, "{:?} {:?}", b.read::<u16>(2, 2), b.read::<f32>(0, 1)).unwrap();
    writeln!(o, "{:?}", args()).unwrap();
    writeln!(o, "{:?} {:?}", arg("x"), arg("nothing")).unwrap();
    writeln!(o, "{} {}", arg_u32("n", 5, 0..=4294967295), arg_u32("m", 5, 5..=5)).unwrap();
    writeln!(o, "{} {}", arg_f32("x", 1.5, 0.0..=1.0), arg_f32("y", 1.5, 0.0..=1.0)).unwrap();
    writeln!(o, "seed {} step {}", seed(), step_index()).unwrap();
    for (value, decimals) in [(1.25, 1), (-0.0451, 3), (2.0, 0), (0.9999, 2), (f64::NAN, 1), (f64::NEG_INFINITY, 2), (1e22, 3), (123.0, 12)] {
        write!(o, "{} ", gwrun::Decimal(value, decimals)).unwrap();
    }
    output("numbers").write(&[1u32, 2]);
    output("numbers").write(&[-1i64]);
    output("numbers").write(&[0.5f32]);
    output("empty");
    gwrun::log("a line");
    log!("{} line", "another");
    progress(0.25, "a quarter");
}

fn layout() {
    let mut o = output("names");
    let mut numbers = Vec::new();
    for (name, n) in layout::table() {
        writeln!(o, "{}", name).unwrap();
        numbers.push(n as u32);
    }
    output("layout").write(&numbers);
    output("imports").write(&[layout::imports().len() as u32]);
}

fn deeper(n: u64) -> u64 {
    let a = [n; 64];
    if n == u64::MAX {
        return 0;
    }
    // Volatile, or the compiler would make a loop of it.
    deeper(n + 1) + unsafe { std::ptr::read_volatile(&a[(n % 64) as usize]) }
}
