// What a Rust program asks of its system in normal use.
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("{:?}, {} environment variables", args, std::env::vars().count());
    let mut text = String::new();
    println!("standard input: {:?}", io::stdin().read_to_string(&mut text).map_err(|e| e.kind()));
    print!("half a line, ");
    eprintln!("(standard error between)");
    println!("the other half");
    let begin = Instant::now();
    std::thread::sleep(Duration::from_millis(2500));
    println!("slept {:.1} s", begin.elapsed().as_secs_f64());
    println!("{} days since 1970", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86400);
    let mut seen = HashMap::new(); // seeded from the random stream
    for w in fs::read_to_string("data/words.txt").unwrap().split_whitespace() {
        *seen.entry(w.to_string()).or_insert(0) += 1;
    }
    println!("order of a hash map: {:?}", seen);
    println!("missing: {:?}", File::open("missing").map_err(|e| e.kind()).err());
    println!("an input for writing: {:?}", OpenOptions::new().write(true).open("data/words.txt").map_err(|e| e.to_string()).err());
    println!("{:?} {:?}", fs::create_dir_all("result").is_ok(), fs::write("result/file", "from Rust").is_ok());
    let mut f = OpenOptions::new().read(true).write(true).open("result/file").unwrap();
    f.seek(SeekFrom::End(0)).unwrap();
    f.write_all(b", and more").unwrap();
    f.seek(SeekFrom::Start(5)).unwrap();
    let mut rest = String::new();
    f.read_to_string(&mut rest).unwrap();
    println!("{:?} {}", rest, f.metadata().unwrap().len());
    f.set_len(9).unwrap();
    let mut names: Vec<String> = fs::read_dir(".").unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    println!("{:?}", names);
    println!("{:?} {:?}", fs::write("tmp", "").is_ok(), fs::rename("tmp", "result/renamed").is_ok());
    println!("{:?} {:?}", fs::remove_file("result/renamed").is_ok(), fs::remove_file("result/renamed").map_err(|e| e.kind()).err());
    println!("thread: {}", std::thread::Builder::new().spawn(|| {}).map_err(|e| e.kind().to_string()).err().unwrap_or_default());
    match args.get(0).map(|s| s.as_str()) {
        Some("panic") => panic!("on purpose"),
        Some("exit") => std::process::exit(args[1].parse().unwrap()),
        _ => {}
    }
}
