//! The metric of the steps majorises the smooth part, wherever it is looked at, and knows no units.
#![cfg(feature = "testing")]

mod common;

use common::lab::Lab;
use common::laws::Random;
use common::stages;
use sparsec_compiler::Stages;
use sparsec_compiler::lower::metric::{Metric, Steps};
use sparsec_program::formula::Formula;
use sparsec_program::program::View;

const TEXTS: &[(&str, usize)] = &[
    ("var y: vector[3]\nminimize ||[[100, 2, 0.03], [-50, 1, 0.04], [70, 3, -0.01]]*y - [1, 2, 3]||^2 + norm1(y)", 3),
    (
        "var y: vector[3]\nminimize ||[[1, 2, 1.5], [-1, 1, 2], [1, 3, -1]]*y - [1, 2, 3]||^2 + 0.3*||y||^2\nsubject to y >= 0",
        3,
    ),
    ("var y: vector[3]\nminimize ||[[1, 200, 1.5], [-1, 100, 2]]*y - [1, 2]||^2\nsubject to y in simplex", 3),
    (
        "var y: vector[2], c: scalar\nminimize ||[[300, 1], [200, 2], [-1, 0]]*y + c*ones(3) - [1, 2, 3]||^2 + norm1(y)",
        3,
    ),
    (
        "var y: vector[4]\nminimize ||[[1000, 1, 2, 0.5], [20, 2, 2, 1]]*y - [1, 2]||^2 + group_norm(y, [[0, 1], [3]])",
        4,
    ),
    ("var y: vector[2], z: vector[2]\nminimize ||[[3, 1], [2, 2]]*y - 40*z||^2 + norm2(y) + norm1(z)", 4),
    ("var y: vector[4]\nminimize ||[1000, 1, 0.1, 0] .* y - ones(4)||^2 + ||y[0..2]||^2\nsubject to 0 <= y <= 10", 4),
    (
        "var y: vector[3]\nminimize 1/2*quad_form(y, [[966, 3, 5], [3, 1000, 7], [5, 7, 2500000000000]]) + sum(y)\nsubject to 0 <= y <= 1",
        3,
    ),
    ("var y: vector[3]\nminimize 3*dot([1, 20, 300], y)^2 + ||y||^2 + norm1(y)", 3),
    ("var y: vector[3]\nminimize ||[[1, 20, 300], [3, 1, 2]]'*(y[0..2]) - [1, 2, 3]||^2 + norm1(y)", 3),
    ("var y: vector[2]\nminimize ||[[1, 2, 300], [3, 1, 2]]'*y - [1, 2, 3]||^2 + norm1(y)", 2),
    ("var y: vector[2]\nminimize huber([[1, 200], [3, 1], [2, 2]]*y - [1000, 2, 3], 0.5) + norm1(y)", 2),
    ("var y: vector[3]\nminimize 2*huber([3, 100, 1] .* y - [1000, 2, -5], 0.5) + 0.01*||y||^2", 3),
    ("var w: scalar, c: scalar\nminimize huber([1, 20, 300]*w + c*ones(3) - [1000, 2, 3], 0.5)", 2),
    ("var y: vector[3]\nminimize huber(y - [100000, 2, 3], 1)\nsubject to sum(y) == 0", 3),
    ("var y: vector[2]\nminimize logistic([[1, 200], [3, 1], [2, 2]]*y) + norm1(y)", 2),
    ("var y: vector[2]\nminimize log_sum_exp([[1, 200], [3, 1], [2, 2]]*y) + norm1(y)", 2),
    ("var Y: matrix[2, 2]\nminimize ||[[1, 200], [3, 1], [2, 2]]*Y - ones(3, 2)||^2 + norm1(Y)", 4),
];

/// Smooth part and its gradient, M and the steps at a point.
fn lab(stages: &Stages, n: usize, metric: Metric) -> Lab {
    let form = &stages.composite;
    Lab::new(stages, &[n], |cx, v| {
        let steps = cx.steps(form, metric);
        let at = cx.evaluated(form, v[0]);
        let Steps { gamma, metric, .. } = cx.local_steps(form, &steps, &at);
        let gradient = cx.b.scratch("gradient", n);
        cx.adjoint_sum(form, &at, 1.0, gradient);
        let mut values: Vec<View> = form.smooth.iter().zip(&at).map(|(t, (_, at))| cx.smooth_value(t, at.t)).collect();
        values.extend(form.linear.iter().map(|a| cx.affine(form, a, v[0])));
        let value = cx.entries("value", 1, Formula::sum(values));
        let gamma = cx.entries("gamma", n, gamma);
        let metric = metric.unwrap_or_else(|| cx.entries("metric", n, 1.0 / gamma));
        vec![value, gradient, metric, gamma]
    })
}

#[test]
fn the_metric_majorises() {
    for (text, n) in TEXTS {
        let stages = stages(text);
        for metric in [Metric::Identity, Metric::Diagonal, Metric::ByUnits] {
            let mut lab = lab(&stages, *n, metric);
            let mut r = Random(7);
            for k in 0..200 {
                let scale = 10_f64.powi(k % 9 - 4);
                let w: Vec<f64> = (0..*n).map(|_| scale * r.next()).collect();
                let here = lab.run(&[&w]);
                let (value, gradient, m, gamma) = (here[0][0], &here[1], &here[2], &here[3]);
                // Steps as long as the metric takes them, and much shorter ones; along one entry too.
                let d: Vec<f64> = (0..*n)
                    .map(|j| {
                        if k % 3 == 0 && j != k as usize % n {
                            0.0
                        } else {
                            10_f64.powi(k % 4 - 2) * r.next() / m[j].sqrt()
                        }
                    })
                    .collect();
                let there: Vec<f64> = w.iter().zip(&d).map(|(w, d)| w + d).collect();
                let slope: f64 = gradient.iter().zip(&d).map(|(g, d)| g * d).sum();
                let bend: f64 = m.iter().zip(&d).map(|(m, d)| 0.5 * m * d * d).sum();
                let next = lab.run(&[&there])[0][0];
                let rounding = 1e-13
                    * (value.abs() + next.abs() + gradient.iter().zip(&there).map(|(g, x)| (g * x).abs()).sum::<f64>());
                assert!(
                    next <= value + slope + bend * (1.0 + 1e-9) + rounding,
                    "{text}\n{metric:?} at {w:?} along {d:?}: {next} above {}",
                    value + slope + bend
                );
                assert!(m.iter().zip(gamma).all(|(m, g)| *m > 0.0 && (m * g - 1.0).abs() < 1e-12), "{m:?} {gamma:?}");
            }
        }
    }
}

#[test]
fn the_metric_is_no_more_than_its_columns_ask_for() {
    // With columns of length 1 it is at most their number times L_f c.
    let text =
        "var y: vector[3]\nminimize ||[[100, 2, 0.03], [-50, 1, 0.04], [70, 3, -0.01]]*y - [1, 2, 3]||^2 + norm1(y)";
    let stages = stages(text);
    let m = lab(&stages, 3, Metric::ByUnits).run(&[&[0.0; 3]]).remove(2);
    for (m, square) in m.iter().zip([17400.0, 14.0, 0.0026]) {
        assert!(*m >= 2.0 * square && *m <= 3.0 * 2.0 * square, "{m} {square}");
    }
    // Where the lengths differ little it is L.
    let alike = "var y: vector[2]\nminimize ||[[1, 2], [2, -1]]*y - [1, 2]||^2 + norm1(y)";
    let stages = common::stages(alike);
    let (own, one) = (lab(&stages, 2, Metric::ByUnits), lab(&stages, 2, Metric::Identity));
    let [own, one] = [own, one].map(|mut lab| lab.run(&[&[0.0; 2]]).remove(2));
    assert!(own.iter().zip(&one).all(|(a, b)| (a / b - 1.0).abs() < 1e-12), "{own:?} {one:?}");
}

#[test]
fn groups_have_steps_of_their_own() {
    let text = "var y: vector[5]\nminimize ||[[1000, 3, 2, 1, 7], [2000, 1, 2, 1, 9]]*y - [1, 2]||^2 + group_norm(y, [[0, 1], [2, 3]])";
    let stages = stages(text);
    let m = lab(&stages, 5, Metric::ByUnits).run(&[&[0.0; 5]]).remove(2);
    assert!(m[0] == m[1] && m[2] == m[3] && m[0] > 1e4 * m[2] && m[4] > m[2], "{m:?}");
}

#[test]
fn far_out_on_a_straight_part_steps_are_as_long_as_the_way() {
    let stages = stages("var y: vector[2]\nminimize huber(y - [1000000, 3], 1) + norm1([0, 0] .* y)");
    let gamma = lab(&stages, 2, Metric::ByUnits).run(&[&[0.0, 2.5]]).remove(3);
    assert!((gamma[0] - 5e5).abs() < 1.0 && gamma[1] == 0.5, "{gamma:?}");
}
