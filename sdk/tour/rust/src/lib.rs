//! The tour of ../README.md: every tensor function on small numbers.

use gwrun::tensor::{Activation, Adam, Attention, Conv2d, Element, Matmul};
use gwrun::{lib, output, seed, Job, Step, Tensor};

fn v(count: usize, m: usize) -> Vec<f32> {
    (0..count).map(|i| ((7 * i + 5 * m) % 23) as f32 / 8.0 - 11.0 / 8.0).collect()
}

fn f(shape: &[usize], m: usize) -> Tensor {
    Tensor::from_f32(shape, &v(shape.iter().product(), m))
}

fn u(shape: &[usize], m: usize, n: u32) -> Tensor {
    let ids: Vec<u32> = (0..shape.iter().product::<usize>()).map(|i| (3 * i + m) as u32 % n).collect();
    Tensor::from_u32(shape, &ids)
}

fn show(name: &str, t: &Tensor) {
    match t.element() {
        Element::F32 => output(name).write(&t.read_f32()),
        Element::U32 => output(name).write(&t.read_u32()),
    }
}

struct Tour;
gwrun::job!(Tour);

impl Job for Tour {
    fn new() -> Tour {
        Tour
    }

    fn step(&mut self) -> Step {
        making();
        products();
        elements();
        rows();
        training();
        Step::Done
    }
}

fn making() {
    show("zeros", &Tensor::zeros(&[3, 5]));
    show("from_u32", &u(&[7], 2, 5));
    let t = Tensor::zeros(&[6]);
    t.write_f32(&v(6, 1));
    show("write", &t);
    show("rows", &f(&[9, 7], 1).rows(2, 5));
    show("rows_used", &f(&[9, 7], 1).rows(2, 5).scale(2.0));
    show("reshape", &f(&[4, 6], 2).reshape(&[2, 3, 4]));
    show("random_uniform", &Tensor::random_uniform(&[600], -1.0, 2.0, seed(), 4));
    show("random_normal", &Tensor::random_normal(&[600], 1.0, 0.5, seed(), 5));
    show("dropout", &f(&[600], 1).dropout(0.25, seed(), 3));
    show("to_bf16", &f(&[7], 1).to_bf16());
    show("from_bf16", &f(&[7], 1).scale(0.1).to_bf16().from_bf16(&[7]));
}

fn products() {
    show("matmul", &f(&[5, 7], 1).matmul(&f(&[7, 3], 2)));
    show("matmul_batch", &f(&[2, 5, 7], 1).matmul(&f(&[2, 7, 3], 2)));
    show("matmul_shared", &f(&[2, 5, 7], 1).matmul(&f(&[7, 3], 2)));
    let bias = f(&[3], 3);
    let with = Matmul {
        transpose_a: true,
        transpose_b: true,
        bias: Some(&bias),
        activation: Activation::Relu,
        ..Default::default()
    };
    show("matmul_with", &f(&[7, 5], 1).matmul_with(&f(&[3, 7], 2), with));
    let c = f(&[5, 3], 4);
    f(&[5, 7], 1).matmul_with(&f(&[7, 3], 2), Matmul { accumulate: Some(&c), ..Default::default() });
    show("matmul_into", &c);
    show("conv2d", &f(&[2, 3, 6, 7], 1).conv2d(&f(&[4, 3, 3, 2], 2), Conv2d::default()));
    let bias = f(&[6], 3);
    let with = Conv2d {
        stride: [2, 1],
        pad: [1, 2],
        dilation: [1, 2],
        groups: 2,
        bias: Some(&bias),
        activation: Activation::Relu,
    };
    show("conv2d_with", &f(&[2, 4, 6, 7], 1).conv2d(&f(&[6, 2, 3, 2], 2), with));
    let (q, k, v) = (f(&[2, 3, 4, 8], 1), f(&[2, 5, 2, 8], 2), f(&[2, 5, 2, 8], 3));
    show("attention", &q.attention(&k, &v, Attention::default()));
    show("attention_causal", &q.attention(&k, &v, Attention { scale: Some(0.25), causal: true }));
}

fn elements() {
    let (x, y) = (f(&[3, 5], 1), f(&[3, 5], 2));
    show("add", &x.add(&y));
    show("mul", &x.mul(&y));
    show("scale", &x.scale(-2.5));
    show("axpy", &x.axpy(0.5, &y));
    show("bias_add", &f(&[2, 3, 5], 1).bias_add(&f(&[5], 2)));
    for (name, kind) in [
        ("relu", Activation::Relu),
        ("gelu", Activation::Gelu),
        ("silu", Activation::Silu),
        ("tanh", Activation::Tanh),
        ("sigmoid", Activation::Sigmoid),
    ] {
        show(name, &f(&[23], 0).activate(kind));
        show(&format!("{}_grad", name), &f(&[23], 0).activate_grad(&f(&[23], 1), kind));
    }
}

fn rows() {
    let (x, dy) = (f(&[4, 9], 1), f(&[4, 9], 2));
    show("softmax", &x.softmax());
    show("log_softmax", &x.log_softmax());
    show("softmax_grad", &x.softmax().softmax_grad(&dy));
    show("log_softmax_grad", &x.log_softmax().log_softmax_grad(&dy));
    show("layer_norm", &x.layer_norm(&f(&[9], 2), &f(&[9], 3), 0.00001));
    show("rms_norm", &x.rms_norm(&f(&[9], 2), 0.00001));
    let y = Tensor::zeros(&[4, 9]);
    lib::SOFTMAX.run(
        &[4u32.into(), 9u32.into(), 0.5f32.into(), 4u32.into(), 1u32.into()],
        &[&x, &u(&[1], 0, 1), &y],
        &[("mask", 1.0), ("width", 8.0), ("rows", 8.0)],
    );
    show("run", &y);

    let x3 = f(&[2, 4, 9], 1);
    show("sum_rows", &x3.sum_rows());
    show("mean_rows", &x3.mean_rows());
    show("max_rows", &x3.max_rows());
    show("min_rows", &x3.min_rows());
    show("sumsq_rows", &x3.sumsq_rows());
    show("sum_columns", &f(&[300, 5], 1).sum_columns());
    show("mean_columns", &f(&[300, 5], 1).mean_columns());
    show("sum_squares", &f(&[5000], 1).sum_squares());
    show("argmax", &x.argmax());
    show("argmin", &x.argmin());
    show("scatter", &f(&[6], 1).scatter(&u(&[6], 1, 4), 4));
    show("broadcast_rows", &f(&[4], 1).broadcast_rows(5, 0.5));
    show("broadcast_columns", &f(&[5], 1).broadcast_columns(4, 0.5));
}

fn training() {
    let (x, labels) = (f(&[6, 5], 1), u(&[6], 1, 5));
    let (loss, stats) = x.cross_entropy(&labels, 2);
    show("cross_entropy", &loss);
    show("cross_entropy_stats", &stats);
    show("cross_entropy_grad", &x.cross_entropy_grad(&labels, &stats, 2, 0.25));
    show("mse", &f(&[5000], 1).mse(&f(&[5000], 2)));
    show("mse_grad", &f(&[3, 5], 1).mse_grad(&f(&[3, 5], 2)));
    show("embedding", &f(&[4, 5], 1).embedding(&u(&[6], 1, 4)));
    show("embedding_grad", &f(&[6, 5], 1).embedding_grad(&u(&[6], 1, 4), 4));

    let (w, v) = (f(&[7], 1), f(&[7], 3));
    w.sgd(&f(&[7], 2), &v, 0.1, 0.9, 0.01);
    show("sgd_w", &w);
    show("sgd_v", &v);
    let settings = Adam { rate: 0.1, decay: 0.01, ..Default::default() };
    for decoupled in [false, true] {
        let (w, m, v) = (f(&[7], 1), Tensor::zeros(&[7]), Tensor::zeros(&[7]));
        for t in 1..=2 {
            let g = f(&[7], 1 + t as usize);
            if decoupled {
                w.adamw(&g, &m, &v, t, settings);
            } else {
                w.adam(&g, &m, &v, t, settings);
            }
        }
        let name = if decoupled { "adamw" } else { "adam" };
        show(&format!("{}_w", name), &w);
        show(&format!("{}_m", name), &m);
        show(&format!("{}_v", name), &v);
    }
    let g = f(&[7], 1);
    g.clip(&g.sum_squares(), 0.5);
    show("clip", &g);
}
