//! The words of a value, and those that describe a key rather than being one.

/// The words of a value: parted by punctuation and by a capital after a
/// small letter.
pub(super) fn words_of(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|b| !b.is_ascii_alphanumeric())
        .flat_map(|part| {
            let mut cuts = vec![0];
            cuts.extend(
                (1..part.len())
                    .filter(|&i| part[i].is_ascii_uppercase() && part[i - 1].is_ascii_lowercase()),
            );
            cuts.push(part.len());
            cuts.windows(2)
                .map(|cut| &part[cut[0]..cut[1]])
                .collect::<Vec<_>>()
        })
        .filter(|word| !word.is_empty())
}

/// Whether a word describes a key, or is made of words that do.
pub(super) fn is_generic(word: &[u8]) -> bool {
    let lower = word.to_ascii_lowercase();
    std::str::from_utf8(&lower).is_ok_and(made_of)
}

/// In the order of the alphabet.
const GENERIC: &str = "
    a abc accept access add admin age agent allow anonymous api apikey apim app auth
    authentication authorization az azure base basic bearer by cache client code config
    content control cookie correlation credential credentials csrf custom date default
    demo dev development disposition empty encoding env environment existing expose
    false fn for forwarded frame func function functionapp functionkey functionkeys
    functions generated get header headers host hostkey http id if in input ip is key
    keyname keys keyvalue language length level literal local localhost management
    master masterkey match max me method methods modified ms my mykey name new nil none
    null number object ocp of old option optional options or origin param parameter pass
    password powered prod production query range real req request requested required
    resource response secret secrets security send server service session shared since
    some staging strict string subscription subscriptionkey system systemkey tenant test
    testing tests the this to token trace traceparent transport trigger true type
    undefined unset upgrade url user username val value values var variable version
    webhook with x y z
";

/// Whether a word is one of the words, or several of them in a row.
fn made_of(word: &str) -> bool {
    let mut generic = GENERIC.split_ascii_whitespace();
    generic.any(|first| {
        let rest = word.strip_prefix(first);
        rest.is_some_and(|rest| {
            rest.is_empty() || (first.len() > 2 && rest.len() > 1 && made_of(rest))
        })
    })
}
