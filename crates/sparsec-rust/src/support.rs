//! The part of the generated code that is the same for every problem: errors, the judgement of an answer, and helpers.

use crate::solver::Types;
use proc_macro2::TokenStream;
use quote::quote;
use sparsec_program::solver::Claim;

/// The public types of errors and certificates.
pub(crate) fn public(types: &Types) -> TokenStream {
    let Types { error, certificate, report, .. } = types;
    quote! {
        /// Data or a setting that was refused.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #error {
            /// An argument has another number of elements than declared.
            Length {
                /// The argument.
                name: &'static str,
                /// Its shape as declared, with sizes.
                shape: &'static str,
                /// The number of elements that it needs.
                expected: usize,
                /// The number that was given.
                found: usize,
            },
            /// An entry is not finite, or breaks what its declaration promises.
            Value {
                /// The argument.
                name: &'static str,
                /// The entry and what is wrong with it.
                error: runtime::domain::DomainError,
            },
            /// The tolerance is negative or not finite.
            Tolerance(f64),
        }

        impl ::core::fmt::Display for #error {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    Self::Length { name, shape, expected, found } => ::core::write!(
                        f,
                        "`{name}` is declared {shape} and needs {expected} numbers, but {found} are given"
                    ),
                    Self::Value { name, error } => ::core::write!(f, "`{name}`: {error}"),
                    Self::Tolerance(tol) => {
                        ::core::write!(f, "the tolerance {tol} is not a finite number of 0 or more")
                    }
                }
            }
        }

        impl ::core::error::Error for #error {}

        /// What a reported gap is.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub enum #certificate {
            /// A proven upper bound of the relative distance to the optimum.
            DualityGap,
            /// The same, from a dual point that meets its equalities and signs to this relative tolerance only.
            DualityGapTo(f64),
            /// The relative distance to the next proximal-gradient step.
            FixedPointResidual,
            /// A verified direction or contradiction: the problem has no solution.
            Ray,
            /// Nothing was shown.
            None,
        }

        impl ::core::fmt::Display for #certificate {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    Self::DualityGap => f.write_str("duality gap"),
                    Self::DualityGapTo(tolerance) => ::core::write!(f, "duality gap (dual feasible to {tolerance:e})"),
                    Self::FixedPointResidual => f.write_str("fixed-point residual"),
                    Self::Ray => f.write_str("ray"),
                    Self::None => f.write_str("none"),
                }
            }
        }

        /// What is known of an answer, recomputed in f64 from the problem as written.
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct #report {
            /// What may be claimed.
            pub status: runtime::Status,
            /// The objective as the problem wrote it.
            pub objective: f64,
            /// The relative gap, or the fixed-point residual; `certificate` says which.
            pub gap: f64,
            /// What `gap` is.
            pub certificate: #certificate,
            /// The largest violation of a constraint.
            pub violation: f64,
            /// Steps done.
            pub iterations: u64,
            /// No further progress was made at this precision.
            pub stalled: bool,
        }
    }
}

/// The judgement of an answer: what the check found and what may be claimed of it.
pub(crate) fn judgement(
    types: &Types,
    claim: Claim,
    exact_steps: bool,
    max_iter: u64,
    check_every: u64,
) -> TokenStream {
    let Types { certificate, report, .. } = types;
    let proved = match claim {
        Claim::Optimal => quote!(found.proved(tol) => (runtime::Status::Optimal, false),),
        Claim::Stationary => quote!(found.proved(tol) => (runtime::Status::Stationary, false),),
        Claim::Approximate => {
            quote!(reason != runtime::Reason::TimeLimit => (runtime::Status::Approximate, false),)
        }
    };
    let goes_on = !exact_steps && claim != Claim::Approximate;
    let rounds = goes_on.then(|| {
        quote! {
            // The loop measures less strictly than the check: where it fell short, more is asked of the loop.
            let mut rounds = 0;
            while rounds < 6
                && outcome.reason == runtime::Reason::Converged
                && iterations < max_iter
                && !found.infeasible
                && !found.unbounded
                && !found.proved(tol)
                && found.certificate != #certificate::None
                && found.gap.is_finite()
                && found.violation.is_finite()
            {
                rounds += 1;
                let short = tol / Float::max_nan(found.gap, found.violation);
                limits.tol *= (0.5 * short).clamp(1e-3, 0.5);
                limits.max_iter = max_iter - iterations;
                solve.resumed = true;
                outcome = runtime::drive::drive(solve, &limits, |_| runtime::Control::Continue);
                iterations += outcome.iterations;
                found = solve.check();
            }
        }
    });
    let mutable = goes_on.then(|| quote!(mut));
    let (check_every, exact) = (proc_macro2::Literal::u64_unsuffixed(check_every), exact_steps);
    let exact_limit = proc_macro2::Literal::u64_unsuffixed(max_iter);
    let steps = if exact_steps { quote!(#exact_limit) } else { quote!(max_iter) };
    let unused = exact_steps.then(|| quote!(let _ = max_iter;));
    quote! {
        /// What the check found at a point.
        struct Findings {
            objective: f64,
            gap: f64,
            certificate: #certificate,
            violation: f64,
            infeasible: bool,
            unbounded: bool,
        }

        impl Findings {
            /// From the numbers of the check.
            fn new(objective: f64, gap: f64, certified: f64, dual_violation: f64, violation: f64) -> Self {
                let certificate = if certified == 2.0 || (certified == 1.0 && dual_violation == 0.0) {
                    #certificate::DualityGap
                } else if certified == 1.0 && dual_violation.is_finite() {
                    #certificate::DualityGapTo(power_above(dual_violation))
                } else if certified == 0.0 {
                    #certificate::FixedPointResidual
                } else {
                    #certificate::None
                };
                // A point a little outside the set can have an objective a little below the bound: the distance counts.
                let gap = if violation > 0.0 && gap < -1e-12 { -gap } else { gap };
                Self { objective, gap, certificate, violation, infeasible: false, unbounded: false }
            }

            /// True where the point is proved to `tol`; every comparison is false for NaN.
            fn proved(&self, tol: f64) -> bool {
                let sound = match self.certificate {
                    // The dual's violation is charged in the gap, so it is at most the tolerance as well.
                    #certificate::DualityGap | #certificate::DualityGapTo(_) | #certificate::FixedPointResidual => true,
                    #certificate::Ray | #certificate::None => false,
                };
                sound && self.objective.is_finite() && self.gap <= tol && self.gap >= -1e-9 && self.violation <= tol
            }
        }

        /// The power of ten from 1e-12 on that is not below a violation.
        fn power_above(violation: f64) -> f64 {
            let powers = [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
            powers.into_iter().find(|&power| violation <= power).unwrap_or(1.0)
        }

        /// Solves to the tolerance and judges the point that is returned by the check alone.
        fn run(solve: &mut Solve<'_>, tol: f64, max_iter: u64) -> #report {
            #unused
            let #mutable limits =
                runtime::Limits { tol, max_iter: #steps, check_every: #check_every, exact_steps: #exact };
            let #mutable outcome = runtime::drive::drive(solve, &limits, |_| runtime::Control::Continue);
            let #mutable iterations = outcome.iterations;
            let #mutable found = solve.check();
            #rounds
            let (status, certificate, stalled) = judge(&found, tol, solve.point_is_finite(), outcome.reason);
            #report {
                status,
                objective: found.objective,
                gap: found.gap,
                certificate,
                violation: found.violation,
                iterations,
                stalled,
            }
        }

        /// What may be claimed of a point.
        fn judge(
            found: &Findings,
            tol: f64,
            finite: bool,
            reason: runtime::Reason,
        ) -> (runtime::Status, #certificate, bool) {
            if found.infeasible || found.unbounded {
                let status = if found.infeasible { runtime::Status::Infeasible } else { runtime::Status::Unbounded };
                return (status, #certificate::Ray, false);
            }
            let sound = finite && found.objective.is_finite() && !found.gap.is_nan() && !found.violation.is_nan();
            // A gap below what rounding explains: objective and bound contradict each other.
            let contradictory = found.certificate == #certificate::DualityGap && found.gap < -1e-9;
            let (status, stalled) = match reason {
                _ if !sound || contradictory || reason == runtime::Reason::NotFinite => {
                    (runtime::Status::NumericalError, false)
                }
                runtime::Reason::Interrupted => (runtime::Status::Interrupted, false),
                _ if #proved
                runtime::Reason::TimeLimit => (runtime::Status::TimeLimit, false),
                runtime::Reason::IterationLimit => (runtime::Status::IterationLimit, false),
                _ => (runtime::Status::IterationLimit, true),
            };
            let _ = tol;
            (status, found.certificate, stalled)
        }
    }
}

/// True where a name occurs.
pub(crate) fn calls(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => ident == name,
        proc_macro2::TokenTree::Group(group) => calls(&group.stream(), name),
        _ => false,
    })
}

/// The helpers that `code` calls.
pub(crate) fn helpers(types: &Types, code: &TokenStream) -> TokenStream {
    let Types { error, .. } = types;
    let real = types.precision.tokens();
    let accept = quote! {
        /// Checks an argument against its declaration.
        fn accept(
            (name, shape): (&'static str, &'static str),
            (rows, cols): (usize, usize),
            data: &[#real],
            domains: &[runtime::domain::Domain],
            allow_infinite: bool,
            scratch: &mut [#real],
        ) -> Result<(), #error> {
            if data.len() != rows * cols {
                return Err(#error::Length { name, shape, expected: rows * cols, found: data.len() });
            }
            runtime::domain::check(data, rows, cols, domains, allow_infinite, scratch)
                .map_err(|error| #error::Value { name, error })
        }
    };
    let room = quote! {
        /// The first `N` numbers of memory that the caller gave.
        fn room<'a, T, const N: usize>(name: &'static str, memory: &'a mut [T]) -> Result<&'a mut [T; N], #error> {
            let found = memory.len();
            memory.first_chunk_mut().ok_or(#error::Length { name, shape: "memory", expected: N, found })
        }
    };
    let part = quote! {
        /// The `N` numbers from `start` on.
        #[inline(always)]
        fn part<T, const N: usize>(memory: &[T], start: usize) -> &[T; N] {
            match memory.split_at(start).1.first_chunk() {
                Some(part) => part,
                None => ::core::unreachable!(),
            }
        }
    };
    let take = quote! {
        /// The `N` numbers behind the first `skip`, and those after them.
        #[inline(always)]
        fn take<T, const N: usize>(memory: &mut [T], skip: usize) -> (&mut [T; N], &mut [T]) {
            match memory.split_at_mut(skip).1.split_first_chunk_mut() {
                Some(split) => split,
                None => ::core::unreachable!(),
            }
        }
    };
    let total = quote! {
        /// The sum of the lanes' partial sums.
        #[inline(always)]
        fn total<T: Float>(p: [T; 8]) -> T {
            ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
        }
    };
    let largest = quote! {
        /// The largest of the lanes' partial results; NaN if one is.
        #[inline(always)]
        fn largest<T: Float>(p: [T; 8]) -> T {
            let two = |a: T, b: T| Float::max_nan(a, b);
            two(two(two(p[0], p[4]), two(p[2], p[6])), two(two(p[1], p[5]), two(p[3], p[7])))
        }
    };
    let smallest = quote! {
        /// The smallest of the lanes' partial results; NaN if one is.
        #[inline(always)]
        fn smallest<T: Float>(p: [T; 8]) -> T {
            let two = |a: T, b: T| Float::min_nan(a, b);
            two(two(two(p[0], p[4]), two(p[2], p[6])), two(two(p[1], p[5]), two(p[3], p[7])))
        }
    };
    [
        ("accept", accept),
        ("room", room),
        ("part", part),
        ("take", take),
        ("total", total),
        ("largest", largest),
        ("smallest", smallest),
    ]
    .into_iter()
    .filter(|(name, _)| calls(code, name))
    .map(|(_, helper)| helper)
    .collect()
}
