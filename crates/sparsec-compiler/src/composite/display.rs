//! The composite form in text, for `emit composite`.

use super::Composite;
use std::fmt;

impl fmt::Display for Composite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "v = {} entries", self.len)?;
        for b in &self.blocks {
            writeln!(f, "  {}: v[{}..{}]", b.text, b.offset, b.offset + b.len)?;
        }
        writeln!(f, "smooth")?;
        for t in &self.smooth {
            let centred = if t.centred.is_some() { "  (centred on its block)" } else { "" };
            writeln!(f, "  {}{centred}", t.at.text)?;
        }
        if !self.linear.is_empty() {
            writeln!(f, "linear\n  {} {}", self.linear.len(), if self.linear.len() == 1 { "term" } else { "terms" })?;
        }
        writeln!(f, "blocks")?;
        for b in &self.blocks {
            for a in &b.sum.steps {
                writeln!(f, "  {}: {}  [{}]", b.text, a.at.text, a.rule.name())?;
            }
            if b.sum.steps.is_empty() {
                writeln!(f, "  {}: free", b.text)?;
            }
            for c in &b.sum.constants {
                writeln!(f, "  {}: dropped, {}", b.text, c.because)?;
            }
            for (rule, what) in &b.sum.applied {
                writeln!(f, "    by {rule}: {what}")?;
            }
        }
        for c in &self.constants {
            writeln!(f, "constant\n  {}", self.names.expr(c))?;
        }
        Ok(())
    }
}
