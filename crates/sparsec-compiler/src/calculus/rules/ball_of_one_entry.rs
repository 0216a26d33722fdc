//! Of a single entry every ball is an interval: |y − c| ≤ r is c − r ≤ y ≤ c + r, and goes with more than a ball does.
//!
//! - Condition: the vectors of the ball have one entry

use super::SumRule;
use crate::calculus::sets::ball1::Ball1;
use crate::calculus::sets::ball2::Ball2;
use crate::calculus::sets::bounds::Bounds;
use crate::calculus::{Argument, Atom, Proxable, Use, head};
use crate::expr;
use std::sync::Arc;

pub struct BallOfOneEntry;

impl SumRule for BallOfOneEntry {
    fn name(&self) -> &'static str {
        "ball of one entry"
    }
    fn doc(&self) -> String {
        head(include_str!("ball_of_one_entry.rs"))
    }
    fn source(&self) -> &'static str {
        "elementary"
    }
    fn alone(&self, atom: &Atom) -> Option<Atom> {
        let l1 = atom.rule.is::<Ball1>().map(|b| &b.radius);
        let radius = l1.or_else(|| atom.rule.is::<Ball2>().map(|b| &b.radius))?;
        let argument = &atom.argument;
        if atom.at.layout.len() != 1 || argument.factor != 1.0 || !argument.turn.is_empty() {
            return None;
        }
        let interval = Bounds { lower: expr::negate(radius.clone()), upper: radius.clone() };
        let moved = argument.shift.as_ref().and_then(|c| Proxable::shifted(&interval, c));
        let at = Use { layout: atom.at.layout.flat(), ..atom.at.clone() };
        Some(Atom { rule: moved.unwrap_or_else(|| Arc::new(interval)), at, argument: Argument::itself() })
    }
}
