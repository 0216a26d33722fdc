//! Choosing the algorithm and reading its options.

use crate::algorithms::{self, Algorithm, Problem};
use crate::composite::Composite;
use crate::lower::metric::Metric;
use crate::model::{Method, MethodOption, Model, OptionValue};
use sparsec_program::solver::Claim;
use sparsec_syntax::diagnostic::Diagnostic;
use sparsec_syntax::diagnostics::{E0404, E0405, E0901};
use sparsec_syntax::span::Span;

/// How a problem will be solved.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The algorithm.
    pub algorithm: &'static dyn Algorithm,
    /// Its options.
    pub options: Options,
    /// Why it was chosen.
    pub because: String,
    /// Tolerance, if the text or the caller gives one.
    pub tol: Option<f64>,
    /// Iteration limit.
    pub max_iter: u64,
    /// Steps between two measurements.
    pub check_every: u64,
    /// Exactly `max_iter` steps.
    pub exact_steps: bool,
    /// The best claim that can be made.
    pub claim: Claim,
}

/// Options of all algorithms; each reads its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Fixed step γ; 1/L unless given.
    pub step: Option<f64>,
    /// Step by backtracking from a guess.
    pub backtracking: bool,
    /// Momentum of `fista`.
    pub momentum: Momentum,
    /// Restart of `fista`.
    pub restart: Restart,
    /// Metric of `fista`; diagonal where the columns' units differ unless given.
    pub metric: Option<Metric>,
    /// Number of layers.
    pub layers: Option<u64>,
    /// Layers follow the homotopy's schedule from λmax.
    pub from_lambda_max: bool,
    /// A shrinkage in the prox's place.
    pub shrink: Option<Shrink>,
    /// Go on with the exact solver after the layers.
    pub fallback: bool,
}

/// Momentum of `fista`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Momentum {
    /// (k − 1)/(k + 2)
    Seed,
    /// (t_k − 1)/t_{k+1}, t_{k+1} = (1 + √(1 + 4 t_k²))/2
    #[default]
    Nesterov,
}

/// When `fista` forgets its momentum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Never.
    None,
    /// When the objective rises.
    Function,
    /// When the step goes against the momentum.
    #[default]
    Gradient,
}

/// Another shrinkage than the prox.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shrink {
    /// x / (1 + exp(−τ(|x| − t)))
    SigShrink(f64),
}

/// What the caller may give besides the text; it wins over the text.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Algorithm; without options it keeps those of the text, where that names the same one.
    pub algorithm: Option<Method>,
    /// Tolerance.
    pub tol: Option<f64>,
    /// Iteration limit.
    pub max_iter: Option<u64>,
}

/// Plans the solution of a problem.
pub fn plan(model: &Model, form: &Composite, overrides: &Overrides) -> Result<Plan, Vec<Diagnostic>> {
    let problem = Problem { model, form };
    let from_text = model.method.as_ref();
    let given = overrides.algorithm.as_ref().or(from_text).map_or("auto", |m| m.name.as_str());
    let ours = overrides.algorithm.is_some();
    // Options in the text belong to the algorithm in the text.
    let asked = overrides.algorithm.as_ref().filter(|m| !m.options.is_empty());
    let options_from = asked.or(from_text.filter(|m| !ours || m.name == given));
    // The places of the caller's options are not in the text.
    let placed = |errors: Vec<Diagnostic>| match asked {
        Some(_) => errors.into_iter().map(|d| Diagnostic { code: E0901, labels: Vec::new(), ..d }).collect(),
        None => errors,
    };
    let (common, mut options) = (Common::read(options_from).map_err(placed)?, Options::default());
    let (algorithm, because) = if given == "auto" {
        auto(problem)?
    } else {
        let place = (!ours).then(|| from_text.map(|m| m.span)).flatten();
        let algorithm = algorithms::find(given).ok_or_else(|| vec![unknown(given, place)])?;
        if let Some(m) = options_from {
            options = read(algorithm, m).map_err(placed)?;
        }
        algorithm.fits(problem, &options).map_err(|why| {
            let message = format!("{given} does not fit this problem: {why}");
            let help = match why.starts_with("it needs `layers`") {
                true if ours => {
                    format!("ask for `{given}(layers = 30)`, or write `solve with {given}(layers = 30)` in the problem")
                }
                true => format!("write `solve with {given}(layers = 30)`"),
                false => "`solve with auto` chooses an algorithm that fits".to_owned(),
            };
            let d = Diagnostic::new(E0404, message).help(help);
            vec![match place {
                Some(span) => d.label(span, "asked for here"),
                None => d,
            }]
        })?;
        let by = if ours { "asked for by the caller" } else { "asked for in the text" };
        (algorithm, by.to_owned())
    };
    let ending = algorithm.ending(&options);
    let max_iter = overrides.max_iter.or(common.max_iter).unwrap_or(ending.max_iter);
    Ok(Plan {
        algorithm,
        because,
        tol: overrides.tol.or(common.tol),
        max_iter: ending.exact_steps.unwrap_or(max_iter),
        check_every: ending.check_every,
        exact_steps: ending.exact_steps.is_some(),
        claim: if options.shrink.is_some() { Claim::Approximate } else { ending.claim },
        options,
    })
}

fn auto(problem: Problem<'_>) -> Result<(&'static dyn Algorithm, String), Vec<Diagnostic>> {
    let options = Options::default();
    if algorithms::closed_form::ClosedForm.chosen_by_auto(problem) {
        let because = algorithms::closed_form::ClosedForm.iteration(problem, &options);
        return Ok((&algorithms::closed_form::ClosedForm, because));
    }
    let conjugate: &'static dyn Algorithm = &algorithms::conjugate_gradient::ConjugateGradient;
    if conjugate.fits(problem, &options).is_ok() {
        return Ok((conjugate, "a quadratic without penalties or sets, beyond a closed form".to_owned()));
    }
    let fista: &'static dyn Algorithm = &algorithms::fista::Fista;
    fista.fits(problem, &options).map_err(|why| vec![Diagnostic::new(E0404, format!("no algorithm fits: {why}"))])?;
    Ok((fista, "a smooth part with a gradient and a rest with a prox, and no closed form".to_owned()))
}

fn unknown(name: &str, place: Option<Span>) -> Diagnostic {
    let names: Vec<&str> = algorithms::ALGORITHMS.iter().map(|a| a.name()).collect();
    let later = ["newton", "active_set", "cd", "working_set", "admm", "pdhg", "condat_vu", "davis_yin", "frank_wolfe"];
    let message = if later.contains(&name) {
        format!("{name} is not available in this version")
    } else {
        format!("there is no algorithm called {name}")
    };
    let help = format!("algorithms are auto, {}", names.join(", "));
    match place {
        Some(span) => Diagnostic::new(E0405, message).label(span, "this one").help(help),
        None => Diagnostic::new(E0901, message).help(help),
    }
}

/// Options that every algorithm takes.
#[derive(Default)]
struct Common {
    tol: Option<f64>,
    max_iter: Option<u64>,
}

impl Common {
    fn read(method: Option<&Method>) -> Result<Self, Vec<Diagnostic>> {
        let mut common = Common::default();
        let mut errors = Vec::new();
        for o in method.map_or(&[][..], |m| &m.options) {
            match (o.name.as_str(), &o.value) {
                ("tol", OptionValue::Number(v)) if *v >= 0.0 && v.is_finite() => common.tol = Some(*v),
                ("tol", _) => errors.push(bad(o, "a nonnegative number")),
                ("max_iter", v) => match whole(v) {
                    Some(k) => common.max_iter = Some(k),
                    None => errors.push(bad(o, "a whole number")),
                },
                _ => {}
            }
        }
        if errors.is_empty() { Ok(common) } else { Err(errors) }
    }
}

fn whole(v: &OptionValue) -> Option<u64> {
    match v {
        OptionValue::Number(v) if *v >= 0.0 && v.fract() == 0.0 && *v <= 1e15 => Some(*v as u64),
        _ => None,
    }
}

fn bad(o: &MethodOption, want: &str) -> Diagnostic {
    Diagnostic::new(E0405, format!("{} must be {want}", o.name)).label(o.span, "this value")
}

/// Reads the options of an algorithm.
fn read(algorithm: &'static dyn Algorithm, method: &Method) -> Result<Options, Vec<Diagnostic>> {
    let mut options = Options::default();
    let mut errors = Vec::new();
    for o in &method.options {
        let name = o.name.as_str();
        if matches!(name, "tol" | "max_iter") {
            continue;
        }
        if !algorithm.options().contains(&name) {
            let mut known = vec!["tol", "max_iter"];
            known.extend(algorithm.options());
            let message = format!("{} has no option {name}", algorithm.name());
            let help = format!("its options are {}", known.join(", "));
            errors.push(Diagnostic::new(E0405, message).label(o.span, "this option").help(help));
            continue;
        }
        if let Err(want) = set(&mut options, name, &o.value) {
            errors.push(bad(o, want));
        }
    }
    if errors.is_empty() { Ok(options) } else { Err(errors) }
}

fn set(options: &mut Options, name: &str, value: &OptionValue) -> Result<(), &'static str> {
    let word = match value {
        OptionValue::Word(w) => w.as_str(),
        _ => "",
    };
    match name {
        "step" => match value {
            OptionValue::Number(v) if *v > 0.0 && v.is_finite() => options.step = Some(*v),
            OptionValue::Word(w) if w == "backtracking" => options.backtracking = true,
            _ => return Err("a positive number or backtracking"),
        },
        "momentum" => {
            options.momentum = match word {
                "seed" => Momentum::Seed,
                "nesterov" => Momentum::Nesterov,
                _ => return Err("seed or nesterov"),
            }
        }
        "restart" => {
            options.restart = match word {
                "none" => Restart::None,
                "function" => Restart::Function,
                "gradient" => Restart::Gradient,
                _ => return Err("none, function or gradient"),
            }
        }
        "metric" => {
            options.metric = Some(match word {
                "identity" => Metric::Identity,
                "diagonal" => Metric::Diagonal,
                _ => return Err("identity or diagonal"),
            })
        }
        "layers" => match whole(value) {
            Some(k) if (1..=1_000_000).contains(&k) => options.layers = Some(k),
            _ => return Err("a whole number from 1 to 1000000"),
        },
        "from" => match word {
            "lambda_max" => options.from_lambda_max = true,
            _ => return Err("lambda_max"),
        },
        "shrink" => match value {
            OptionValue::Call(f, args) if f == "sigshrink" && args.len() == 1 && args[0] > 0.0 => {
                options.shrink = Some(Shrink::SigShrink(args[0]));
            }
            OptionValue::Word(w) if w == "soft" => options.shrink = None,
            _ => {
                return Err("soft or sigshrink(tau) with tau > 0 (other shrinkages are not available in this version)");
            }
        },
        "fallback" => match word {
            "true" => options.fallback = true,
            "false" => options.fallback = false,
            _ => return Err("true or false"),
        },
        _ => return Err("left out in this version"),
    }
    Ok(())
}
