pub use __sparsec_lasso::*;
#[allow(dead_code, non_snake_case, clippy::all, clippy::pedantic)]
mod __sparsec_lasso {
    use ::sparsec::runtime;
    use runtime::Float;
    #[allow(unused_imports)]
    use runtime::generated::{
        accept, output, tolerance, room, part, take, total, largest,
    };
    /// Numbers of a solver's memory.
    const STORAGE: usize = 240;
    /// Numbers of the memory that a solve works in.
    const WORKSPACE: usize = 704;
    #[cfg(not(no_alloc))]
    extern crate alloc;
    #[cfg(not(no_alloc))]
    /// Sparse coding of a signal.
    ///
    /// | name | what | shape |
    /// |---|---|---|
    /// | `D` | const | `matrix[6, 20]` |
    /// | `x` | param | `vector[6]` |
    /// | `λ` | param | `scalar` |
    /// | `y` | unknown | `vector[20]` |
    ///
    /// Solved with `ista`.
    ///
    /// # Derivation
    ///
    /// ````text
    /// f(y) = ‖x − D y‖², its gradient 2Dᵀ(Dy − x)
    /// g(y) = λ ‖y‖₁, its prox the soft threshold
    /// ````
    #[derive(Clone)]
    pub struct Lasso {
        storage: alloc::boxed::Box<[f64]>,
    }

    #[cfg(not(no_alloc))]
    impl Lasso {
        /// Checks the constants and computes what depends on them alone.
        ///
        /// * `D`, `matrix[6, 20]`, row-major: One atom a column.
        pub fn new(D: &[f64]) -> Result<Self, LassoError> {
            let mut storage = alloc::vec![0.0; STORAGE].into_boxed_slice();
            LassoRef::new_in(&mut storage, D)?;
            Ok(Self { storage })
        }

        /// The solver with its default settings, to be passed around at no cost.
        pub fn as_ref(&self) -> LassoRef<'_> {
            LassoRef::over(part(&self.storage, 0))
        }

        /// Sets `λ`, `scalar`, 0.1 by default.
        pub fn with_lambda(&self, lambda: f64) -> LassoRef<'_> {
            self.as_ref().with_lambda(lambda)
        }

        /// Sets the tolerance, 1e-8 by default (f64).
        pub fn with_tol(&self, tol: f64) -> LassoRef<'_> {
            self.as_ref().with_tol(tol)
        }

        /// Sets the limit of steps, 10000 by default.
        pub fn with_max_iter(&self, max_iter: u64) -> LassoRef<'_> {
            self.as_ref().with_max_iter(max_iter)
        }

        /// Sets a point to start from: `y`, `vector[20]`.
        pub fn with_start_y<'a>(&'a self, start: &'a [f64]) -> LassoRef<'a> {
            self.as_ref().with_start_y(start)
        }

        /// Solves.
        ///
        /// * `x`, `vector[6]`: The signal.
        pub fn solve(&self, x: &[f64]) -> Result<LassoSolution, LassoError> {
            self.as_ref().solve(x)
        }

        /// Solves without allocating. The memory to work in has [`Self::WORKSPACE`] numbers.
        ///
        /// * `x`, `vector[6]`: The signal.
        /// * `y` (written), `vector[20]`
        pub fn solve_into(
            &self,
            x: &[f64],
            y: &mut [f64],
            workspace: &mut [f64],
        ) -> Result<LassoReport, LassoError> {
            self.as_ref().solve_into(x, y, workspace)
        }
    }

    #[cfg(not(no_alloc))]
    impl ::core::fmt::Debug for Lasso {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct(::core::stringify!(Lasso)).finish_non_exhaustive()
        }
    }

    #[cfg(not(no_alloc))]
    /// An answer to `lasso`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct LassoSolution {
        /// The unknown `y`, `vector[20]`.
        pub y: alloc::vec::Vec<f64>,
        /// What may be claimed.
        pub status: runtime::Status,
        /// The objective as the problem wrote it.
        pub objective: f64,
        /// A proven bound in the same units: the optimum is no less (no more, where the problem maximises). NaN where nothing is known.
        pub bound: f64,
        /// Objective less bound, relative to the size of the objective; +∞ where nothing is known.
        pub gap: f64,
        /// What is shown.
        pub certificate: LassoCertificate,
        /// The fixed-point residual where that is what is shown, else +∞.
        pub residual: f64,
        /// The largest violation of a constraint, relative to its own terms.
        pub violation: f64,
        /// Steps done.
        pub iterations: u64,
        /// No further progress was made at this precision.
        pub stalled: bool,
    }

    #[cfg(no_alloc)]
    /// Sparse coding of a signal.
    ///
    /// Without a heap there is no value of this type: `new_in` makes a [`LassoRef`] in memory of the caller's.
    #[derive(Clone, Copy, Debug)]
    pub enum Lasso {}
    impl Lasso {
        /// Numbers of the memory that holds the constants and what is computed from them.
        pub const STORAGE: usize = STORAGE;
        /// Numbers of the memory that a solve works in.
        pub const WORKSPACE: usize = WORKSPACE;
        /// The same in memory of the caller's, of at least [`Self::STORAGE`] numbers; nothing is allocated.
        ///
        /// * `D`, `matrix[6, 20]`, row-major: One atom a column.
        pub fn new_in<'a>(
            storage: &'a mut [f64],
            D: &[f64],
        ) -> Result<LassoRef<'a>, LassoError> {
            LassoRef::new_in(storage, D)
        }
    }

    /// A solver of `lasso` with its settings, in memory that is borrowed. Cheap to copy.
    #[derive(Clone, Copy)]
    pub struct LassoRef<'a> {
        storage: &'a [f64; STORAGE],
        lambda: f64,
        start_y: Option<&'a [f64]>,
        tol: f64,
        max_iter: u64,
    }

    impl<'a> LassoRef<'a> {
        /// Makes a solver in the caller's memory, of at least [`Lasso::STORAGE`] numbers.
        ///
        /// * `D`, `matrix[6, 20]`, row-major: One atom a column.
        pub fn new_in(storage: &'a mut [f64], D: &[f64]) -> Result<Self, LassoError> {
            let storage = room::<_, STORAGE>("storage", storage)?;
            accept(("D", "matrix[6, 20]"), (6, 20), D, &[], false, &mut [])?;
            storage[0..120].copy_from_slice(D);
            setup(storage);
            Ok(Self::over(storage))
        }

        /// The default settings over a solver's memory.
        fn over(storage: &'a [f64; STORAGE]) -> Self {
            Self {
                storage,
                lambda: 0.1,
                start_y: None,
                tol: 1e-8,
                max_iter: 10000,
            }
        }

        /// Sets `λ`, `scalar`, 0.1 by default.
        pub fn with_lambda(self, lambda: f64) -> Self {
            Self { lambda: lambda, ..self }
        }

        /// Sets the tolerance, 1e-8 by default (f64).
        pub fn with_tol(self, tol: f64) -> Self {
            Self { tol, ..self }
        }

        /// Sets the limit of steps, 10000 by default.
        pub fn with_max_iter(self, max_iter: u64) -> Self {
            Self { max_iter, ..self }
        }

        /// Sets a point to start from: `y`, `vector[20]`.
        pub fn with_start_y(self, start: &'a [f64]) -> Self {
            Self {
                start_y: Some(start),
                ..self
            }
        }

        /// Solves without allocating. The memory to work in has [`Lasso::WORKSPACE`] numbers.
        ///
        /// * `x`, `vector[6]`: The signal.
        /// * `y` (written), `vector[20]`
        pub fn solve_into(
            &self,
            x: &[f64],
            y: &mut [f64],
            workspace: &mut [f64],
        ) -> Result<LassoReport, LassoError> {
            tolerance(self.tol)?;
            let workspace = room::<_, WORKSPACE>("workspace", workspace)?;
            accept(("x", "vector[6]"), (6, 1), x, &[], false, &mut [])?;
            accept(
                ("λ", "scalar"),
                (1, 1),
                &[self.lambda],
                &[runtime::domain::Domain::AtLeast(0.0)],
                false,
                &mut [],
            )?;
            if let Some(start) = self.start_y {
                accept(("y", "vector[20]"), (20, 1), start, &[], false, &mut [])?;
            }
            output(("y", "vector[20]"), 20, y)?;
            workspace.fill(0.0);
            workspace[0..6].copy_from_slice(x);
            workspace[400..406].copy_from_slice(x);
            workspace[16..17].copy_from_slice(&[self.lambda]);
            workspace[416..417].copy_from_slice(&[self.lambda]);
            workspace[688] = self.tol;
            if let Some(start) = self.start_y {
                workspace[32..52].copy_from_slice(start);
                workspace[64] = 1.0;
            }
            let mut solve = Solve {
                storage: self.storage,
                workspace,
                resumed: false,
            };
            let report = run(&mut solve, self.tol, self.max_iter);
            y.copy_from_slice(&solve.workspace[208..228]);
            Ok(report)
        }
    }

    #[cfg(not(no_alloc))]
    impl LassoRef<'_> {
        /// Solves.
        ///
        /// * `x`, `vector[6]`: The signal.
        pub fn solve(&self, x: &[f64]) -> Result<LassoSolution, LassoError> {
            let mut y = alloc::vec![0.0; 20];
            let mut workspace = alloc::vec![0.0; WORKSPACE];
            let report = self.solve_into(x, &mut y, &mut workspace)?;
            Ok(LassoSolution {
                y,
                status: report.status,
                objective: report.objective,
                bound: report.bound,
                gap: report.gap,
                certificate: report.certificate,
                residual: report.residual,
                violation: report.violation,
                iterations: report.iterations,
                stalled: report.stalled,
            })
        }
    }

    impl ::core::fmt::Debug for LassoRef<'_> {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct(::core::stringify!(LassoRef))
                .field("tol", &self.tol)
                .field("max_iter", &self.max_iter)
                .finish_non_exhaustive()
        }
    }

    pub use runtime::generated::ArgumentError as LassoError;
    pub use runtime::{Certificate as LassoCertificate, Summary as LassoReport};
    /// A solve under way.
    struct Solve<'a> {
        storage: &'a [f64; STORAGE],
        workspace: &'a mut [f64; WORKSPACE],
        /// The state of the run before is kept.
        resumed: bool,
    }

    impl runtime::Blocks for Solve<'_> {
        fn prepare(&mut self) {
            if !self.resumed {
                prepare(self.storage, self.workspace);
            }
        }

        fn step(&mut self) {
            step(self.storage, self.workspace);
        }

        fn stop(&mut self) -> runtime::Measure {
            stop(self.storage, self.workspace);
            runtime::Measure {
                objective: self.workspace[368],
                measure: self.workspace[160],
                scale: self.workspace[192],
            }
        }

        fn finish(&mut self) {}
    }

    impl runtime::Solve for Solve<'_> {
        fn resume(&mut self) {
            self.resumed = true;
        }

        fn check(&mut self) -> runtime::Findings {
            self.workspace.copy_within(208..228, 432);
            check(self.storage, self.workspace);
            runtime::Findings {
                objective: self.workspace[592],
                bound: self.workspace[624],
                gap: self.workspace[608],
                leftover: self.workspace[672],
                residual: self.workspace[640],
                violation: self.workspace[672],
                slackness: self.workspace[672],
                rounding: self.workspace[656],
                disagreement: self.workspace[672],
                contradiction: self.workspace[672] == 1.0,
                infeasible: self.workspace[672] == 1.0,
                unbounded: self.workspace[672] == 1.0,
            }
        }

        fn point_is_finite(&self) -> bool {
            self.workspace[208..228].iter().all(|value| value.is_finite())
        }

        fn own_objective(&self) -> (f64, f64) {
            (self.workspace[176], f64::EPSILON)
        }
    }

    /// What depends on the constants alone.
    fn setup(storage: &mut [f64; STORAGE]) {
        // the dictionary
        let (D, rest) = take::<_, 120>(storage, 0);
        // a bound of the largest eigenvalue of DᵀD
        let ([lipschitz], rest) = take::<_, 1>(rest, 8);
        // step size: 1 / (2 lipschitz)
        let ([gamma], rest) = take::<_, 1>(rest, 15);
        let (work, _) = take::<_, 80>(rest, 15);
        runtime::kernels::spectral_norm_squared(
            6,
            20,
            D,
            ::core::slice::from_mut(lipschitz),
            work,
        );
        *gamma = 0.5 / *lipschitz;
    }

    /// What depends on the parameters, and the starting point.
    fn prepare(_storage: &[f64; STORAGE], workspace: &mut [f64; WORKSPACE]) {
        let has_start = workspace[64];
        let (start_y, rest) = take::<_, 20>(workspace, 32);
        // the iterate
        let (y, rest) = take::<_, 20>(rest, 28);
        // smallest gap so far
        let ([best_gap], _) = take::<_, 1>(rest, 60);
        if has_start == 1.0 {
            for i in 0..20 {
                y[i] = start_y[i];
            }
        } else {
            for i in 0..20 {
                y[i] = 0.0;
            }
        }
        *best_gap = f64::INFINITY;
    }

    /// One iteration.
    fn step(storage: &[f64; STORAGE], workspace: &mut [f64; WORKSPACE]) {
        // step size: 1 / (2 lipschitz)
        let gamma = storage[144];
        let lambda = workspace[16];
        // the dictionary
        let D = part::<_, 120>(storage, 0);
        // the signal
        let (x, rest) = take::<_, 6>(workspace, 0);
        // the iterate
        let (y, rest) = take::<_, 20>(rest, 74);
        let (r, rest) = take::<_, 6>(rest, 12);
        let (g, _) = take::<_, 20>(rest, 10);
        runtime::kernels::gemv(6, 20, D, y, r);
        for i in 0..6 {
            let r_i = r[i];
            r[i] = r_i - x[i];
        }
        runtime::kernels::gemv_t(6, 20, D, r, g);
        for i in 0..20 {
            let y_i = y[i];
            let t6 = y_i - gamma * (2.0 * g[i]);
            let t8 = gamma * lambda;
            y[i] = Float::max_nan(t6 - t8, 0.0) + Float::min_nan(t6 + t8, 0.0);
        }
    }

    /// Measures the iterate and keeps the best one.
    fn stop(storage: &[f64; STORAGE], workspace: &mut [f64; WORKSPACE]) {
        let lambda = workspace[16];
        // the dictionary
        let D = part::<_, 120>(storage, 0);
        // the signal
        let (x, rest) = take::<_, 6>(workspace, 0);
        // the iterate
        let (y, rest) = take::<_, 20>(rest, 74);
        // smallest gap so far
        let ([best_gap], rest) = take::<_, 1>(rest, 60);
        // objective there
        let ([kept], rest) = take::<_, 1>(rest, 15);
        // size of the objective
        let ([scale], rest) = take::<_, 1>(rest, 15);
        // the best iterate
        let (y_best, rest) = take::<_, 20>(rest, 15);
        let (residual, rest) = take::<_, 6>(rest, 12);
        let (correlation, rest) = take::<_, 20>(rest, 10);
        let ([fit], rest) = take::<_, 1>(rest, 12);
        let ([size], rest) = take::<_, 1>(rest, 15);
        let ([largest_], rest) = take::<_, 1>(rest, 15);
        let ([xr], rest) = take::<_, 1>(rest, 15);
        let ([dual], rest) = take::<_, 1>(rest, 15);
        // objective at the iterate
        let ([objective], rest) = take::<_, 1>(rest, 15);
        // relative duality gap at the iterate
        let ([gap], _) = take::<_, 1>(rest, 15);
        runtime::kernels::gemv(6, 20, D, y, residual);
        let mut fit_parts = [0.0; 8];
        let mut xr_parts = [0.0; 8];
        for lane in 0..6 {
            let i = lane;
            let x_i = x[i];
            let residual_i = residual[i];
            let residual_i_ = x_i - residual_i;
            residual[i] = residual_i_;
            fit_parts[lane] += residual_i_ * residual_i_;
            xr_parts[lane] += x_i * residual_i_;
        }
        *fit = total(fit_parts);
        *xr = total(xr_parts);
        runtime::kernels::gemv_t(6, 20, D, residual, correlation);
        let mut size_parts = [0.0; 8];
        let mut largest__parts = [-f64::INFINITY; 8];
        for block in 0..2 {
            for lane in 0..8 {
                let i = 8 * block + lane;
                size_parts[lane] += Float::abs(y[i]);
                largest__parts[lane] = Float::max_nan(
                    largest__parts[lane],
                    Float::abs(correlation[i]),
                );
            }
        }
        for lane in 0..4 {
            let i = 16 + lane;
            size_parts[lane] += Float::abs(y[i]);
            largest__parts[lane] = Float::max_nan(
                largest__parts[lane],
                Float::abs(correlation[i]),
            );
        }
        *size = total(size_parts);
        *largest_ = largest(largest__parts);
        let fit_old = *fit;
        let lambda_old = lambda;
        let objective_new = fit_old + lambda_old * *size;
        let t7 = 2.0 * *largest_;
        let t10 = if t7 <= lambda_old { 1.0 } else { lambda_old / t7 };
        let dual_new = t10 * (2.0 * *xr - t10 * fit_old);
        *objective = objective_new;
        *dual = dual_new;
        *gap = (objective_new - dual_new)
            / Float::max_nan(Float::abs(objective_new), 1.0);
        if *gap < *best_gap {
            *best_gap = *gap;
            *kept = *objective;
            for i in 0..20 {
                y_best[i] = y[i];
            }
        }
        *scale = Float::max_nan(Float::abs(*objective), 1.0);
    }

    /// The check: objective, bound, gap and violation from the problem as written, in f64.
    fn check(storage: &[f64; STORAGE], workspace: &mut [f64; WORKSPACE]) {
        let lambda = workspace[416];
        let D = part::<_, 120>(storage, 0);
        let (x, rest) = take::<_, 6>(workspace, 400);
        // the point
        let (y, rest) = take::<_, 20>(rest, 26);
        let (residual, rest) = take::<_, 6>(rest, 12);
        let (correlation, rest) = take::<_, 20>(rest, 10);
        let ([fit], rest) = take::<_, 1>(rest, 12);
        let ([size], rest) = take::<_, 1>(rest, 15);
        let ([largest_], rest) = take::<_, 1>(rest, 15);
        let ([xr], rest) = take::<_, 1>(rest, 15);
        let ([dual], rest) = take::<_, 1>(rest, 15);
        // objective at the iterate
        let ([objective], rest) = take::<_, 1>(rest, 15);
        // relative duality gap at the iterate
        let ([gap], rest) = take::<_, 1>(rest, 15);
        let ([bound], rest) = take::<_, 1>(rest, 15);
        let ([residual_2], rest) = take::<_, 1>(rest, 15);
        let ([rounding], _) = take::<_, 1>(rest, 15);
        runtime::kernels::gemv(6, 20, D, y, residual);
        let mut fit_parts = [0.0; 8];
        let mut xr_parts = [0.0; 8];
        for lane in 0..6 {
            let i = lane;
            let x_i = x[i];
            let residual_i = residual[i];
            let residual_i_ = x_i - residual_i;
            residual[i] = residual_i_;
            fit_parts[lane] += residual_i_ * residual_i_;
            xr_parts[lane] += x_i * residual_i_;
        }
        *fit = total(fit_parts);
        *xr = total(xr_parts);
        runtime::kernels::gemv_t(6, 20, D, residual, correlation);
        let mut size_parts = [0.0; 8];
        let mut largest__parts = [-f64::INFINITY; 8];
        for block in 0..2 {
            for lane in 0..8 {
                let i = 8 * block + lane;
                size_parts[lane] += Float::abs(y[i]);
                largest__parts[lane] = Float::max_nan(
                    largest__parts[lane],
                    Float::abs(correlation[i]),
                );
            }
        }
        for lane in 0..4 {
            let i = 16 + lane;
            size_parts[lane] += Float::abs(y[i]);
            largest__parts[lane] = Float::max_nan(
                largest__parts[lane],
                Float::abs(correlation[i]),
            );
        }
        *size = total(size_parts);
        *largest_ = largest(largest__parts);
        let fit_old = *fit;
        let lambda_old = lambda;
        let objective_new = fit_old + lambda_old * *size;
        let t7 = 2.0 * *largest_;
        let t10 = if t7 <= lambda_old { 1.0 } else { lambda_old / t7 };
        let dual_new = t10 * (2.0 * *xr - t10 * fit_old);
        *objective = objective_new;
        *dual = dual_new;
        *gap = (objective_new - dual_new)
            / Float::max_nan(Float::abs(objective_new), 1.0);
        let objective_old = *objective;
        *bound = objective_old - *gap * Float::max_nan(Float::abs(objective_old), 1.0);
        *rounding = 1e-13 * Float::max_nan(Float::abs(*objective), 1.0);
        *residual_2 = -1.0;
    }

    /// Solves to the tolerance; what is claimed of the point is what the check allows.
    fn run(solve: &mut Solve<'_>, tol: f64, max_iter: u64) -> runtime::Summary {
        let limits = runtime::Limits {
            tol,
            max_iter,
            check_every: 10,
            exact_steps: false,
            early: false,
        };
        runtime::solve(
            solve,
            &limits,
            runtime::Claim::Optimal,
            |_| runtime::Control::Continue,
        )
    }
}
