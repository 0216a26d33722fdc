//! Letters and names: which characters a name may have, and the name that is compared.

/// Words that cannot be names.
pub const RESERVED: &[&str] = &[
    "problem", "dim", "const", "param", "var", "let", "minimize", "maximize", "subject", "to", "in", "solve", "with",
    "load", "inf",
];

/// Words that a statement starts with.
pub(crate) const STATEMENT_WORDS: &[&str] =
    &["dim", "const", "param", "var", "let", "minimize", "maximize", "subject", "solve"];

/// The Greek letters in their usual spelling, with their words. Small letters come first.
const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('ο', "omicron"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Α', "Alpha"),
    ('Β', "Beta"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('Ε', "Epsilon"),
    ('Ζ', "Zeta"),
    ('Η', "Eta"),
    ('Θ', "Theta"),
    ('Ι', "Iota"),
    ('Κ', "Kappa"),
    ('Λ', "Lambda"),
    ('Μ', "Mu"),
    ('Ν', "Nu"),
    ('Ξ', "Xi"),
    ('Ο', "Omicron"),
    ('Π', "Pi"),
    ('Ρ', "Rho"),
    ('Σ', "Sigma"),
    ('Τ', "Tau"),
    ('Υ', "Upsilon"),
    ('Φ', "Phi"),
    ('Χ', "Chi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
];

/// Greek capitals that look like Latin letters, and the small omicron: never written in place of their word.
const LIKE_LATIN: &str = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";

/// The usual spelling of a variant letter: the micro sign, `ϵ`, `ϕ`, the final sigma and their like.
fn fold(letter: char) -> char {
    match letter {
        '\u{B5}' => 'μ',
        'ϵ' => 'ε',
        'ϕ' => 'φ',
        'ς' => 'σ',
        'ϐ' => 'β',
        'ϑ' => 'θ',
        'ϖ' => 'π',
        'ϰ' => 'κ',
        'ϱ' => 'ρ',
        'ϴ' => 'Θ',
        'ϒ' => 'Υ',
        '\u{2126}' => 'Ω',
        other => other,
    }
}

/// The word of a Greek letter.
fn greek_word(letter: char) -> Option<&'static str> {
    let letter = fold(letter);
    GREEK.iter().find(|(greek, _)| *greek == letter).map(|(_, word)| *word)
}

/// Whether a name may start with this character: a Latin or Greek letter.
pub fn is_letter(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Ḁ'..='ỿ')
        || matches!(c, 'α'..='ω' | 'Α'..='Ρ' | 'Σ'..='Ω')
        || fold(c) != c
}

/// Whether a name may go on with this character: a letter, a digit, `_` or a subscript digit.
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_digit() || c == '_' || subscript_digit(c).is_some() || is_letter(c)
}

/// The digit of a subscript digit.
pub(crate) fn subscript_digit(c: char) -> Option<char> {
    match c {
        '₀'..='₉' => char::from_digit(u32::from(c) - u32::from('₀'), 10),
        _ => None,
    }
}

/// The digit of a superscript digit, `-` of a superscript minus.
pub(crate) fn superscript_digit(c: char) -> Option<char> {
    match c {
        '⁰' => Some('0'),
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        '⁴'..='⁹' => char::from_digit(u32::from(c) - u32::from('⁰'), 10),
        '⁻' => Some('-'),
        _ => None,
    }
}

/// The superscript form of a digit.
pub(crate) fn superscript(digit: char) -> Option<char> {
    match digit {
        '1' => Some('¹'),
        '2' => Some('²'),
        '3' => Some('³'),
        '0' | '4'..='9' => char::from_u32(u32::from('⁰') + u32::from(digit) - u32::from('0')),
        _ => None,
    }
}

/// The name that is compared: Greek letters as their words, subscript digits as digits.
///
/// ```
/// # use sparsec_syntax::names::canonical;
/// assert_eq!(canonical("λ₁"), "lambda1");
/// assert_eq!(canonical("Σ"), "Sigma");
/// assert_eq!(canonical("ϵ"), canonical("epsilon"));
/// ```
pub fn canonical(name: &str) -> String {
    let mut word = String::with_capacity(name.len());
    for c in name.chars() {
        match (greek_word(c), subscript_digit(c)) {
            (Some(greek), _) => word.push_str(greek),
            (_, Some(digit)) => word.push(digit),
            _ => word.push(c),
        }
    }
    word
}

/// The name in Unicode where that is unambiguous: the whole name is the word of one Greek letter, perhaps with digits
/// behind it (`lambda` is `λ`, `lambda1` is `λ₁`). Capitals that look like Latin ones keep their word.
pub fn unicode(name: &str) -> String {
    let canonical = canonical(name);
    let word = canonical.trim_end_matches(|c: char| c.is_ascii_digit());
    let Some((letter, _)) = GREEK.iter().find(|(_, greek)| *greek == word) else {
        return name.to_owned();
    };
    if LIKE_LATIN.contains(*letter) {
        return name.to_owned();
    }
    let digits = canonical[word.len()..].chars().filter_map(|digit| char::from_u32(u32::from(digit) + 0x2050));
    core::iter::once(*letter).chain(digits).collect()
}

/// The Latin or Greek letter that a letter of another script (or a styled one) can be taken for.
pub(crate) fn look_alike(c: char) -> Option<char> {
    let pairs = [
        ("аеосрхуіјѕһԁԛԝӏв", "aeocpxyijshdqwlb"),
        ("АВЕКМНОРСТХУІЈЅԌԚԜ", "ABEKMHOPCTXYIJSGQW"),
        ("օոսաԁցհ", "onuwdgh"),
        ("ℓℎℯℊℴℂℝℕℤℚℙℒℱℋℐℬℰℳℛ", "lhegoCRNZQPLFHIBEMR"),
    ];
    for (foreign, latin) in pairs {
        if let Some(letter) = foreign.chars().zip(latin.chars()).find(|(f, _)| *f == c) {
            return Some(letter.1);
        }
    }
    let code = u32::from(c);
    match code {
        // Mathematical alphanumerics: thirteen styles of the Latin alphabet, then five of the Greek one.
        0x1D400..=0x1D6A3 => {
            let place = (code - 0x1D400) % 52;
            char::from_u32(if place < 26 { 65 + place } else { 97 + place - 26 })
        }
        0x1D6A8..=0x1D7C9 => {
            let place = (code - 0x1D6A8) % 58;
            match place {
                0..=24 => char::from_u32(0x391 + place),
                26..=50 => char::from_u32(0x3B1 + place - 26),
                _ => None,
            }
        }
        0xFF21..=0xFF3A | 0xFF41..=0xFF5A => char::from_u32(code - 0xFEE0),
        _ => None,
    }
}

/// The number of edits that turn one word into another; small words need few, so this is the plain table.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last = None;
    for (i, ca) in a.chars().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, cb) in b.iter().enumerate() {
            let mut cost = (previous[j] + usize::from(ca != *cb)).min(previous[j + 1] + 1).min(row[j] + 1);
            // Two letters in the wrong order are one slip of the fingers.
            if j > 0 && last == Some(*cb) && b[j - 1] == ca && !before.is_empty() {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = core::mem::replace(&mut previous, row);
        last = Some(ca);
    }
    previous[b.len()]
}

/// The candidate that is nearest to a misspelled word, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > 64 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(edits, candidate)| *edits * 3 <= length.max(candidate.chars().count()))
        .min_by_key(|(edits, candidate)| (*edits, *candidate))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greek_letters_and_their_words_are_one_name() {
        assert_eq!(canonical("λ"), "lambda");
        assert_eq!(canonical("λ₁₂"), "lambda12");
        assert_eq!(canonical("x₁"), "x1");
        assert_eq!(canonical("\u{B5}ϵϕς"), "muepsilonphisigma");
        for (letter, word) in GREEK {
            assert!(is_letter(*letter));
            assert_eq!(canonical(&letter.to_string()), *word);
            assert_eq!(canonical(&unicode(word)), *word);
        }
    }

    #[test]
    fn a_word_becomes_a_letter_only_where_nothing_else_could_be_meant() {
        assert_eq!(unicode("lambda"), "λ");
        assert_eq!(unicode("lambda1"), "λ₁");
        assert_eq!(unicode("Sigma"), "Σ");
        assert_eq!(unicode("Alpha"), "Alpha");
        assert_eq!(unicode("lambda_max"), "lambda_max");
        assert_eq!(unicode("x1"), "x1");
    }

    #[test]
    fn misspelled_words_find_their_neighbour() {
        assert_eq!(nearest("minimise", STATEMENT_WORDS.iter().copied()), Some("minimize"));
        assert_eq!(nearest("pram", STATEMENT_WORDS.iter().copied()), Some("param"));
        assert_eq!(nearest("lambad", ["lambda", "y", "D"]), Some("lambda"));
        assert_eq!(nearest("q", ["x", "y"]), None);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn look_alikes_are_known() {
        assert_eq!(look_alike('х'), Some('x'));
        assert_eq!(look_alike('𝐱'), Some('x'));
        assert_eq!(look_alike('𝛌'), Some('λ'));
        assert_eq!(look_alike('Ｘ'), Some('X'));
        assert_eq!(look_alike('ж'), None);
    }
}
