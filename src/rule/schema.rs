//! The types that conditions and messages are checked against.
//!
//! They are read from the JSON schema of each fact, so the vocabulary is
//! written once: in [`crate::fact`].

use serde_json::{Map, Value};
use std::sync::Arc;

use crate::fact::FactType;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    Int,
    String,
    Null,
    Enum(Arc<Enum>),
    List(Box<Type>),
    Record(Arc<Record>),
    /// What may be absent.
    Optional(Box<Type>),
}

/// A closed set of words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) words: Vec<Word>,
}

/// One word of a closed set.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) doc: String,
}

/// A fact, or a record inside one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) ty: Type,
}

impl Type {
    /// The type without its option.
    pub(crate) fn present(&self) -> &Self {
        match self {
            Self::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether it may be absent.
    pub(crate) fn is_optional(&self) -> bool {
        matches!(self, Self::Optional(_))
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool => f.write_str("a bool"),
            Self::Int => f.write_str("an int"),
            Self::String => f.write_str("a string"),
            Self::Null => f.write_str("null"),
            Self::Enum(words) => write!(f, "a word of {}", words.name),
            Self::List(item) => match &**item {
                Self::Bool => f.write_str("a list of bools"),
                Self::Int => f.write_str("a list of ints"),
                Self::String => f.write_str("a list of strings"),
                Self::Enum(words) => write!(f, "a list of words of {}", words.name),
                _ => f.write_str("a list"),
            },
            Self::Record(_) => f.write_str("a record"),
            Self::Optional(inner) => write!(f, "{inner} that may be absent"),
        }
    }
}

impl Enum {
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().any(|known| known.text == word)
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.text.as_str()).collect()
    }
}

impl Record {
    /// The fields of a fact.
    pub(crate) fn of(fact: FactType) -> Arc<Self> {
        Self::of_schema(&fact.schema())
    }

    /// The fields of a type.
    pub(crate) fn of_schema(schema: &schemars::Schema) -> Arc<Self> {
        let root = schema.as_value();
        let defs = root.get("$defs").and_then(Value::as_object);
        Arc::new(Reader { defs }.record(root))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.fields
            .iter()
            .map(|field| field.name.as_str())
            .collect()
    }
}

/// Reads the subset of JSON schema that facts use.
struct Reader<'a> {
    defs: Option<&'a Map<String, Value>>,
}

impl Reader<'_> {
    fn record(&self, schema: &Value) -> Record {
        let required: Vec<&str> = list(schema, "required")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let field = |(name, property): (&String, &Value)| {
            let ty = self.ty(property, name);
            let ty = if required.contains(&name.as_str()) || ty.is_optional() {
                ty
            } else {
                Type::Optional(Box::new(ty))
            };
            Field {
                name: name.clone(),
                doc: doc(property),
                ty,
            }
        };
        Record {
            doc: doc(schema),
            fields: properties.into_iter().flatten().map(field).collect(),
        }
    }

    /// # Panics
    /// For a construct that no fact uses: a test reads every fact's schema.
    fn ty(&self, schema: &Value, name: &str) -> Type {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let name = target.trim_start_matches("#/$defs/");
            let target = self.defs.and_then(|defs| defs.get(name));
            return self.ty(
                target.expect("a schema refers to its own definitions"),
                name,
            );
        }
        let variants = list(schema, "oneOf");
        if !variants.is_empty() {
            return Type::Enum(Arc::new(Enum {
                name: name.to_owned(),
                words: variants.iter().map(word).collect(),
            }));
        }
        let alternatives = list(schema, "anyOf");
        if let [inner, null] = alternatives
            && null.get("type").and_then(Value::as_str) == Some("null")
        {
            return Type::Optional(Box::new(self.ty(inner, name)));
        }
        match schema.get("type") {
            Some(Value::Array(types)) => {
                let ty = types.iter().find(|ty| ty.as_str() != Some("null"));
                let inner = self.scalar(schema, ty.and_then(Value::as_str), name);
                Type::Optional(Box::new(inner))
            }
            ty => self.scalar(schema, ty.and_then(Value::as_str), name),
        }
    }

    fn scalar(&self, schema: &Value, ty: Option<&str>, name: &str) -> Type {
        match ty {
            Some("boolean") => Type::Bool,
            Some("integer") => Type::Int,
            Some("string") => Type::String,
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                Type::List(Box::new(self.ty(items, name)))
            }
            Some("object") => Type::Record(Arc::new(self.record(schema))),
            other => unreachable!("facts have no field of type {other:?} ({name})"),
        }
    }
}

fn word(variant: &Value) -> Word {
    let text = variant.get("const").and_then(Value::as_str);
    Word {
        text: text.expect("enums of facts have words only").to_owned(),
        doc: doc(variant),
    }
}

/// The doc comment: its first paragraph, on one line.
fn doc(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str);
    let text = text.unwrap_or_default();
    let first = text.split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list<'a>(schema: &'a Value, key: &str) -> &'a [Value] {
    schema
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_fact() {
        for fact in FactType::ALL {
            let record = Record::of(*fact);
            assert!(!record.doc.is_empty(), "{}", fact.name());
            for field in &record.fields {
                assert!(!field.doc.is_empty(), "{}.{}", fact.name(), field.name);
            }
            // Every fact has a place: a file, or a resource.
            let place = ["path", "id", "scope", "subject", "app"];
            assert!(place.iter().any(|name| record.field(name).is_some()));
            assert_eq!(record.field("location"), None);
        }
    }

    #[test]
    fn reads_every_construct() {
        let occurrence = Record::of(FactType::Occurrence);
        let ty = |name: &str| occurrence.field(name).unwrap().ty.clone();
        let Type::Enum(kind) = ty("kind") else {
            panic!("not an enum")
        };
        assert_eq!(kind.texts(), ["master", "system", "function", "unknown"]);
        assert_eq!(ty("host"), Type::Optional(Box::new(Type::String)));
        assert_eq!(ty("fingerprint"), Type::String);
        let Type::Record(caller) = ty("caller") else {
            panic!("not a record")
        };
        assert_eq!(caller.field("supporting").unwrap().ty, Type::Bool);
        let entry = Record::of(FactType::RegisterEntry);
        let ty = |name: &str| entry.field(name).unwrap().ty.to_string();
        assert_eq!(ty("days_since_rotation"), "an int that may be absent");
        assert_eq!(ty("missing"), "a list of strings");
    }
}
