//! The element type of the code, and arithmetic on vectors of it.

use crate::Precision;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{ConstantData, InstBuilder, MemFlagsData, Type, Value, types};
use cranelift_frontend::FunctionBuilder;
use sparsec_program::program::{Compare, ReduceOp};

/// The types that stand for an element type of the program. All arithmetic is on vectors of 128 bits; where there is but
/// one element, it is lane 0 and what the others hold means nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub precision: Precision,
    /// One element.
    pub scalar: Type,
    /// A vector of [`Numbers::width`] elements.
    pub vector: Type,
    /// Elements of a vector.
    pub width: usize,
    /// Bytes of an element.
    pub size: usize,
}

/// Which of two numbers `min` and `max` choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extremum {
    Min,
    Max,
}

/// A vector, and the number in every lane where that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub value: Value,
    pub literal: Option<f64>,
}

impl Numbers {
    pub fn new(precision: Precision) -> Self {
        match precision {
            Precision::F64 => Numbers { precision, scalar: types::F64, vector: types::F64X2, width: 2, size: 8 },
            Precision::F32 => Numbers { precision, scalar: types::F32, vector: types::F32X4, width: 4, size: 4 },
        }
    }

    /// A literal rounded to the element type.
    pub fn round(&self, literal: f64) -> f64 {
        match self.precision {
            Precision::F64 => literal,
            Precision::F32 => f64::from(literal as f32),
        }
    }

    /// One number.
    pub fn constant(&self, b: &mut FunctionBuilder<'_>, literal: f64) -> Value {
        match self.precision {
            Precision::F64 => b.ins().f64const(literal),
            Precision::F32 => b.ins().f32const(literal as f32),
        }
    }

    /// The same number in every lane.
    pub fn splat(&self, b: &mut FunctionBuilder<'_>, literal: f64) -> Value {
        let lane = match self.precision {
            Precision::F64 => literal.to_le_bytes().to_vec(),
            Precision::F32 => (literal as f32).to_le_bytes().to_vec(),
        };
        self.bytes(b, lane.repeat(self.width))
    }

    /// All bits set in the first lanes and none in the others.
    pub fn first_lanes(&self, b: &mut FunctionBuilder<'_>, lanes: usize) -> Value {
        let bytes = (0..self.width * self.size).map(|i| if i < lanes * self.size { 0xff } else { 0 });
        self.bytes(b, bytes.collect())
    }

    fn bytes(&self, b: &mut FunctionBuilder<'_>, bytes: Vec<u8>) -> Value {
        let constant = b.func.dfg.constants.insert(ConstantData::from(bytes));
        b.ins().vconst(self.vector, constant)
    }

    /// Lane `lane` moved to lane 0.
    pub fn lane(&self, b: &mut FunctionBuilder<'_>, vector: Value, lane: usize) -> Value {
        if lane == 0 {
            return vector;
        }
        let scalar = b.ins().extractlane(vector, lane as u8);
        b.ins().scalar_to_vector(self.vector, scalar)
    }

    /// A mask as a vector of the element type.
    fn as_vector(&self, b: &mut FunctionBuilder<'_>, mask: Value) -> Value {
        b.ins().bitcast(self.vector, MemFlagsData::new(), mask)
    }

    /// `then` in the lanes where `left relation right` holds, else `otherwise`.
    fn choose(
        &self,
        b: &mut FunctionBuilder<'_>,
        (left, relation, right): (Value, FloatCC, Value),
        then: Value,
        otherwise: Value,
    ) -> Value {
        let mask = b.ins().fcmp(relation, left, right);
        let mask = self.as_vector(b, mask);
        b.ins().bitselect(mask, then, otherwise)
    }

    /// The program's `select`, lane by lane.
    pub fn select(
        &self,
        b: &mut FunctionBuilder<'_>,
        (left, compare, right): (Value, Compare, Value),
        then: Value,
        otherwise: Value,
    ) -> Value {
        let relation = match compare {
            Compare::Lt => FloatCC::LessThan,
            Compare::Le => FloatCC::LessThanOrEqual,
            Compare::Eq => FloatCC::Equal,
            Compare::Ne => {
                // x86 has no ordered "not equal" of vectors.
                let less = b.ins().fcmp(FloatCC::LessThan, left, right);
                let greater = b.ins().fcmp(FloatCC::LessThan, right, left);
                let either = b.ins().bor(less, greater);
                let mask = self.as_vector(b, either);
                return b.ins().bitselect(mask, then, otherwise);
            }
        };
        self.choose(b, (left, relation, right), then, otherwise)
    }

    /// `min_nan` and `max_nan` of the runtime, lane by lane: the left side where it is smaller (larger) or NaN, else the
    /// right one. Choosing with "less than" is one instruction on x86, `minpd` or `maxpd`, which returns its second operand
    /// where the two are equal or unordered.
    pub fn extremum(&self, b: &mut FunctionBuilder<'_>, which: Extremum, left: Operand, right: Operand) -> Value {
        let (l, r) = (left.value, right.value);
        // `before(x, LessThan, y)`: x goes before y.
        let before = |x, relation, y| match which {
            Extremum::Min => (x, relation, y),
            Extremum::Max => (y, relation, x),
        };
        if left.literal.is_some_and(|x| !x.is_nan()) {
            return self.choose(b, before(l, FloatCC::LessThan, r), l, r);
        }
        match right.literal {
            // All bits of the result are 0 where the right side is due: where it is before the left one or equal to it.
            Some(0.0) if right.literal.is_some_and(f64::is_sign_positive) => {
                let (x, relation, y) = before(r, FloatCC::LessThanOrEqual, l);
                let mask = b.ins().fcmp(relation, x, y);
                let mask = self.as_vector(b, mask);
                b.ins().band_not(l, mask)
            }
            // Equal numbers other than zeros have the same bits.
            Some(x) if x != 0.0 && !x.is_nan() => self.choose(b, before(r, FloatCC::LessThan, l), r, l),
            _ => {
                let numbers = self.choose(b, before(l, FloatCC::LessThan, r), l, r);
                self.choose(b, (l, FloatCC::Equal, l), numbers, l)
            }
        }
    }

    /// −a. The mask is a constant outside of loops, where `fneg` would make it anew in each round.
    pub fn negate(&self, b: &mut FunctionBuilder<'_>, a: Value) -> Value {
        let sign = self.splat(b, -0.0);
        b.ins().bxor(a, sign)
    }

    /// |a|, as `negate`.
    pub fn absolute(&self, b: &mut FunctionBuilder<'_>, a: Value) -> Value {
        let lane = match self.precision {
            Precision::F64 => (!(-0.0_f64).to_bits()).to_le_bytes().to_vec(),
            Precision::F32 => (!(-0.0_f32).to_bits()).to_le_bytes().to_vec(),
        };
        let mask = self.bytes(b, lane.repeat(self.width));
        b.ins().band(a, mask)
    }

    /// A partial result with one more element.
    pub fn reduce(&self, b: &mut FunctionBuilder<'_>, op: ReduceOp, partial: Value, element: Value) -> Value {
        let unknown = |value| Operand { value, literal: None };
        match op {
            ReduceOp::Sum => b.ins().fadd(partial, element),
            ReduceOp::Max => self.extremum(b, Extremum::Max, unknown(partial), unknown(element)),
            ReduceOp::Min => self.extremum(b, Extremum::Min, unknown(partial), unknown(element)),
        }
    }
}

/// What a reduction of nothing gives.
pub(super) fn neutral(op: ReduceOp) -> f64 {
    match op {
        ReduceOp::Sum => 0.0,
        ReduceOp::Max => f64::NEG_INFINITY,
        ReduceOp::Min => f64::INFINITY,
    }
}
