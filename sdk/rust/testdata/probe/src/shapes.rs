//! Tensors: views, and shapes that do not fit.

use gwrun::tensor::{Attention, Conv2d, Matmul};
use gwrun::{fail, lib, Tensor};

/// Views of any row, as what is read and what is written, of the same buffer too.
pub fn views() {
    let x = Tensor::from_f32(&[6, 3], &(0..18).map(|i| i as f32).collect::<Vec<_>>());
    let view = x.rows(1, 4);
    assert_eq!(view.shape(), [3, 3]);
    assert_eq!(view.read_f32(), (3..12).map(|i| i as f32).collect::<Vec<_>>());
    assert_eq!(view.rows(1, 2).scale(2.0).read_f32(), [12.0, 14.0, 16.0]);
    assert_eq!(view.reshape(&[9]).rows(8, 9).read_f32(), [11.0]);
    view.rows(0, 1).write_f32(&[-1.0, -2.0, -3.0]);
    assert_eq!(x.rows(1, 2).read_f32(), [-1.0, -2.0, -3.0]);
    // From the last rows of a buffer to its first ones.
    lib::SCALE.run(&[6u32.into(), 10f32.into()], &[&x.rows(4, 6), &x.rows(1, 3)], &[]);
    assert_eq!(x.read_f32()[..12], [0.0, 1.0, 2.0, 120.0, 130.0, 140.0, 150.0, 160.0, 170.0, 9.0, 10.0, 11.0]);
    // The same where bindings can begin.
    let wide = Tensor::from_f32(&[3, 64], &(0..192).map(|i| i as f32).collect::<Vec<_>>());
    lib::SCALE.run(&[64u32.into(), 10f32.into()], &[&wide.rows(2, 3), &wide.rows(0, 1)], &[]);
    assert_eq!(wide.read_f32()[62..66], [1900.0, 1910.0, 64.0, 65.0]);
    // What accumulates sees what was there.
    let c = Tensor::from_f32(&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let (a, b) = (Tensor::from_f32(&[1, 1], &[10.0]), Tensor::from_f32(&[1, 2], &[1.0, 2.0]));
    a.matmul_with(&b, Matmul { accumulate: Some(&c.rows(1, 2)), ..Default::default() });
    assert_eq!(c.read_f32(), [1.0, 2.0, 13.0, 24.0, 5.0, 6.0]);
    let d = c.copy();
    c.write_f32(&[0.0; 6]);
    assert_eq!(d.read_f32(), [1.0, 2.0, 13.0, 24.0, 5.0, 6.0]);
    // Blocks of columns, and of everything.
    let ones = Tensor::from_f32(&[700, 2], &[1.0; 1400]);
    assert_eq!(ones.sum_columns().read_f32(), [700.0, 700.0]);
    assert_eq!(ones.mean_columns().read_f32(), [1.0, 1.0]);
    assert_eq!(ones.reshape(&[1400]).sum_rows().read_f32(), [1400.0]);
    assert_eq!(ones.sum_squares().read_f32(), [1400.0]);
}

fn f(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape)
}

fn i(shape: &[usize]) -> Tensor {
    Tensor::zeros_u32(shape)
}

pub fn wrong(what: &str) {
    match what {
        "zeros" => drop(f(&[3, 0])),
        "dimensions" => drop(f(&[1, 1, 1, 1, 1])),
        "from_f32" => drop(Tensor::from_f32(&[2, 2], &[1.0])),
        "read_f32" => drop(i(&[2]).read_f32()),
        "write_u32" => i(&[2]).write_u32(&[1]),
        "reshape" => drop(f(&[2, 3]).reshape(&[4])),
        "rows" => drop(f(&[2, 3]).rows(1, 3)),
        "matmul" => drop(f(&[2, 3]).matmul(&f(&[2, 3]))),
        "matmul batch" => drop(f(&[2, 2, 3]).matmul(&f(&[3, 3, 2]))),
        "matmul bias" => {
            let b = f(&[3]);
            drop(f(&[2, 3]).matmul_with(&f(&[3, 2]), Matmul { bias: Some(&b), ..Default::default() }))
        }
        "matmul u32" => drop(f(&[2, 3]).matmul(&i(&[3, 2]))),
        "add" => drop(f(&[2, 3]).add(&f(&[3, 2]))),
        "bias_add" => drop(f(&[2, 3]).bias_add(&f(&[2]))),
        "scatter" => drop(f(&[2]).scatter(&f(&[2]), 3)),
        "argmax" => drop(i(&[2]).argmax()),
        "conv2d" => drop(f(&[1, 1, 2, 2]).conv2d(&f(&[1, 1, 3, 3]), Conv2d::default())),
        "conv2d groups" => drop(f(&[1, 3, 2, 2]).conv2d(&f(&[1, 3, 1, 1]), Conv2d { groups: 2, ..Default::default() })),
        "attention" => drop(f(&[1, 2, 1, 4]).attention(&f(&[1, 2, 1, 3]), &f(&[1, 2, 1, 3]), Attention::default())),
        "embedding" => drop(f(&[2, 3]).embedding(&f(&[2]))),
        "from_bf16" => drop(i(&[2]).from_bf16(&[7])),
        "adam" => f(&[2]).adam(&f(&[2]), &f(&[2]), &f(&[2]), 0, Default::default()),
        "dropout" => drop(f(&[2]).dropout(1.0, 0, 0)),
        "op tensors" => lib::ADD.run(&[1u32.into()], &[&f(&[1])], &[]),
        "op params" => lib::SCALE.run(&[1u32.into()], &[&f(&[1]), &f(&[1])], &[]),
        "op kind" => lib::SCALE.run(&[1u32.into(), 2u32.into()], &[&f(&[1]), &f(&[1])], &[]),
        "op override" => lib::ADD.run(&[1u32.into()], &[&f(&[1]), &f(&[1]), &f(&[1])], &[("speed", 1.0)]),
        "op tile" => lib::ADD.run(&[1u32.into()], &[&f(&[1]), &f(&[1]), &f(&[1])], &[("size", 0.0)]),
        "op grid" => lib::MATMUL_F32.run(
            &[1u32.into(), 1u32.into(), 1u32.into(), 70000u32.into(), 0u32.into(), 0u32.into()],
            &[&f(&[1]), &f(&[1]), &f(&[1]), &f(&[1])],
            &[],
        ),
        _ => fail!("no mode {}", what),
    }
}
