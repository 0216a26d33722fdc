//! Kernels: what can't be said elementwise, as plain functions and as a table.
//!
//! Every kernel is a generic function `name(dims…, inputs…, outputs…)` on slices whose lengths follow from the dims. Outputs named
//! `work` are room to work in: what is in them before or after a call means nothing. Outputs named `into` keep what the call does not write.
//! A kernel reads no other output before it wrote it.
//! Matrices are row-major. A length that differs from the table's is a mistake of the caller and panics.
//!
//! One file holds one family. The files are plain safe `no_std` Rust and mention only `super::` items ([`Float`], [`LANES`]
//! and other files named in their [`Source::uses`]), so that generated code can carry them along. The functions of this
//! module are the same ones behind a choice of the processor's vector instructions (feature `simd`), with the same bits.
//!
//! # Order of sums
//!
//! * A dot product (`gemv`, `gemm_nt`, norms) keeps [`LANES`] partial sums; element `i` goes to partial `i % 8`; they are combined as
//!   `((p0+p4)+(p2+p6)) + ((p1+p5)+(p3+p7))`.
//! * A combination of rows (`gemv_t`, `gemm_nn`, `gemm_tn`) starts at 0 and adds row after row.

pub use crate::{Float, LANES};

mod size;
use size::Size;
pub use size::{Lens, MOST_ARGUMENTS};

/// The text of one kernel file, for generated code that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Name of the module (`products`).
    pub module: &'static str,
    /// The file's text.
    pub text: &'static str,
    /// Other modules that it mentions as `super::…`.
    pub uses: &'static [&'static str],
}

macro_rules! sources {
    ($($module:ident uses [$($used:ident),*];)*) => {
        $(pub mod $module;)*

        /// The kernel files.
        pub const SOURCES: &[Source] = &[$(Source {
            module: stringify!($module),
            text: include_str!(concat!(stringify!($module), ".rs")),
            uses: &[$(stringify!($used)),*],
        }),*];
    };
}

macro_rules! kernels {
    ($(
        $(#[doc = $doc:literal])+
        $variant:ident = $module:ident::$name:ident($($dim:ident),+; $($input:ident: $input_len:expr),+ => $($output:ident: $output_len:expr),+);
    )*) => {
        /// A kernel, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kernel {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Kernel {
            /// All kernels.
            pub const ALL: &'static [Kernel] = &[$(Kernel::$variant),*];

            /// The function's name.
            pub const fn name(self) -> &'static str {
                match self { $(Kernel::$variant => stringify!($name),)* }
            }

            /// The kernel of a name.
            pub fn from_name(name: &str) -> Option<Kernel> {
                match name { $(stringify!($name) => Some(Kernel::$variant),)* _ => None }
            }

            /// One line on what it computes.
            pub const fn doc(self) -> &'static str {
                match self { $(Kernel::$variant => concat!($($doc),+).trim_ascii(),)* }
            }

            /// Names of its sizes.
            pub const fn dims(self) -> &'static [&'static str] {
                match self { $(Kernel::$variant => &[$(stringify!($dim)),+],)* }
            }

            /// Names of its inputs.
            pub const fn inputs(self) -> &'static [&'static str] {
                match self { $(Kernel::$variant => &[$(stringify!($input)),+],)* }
            }

            /// Names of its outputs; see [`Kernel::is_work`].
            pub const fn outputs(self) -> &'static [&'static str] {
                match self { $(Kernel::$variant => &[$(stringify!($output)),+],)* }
            }

            /// The module that holds the function.
            pub const fn module(self) -> &'static str {
                match self { $(Kernel::$variant => stringify!($module),)* }
            }

            /// Lengths of the inputs. `None` for a wrong number of dims, a dim of 0, or an overflow.
            pub fn input_lens(self, dims: &[usize]) -> Option<Lens> {
                match (self, dims) {
                    $((Kernel::$variant, &[$($dim),+]) => {
                        $(#[allow(unused_variables)] let $dim = Size::dim($dim);)+
                        Lens::new(&[$($dim),+], &[$($input_len.into()),+])
                    })*
                    _ => None,
                }
            }

            /// Lengths of the outputs. `None` for a wrong number of dims, a dim of 0, or an overflow.
            pub fn output_lens(self, dims: &[usize]) -> Option<Lens> {
                match (self, dims) {
                    $((Kernel::$variant, &[$($dim),+]) => {
                        $(#[allow(unused_variables)] let $dim = Size::dim($dim);)+
                        Lens::new(&[$($dim),+], &[$($output_len.into()),+])
                    })*
                    _ => None,
                }
            }

            /// Calls the kernel.
            ///
            /// # Panics
            /// If the number or a length of the slices is not the table's. A verified program has the right ones.
            pub fn call<T: Float>(self, dims: &[usize], inputs: &[&[T]], outputs: &mut [&mut [T]]) {
                match (self, dims, inputs, outputs) {
                    $((Kernel::$variant, &[$($dim),+], &[$($input),+], [$($output),+]) => {
                        $name($($dim,)+ $($input,)+ $($output),+)
                    })*
                    (kernel, ..) => wrong_arguments(kernel.name()),
                }
            }
        }

        $(
            $(#[doc = $doc])+
            ///
            #[doc = concat!("See [`", stringify!($module), "::", stringify!($name), "`].")]
            #[allow(clippy::too_many_arguments)]
            pub fn $name<T: Float>($($dim: usize,)+ $($input: &[T],)+ $($output: &mut [T]),+) {
                struct Call<'a, T> {
                    $($dim: usize,)+
                    $($input: &'a [T],)+
                    $($output: &'a mut [T],)+
                }
                impl<T: Float> Run for Call<'_, T> {
                    #[inline(always)]
                    fn run(self) {
                        $module::$name($(self.$dim,)+ $(self.$input,)+ $(self.$output),+)
                    }
                }
                dispatch(Call { $($dim,)+ $($input,)+ $($output),+ })
            }
        )*
    };
}

sources! {
    reduce uses [];
    products uses [reduce];
    sparse_rows uses [];
    eigen uses [products, reduce];
    factor uses [reduce];
    row_space uses [reduce];
    column_space uses [products, reduce];
    twice uses [reduce];
    blocks uses [reduce];
    simplex uses [reduce];
    box_row uses [];
    groups uses [reduce];
    sums uses [];
    convolution uses [];
    cosine uses [];
    differences uses [];
    omega uses [reduce, simplex];
    logistic uses [];
}

kernels! {
    /// out = A x
    Gemv = products::gemv(rows, cols; a: rows * cols, x: cols => out: rows);
    /// out = Aᵀ x
    GemvT = products::gemv_t(rows, cols; a: rows * cols, x: rows => out: cols);
    /// out = Aᵀ x, over the entries of x that are not 0
    CombineRows = sparse_rows::combine_rows(rows, cols; a: rows * cols, x: rows => out: cols);
    /// C = A B
    GemmNn = products::gemm_nn(m, k, n; a: m * k, b: k * n => c: m * n);
    /// C = Aᵀ B
    GemmTn = products::gemm_tn(m, k, n; a: k * m, b: k * n => c: m * n);
    /// C = A Bᵀ
    GemmNt = products::gemm_nt(m, k, n; a: m * k, b: n * k => c: m * n);
    /// out = Aᵀ
    Transpose = products::transpose(rows, cols; a: rows * cols => out: rows * cols);
    /// An upper bound, tight to rounding, of the largest eigenvalue of AᵀA
    SpectralNormSquared = eigen::spectral_norm_squared(rows, cols; a: rows * cols
        => out: 1, work: rows.min(cols) * (rows.min(cols).min(512) + 4) + rows.max(cols));
    /// An upper bound, tight to rounding, of the largest eigenvalue of a symmetric matrix
    EigenMax = eigen::eigen_max(n; a: n * n => out: 1, work: n * (n.min(512) + 4));
    /// A lower bound, tight to rounding, of the smallest eigenvalue of a symmetric matrix
    EigenMin = eigen::eigen_min(n; a: n * n => out: 1, work: n * (n.min(512) + 4));
    /// Pivoted Cholesky factor of a positive semidefinite matrix
    PsdFactor = factor::psd_factor(n; a: n * n => l: n * n, perm: n);
    /// A symmetric matrix scaled to a unit diagonal, and the scale
    Equilibrate = factor::equilibrate(n; a: n * n => scale: n, out: n * n);
    /// R with RᵀR = A for a positive semidefinite A
    PsdRoot = factor::psd_root(n; a: n * n => root: n * n, work: (n + 1) * (n * 2));
    /// A + d I
    AddDiagonal = factor::add_diagonal(n; a: n * n, d: 1 => out: n * n);
    /// Basic solution of A x = b from a pivoted Cholesky factor
    PsdSolve = factor::psd_solve(n; l: n * n, perm: n, b: n => x: n, work: n);
    /// Basic solutions of A X = B from a pivoted Cholesky factor
    PsdSolveMany = factor::psd_solve_many(n, k; l: n * n, perm: n, b: n * k => x: n * k, work: n * k);
    /// A = L Q with orthonormal (or zero) rows of Q
    RowSpace = row_space::row_space(k, n; a: k * n => q: k * n, l: k * k);
    /// L c = b, and how far that is from consistent
    ForwardSolve = row_space::forward_solve(k; l: k * k, b: k => c: k, inconsistency: 1);
    /// QR of chosen columns of diag(roots)·[A; C], scaled to length 1; those that depend on others are left out
    ColumnSpace = column_space::column_space(rows, more, n, most;
        a: rows * n, c: more * n, roots: rows + more, chosen: n
        => q: most * (rows + more), r: most * most, which: most * 2 + 1, work: (rows + more + most) * 64);
    /// x with BᵀB x = b on the columns B of `column_space`, and B x
    NormalSolve = column_space::normal_solve(rows, n, most; q: most * rows, r: most * most, which: most * 2 + 1, b: n
        => along: rows, x: n, work: most);
    /// out = A x + b, summed in twice the precision
    GemvTwice = twice::gemv_twice(rows, cols; a: rows * cols, x: cols, b: rows => out: rows, work: cols * 2);
    /// out = Aᵀ x + b, summed in twice the precision
    GemvTTwice = twice::gemv_t_twice(rows, cols; a: rows * cols, x: rows, b: cols => out: cols, work: cols);
    /// out = |A| |x|
    GemvSizes = twice::gemv_sizes(rows, cols; a: rows * cols, x: cols => out: rows);
    /// out = |A|ᵀ |x|
    GemvTSizes = twice::gemv_t_sizes(rows, cols; a: rows * cols, x: rows => out: cols);
    /// The vector with 1 at a place and 0 elsewhere
    Unit = blocks::unit(n; at: 1 => out: n);
    /// A block put into a matrix, at the row and column that `at` says
    PlaceBlock = blocks::place_block(rows, cols, height, width; block: rows * cols, at: 2 => into: height * width);
    /// Blocks of rows, less the weighted means of their rows
    CentreRows = blocks::centre_rows(count, len, cols; a: count * len * cols, w: count * len
        => out: count * len * cols, work: cols);
    /// Projection of each row on the simplex of a radius
    ProjectSimplex = simplex::project_simplex(rows, n; v: rows * n, radius: 1 => out: rows * n, work: n);
    /// Projection of each row on the l1 ball of a radius
    ProjectBall1 = simplex::project_ball1(rows, n; v: rows * n, radius: 1 => out: rows * n, work: n);
    /// Projection on the weighted l1 ball of a radius
    ProjectWeightedBall1 = simplex::project_weighted_ball1(n; v: n, w: n, radius: 1 => out: n, work: 2 * n);
    /// Projection on bounds with one row, its multiplier, and whether the row holds with equality
    ProjectBoxRow = box_row::project_box_row(n; v: n, a: n, l: n, h: n, b: 2 => out: n, multiplier: 2, work: 2 * n);
    /// Support function of bounds with one row, and what the argument has beyond its domain
    SupportBoxRow = box_row::support_box_row(n; u: n, a: n, l: n, h: n, b: 2 => value: 1, outside: n, work: n);
    /// Euclidean norm of each group
    GroupNorms = groups::group_norms(n, g; ids: n, v: n => norms: g);
    /// Each element's group factor; 1 where it is in no group
    GroupSpread = groups::group_spread(n, g; ids: n, factor: g => out: n);
    /// Sum of each group
    GroupSums = groups::group_sums(n, g; ids: n, v: n => sums: g);
    /// Largest element of each group
    GroupMax = groups::group_max(n, g; ids: n, v: n => tops: g);
    /// Each row's factor, for each of its elements
    RowSpread = groups::row_spread(rows, cols; factor: rows => out: rows * cols);
    /// Squared length of each column
    ColumnSquares = groups::column_squares(rows, cols; a: rows * cols => squares: cols);
    /// A with each column over the root of its square
    UnitColumns = groups::unit_columns(rows, cols; a: rows * cols, squares: cols => out: rows * cols);
    /// Squares, or the largest of them where they are alike
    Alike = groups::alike(n; squares: n, most: 1 => out: n);
    /// Largest element of each row
    RowMax = groups::row_max(rows, cols; v: rows * cols => tops: rows);
    /// Euclidean norm of each row
    RowNorms = groups::row_norms(rows, cols; v: rows * cols => norms: rows);
    /// Sums of the first elements
    Cumsum = sums::cumsum(n; x: n => out: n);
    /// Sums of the last elements: the transpose of `cumsum`
    CumsumT = sums::cumsum_t(n; x: n => out: n);
    /// Full convolution
    Conv = convolution::conv(k, n; kernel: k, x: n => out: n + k - 1);
    /// The transpose of `conv` in x
    ConvT = convolution::conv_t(k, n; kernel: k, r: n + k - 1 => out: n);
    /// Orthonormal cosine transform (DCT-II)
    Dct = cosine::dct(n; x: n => out: n, work: 4 * n + 6 * n.convolution());
    /// Inverse, which is the transpose, of `dct` (DCT-III)
    DctT = cosine::dct_t(n; x: n => out: n, work: 4 * n + 6 * n.convolution());
    /// Differences of an image down and along its rows
    Grad2 = differences::grad2(rows, cols; y: rows * cols => out: 2 * rows * cols);
    /// The transpose of `grad2`
    Grad2T = differences::grad2_t(rows, cols; z: 2 * rows * cols => out: rows * cols);
    /// ω(v): the ω with ω + ln ω = v
    WrightOmega = omega::wright_omega(n; v: n => out: n);
    /// argmin over the simplex of t·Σ u ln u + ½‖u − v‖², for each row
    ProxEntropySimplex = omega::prox_entropy_simplex(rows, n; v: rows * n, t: 1, radius: 1 => out: rows * n, work: n);
    /// argmin of t·ln Σ eᵘ + ½‖u − v‖²
    ProxLogSumExp = omega::prox_log_sum_exp(n; v: n, t: 1 => out: n, work: n);
    /// argmin of t·ln(1 + eᵘ) + ½(u − v)², elementwise
    ProxLogistic = logistic::prox_logistic(n; v: n, t: 1 => out: n);
}

impl Kernel {
    /// True where output `index` is room to work in.
    pub fn is_work(self, index: usize) -> bool {
        self.outputs().get(index) == Some(&"work")
    }

    /// True where output `index` keeps what the call does not write.
    pub fn is_kept(self, index: usize) -> bool {
        self.outputs().get(index) == Some(&"into")
    }

    /// The file that holds the function.
    pub fn source(self) -> &'static Source {
        let found = SOURCES.iter().find(|s| s.module == self.module());
        found.unwrap_or(&SOURCES[0])
    }
}

impl core::fmt::Display for Kernel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

#[cold]
fn wrong_arguments(kernel: &str) -> ! {
    panic!("kernel `{kernel}` was called with a wrong number of sizes or slices")
}

/// A kernel call, as a type of its own: a closure's body would not be inlined where the wider vectors are allowed.
trait Run {
    fn run(self);
}

/// Runs a call compiled for the widest vectors that the processor has. Nothing is contracted or reordered, so the bits stay.
#[cfg(feature = "simd")]
#[inline(always)]
fn dispatch(call: impl Run) {
    struct Op<C>(C);
    impl<C: Run> pulp::NullaryFnOnce for Op<C> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            self.0.run();
        }
    }
    pulp::Arch::new().dispatch(Op(call));
}

#[cfg(not(feature = "simd"))]
#[inline(always)]
fn dispatch(call: impl Run) {
    call.run();
}
