//! Templates of every dialect in one shape: what is declared in one scope.
//!
//! A Bicep file and an ARM template are a scope each, a directory of Terraform
//! is one.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::fact::Dialect;
use crate::read::structured::Source;
use crate::syntax::expression::Expr;

/// A scope.
pub(crate) struct Unit {
    pub(super) dialect: Dialect,
    /// The file, or the directory of Terraform.
    pub(super) path: String,
    /// What expressions can name.
    symbols: HashMap<String, Symbol>,
    pub(super) values: Vec<Value>,
    pub(super) params: Vec<Param>,
    pub(super) resources: Vec<Resource>,
    pub(super) modules: Vec<Module>,
    pub(super) outputs: Vec<Output>,
    /// A nested template whose expressions are those of the template around it.
    pub(super) outer: bool,
    /// Functions that a Bicep file declares.
    pub(super) functions: HashMap<String, Function>,
    /// A file of parameters: all it does is to deploy a template with them.
    pub(super) parameters: bool,
}

/// A function, and what it gives.
pub(super) struct Function {
    pub(super) source: Arc<Source>,
    pub(super) params: Vec<String>,
    pub(super) body: Expr,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbol {
    Value(usize),
    Param(usize),
    Resource(usize),
    Module(usize),
}

/// `var`, `locals`, `variables`.
pub(super) struct Value {
    pub(super) source: Arc<Source>,
    pub(super) value: Expr,
}

/// A parameter, a variable of Terraform.
pub(super) struct Param {
    pub(super) source: Arc<Source>,
    pub(super) name: String,
    pub(super) default: Option<Expr>,
}

/// A resource.
pub(super) struct Resource {
    pub(super) source: Arc<Source>,
    /// Its type in lower case, without version; `data.` before it where it is
    /// only read.
    pub(super) kind: String,
    /// Whether the template only refers to it.
    pub(super) existing: bool,
    /// The resource around it.
    pub(super) parent: Option<usize>,
    pub(super) body: Expr,
    pub(super) each: Option<Each>,
}

/// What a declaration is made for each of.
pub(super) struct Each {
    /// The names that tell one from another.
    pub(super) names: Vec<String>,
    /// A list or an object, or the number of them.
    pub(super) items: Expr,
}

/// A template that this one deploys.
pub(super) struct Module {
    pub(super) source: Arc<Source>,
    /// What it is called in expressions.
    pub(super) name: String,
    pub(super) target: Target,
    /// The inputs: an object.
    pub(super) inputs: Expr,
    pub(super) body: Expr,
    pub(super) each: Option<Each>,
}

/// Where a module's template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// At a path: the file, or the directory of Terraform.
    Path(String),
    /// In the document itself: the n-th scope that was made of it.
    Inline(usize),
    /// In a registry or behind an address.
    Elsewhere(String),
}

/// An output.
pub(super) struct Output {
    pub(super) source: Arc<Source>,
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) value: Expr,
    /// Whether it is declared to be secret.
    pub(super) secret: bool,
    /// What would declare it so.
    pub(super) remedy: Option<(Range<usize>, String)>,
}

impl Unit {
    pub(super) fn new(dialect: Dialect, path: String) -> Self {
        Self {
            dialect,
            path,
            symbols: HashMap::new(),
            values: Vec::new(),
            params: Vec::new(),
            resources: Vec::new(),
            modules: Vec::new(),
            outputs: Vec::new(),
            outer: false,
            functions: HashMap::new(),
            parameters: false,
        }
    }

    pub(super) fn symbol(&self, name: &str) -> Option<Symbol> {
        self.symbols.get(name).copied()
    }

    pub(super) fn add_value(&mut self, name: String, value: Value) {
        self.symbols.insert(name, Symbol::Value(self.values.len()));
        self.values.push(value);
    }

    pub(super) fn add_param(&mut self, name: String, param: Param) {
        self.symbols.insert(name, Symbol::Param(self.params.len()));
        self.params.push(param);
    }

    /// A resource, with a name if expressions can name it; its number.
    pub(super) fn add_resource(&mut self, name: Option<String>, resource: Resource) -> usize {
        let number = self.resources.len();
        if let Some(name) = name {
            self.symbols.insert(name, Symbol::Resource(number));
        }
        self.resources.push(resource);
        number
    }

    /// A file of parameters for a template.
    pub(super) fn of_parameters(
        source: &Arc<Source>,
        dialect: Dialect,
        target: Target,
        inputs: Expr,
    ) -> Self {
        let mut unit = Self::new(dialect, source.path.clone());
        unit.parameters = true;
        let module = Module {
            source: Arc::clone(source),
            name: String::new(),
            target,
            body: inputs.clone(),
            inputs,
            each: None,
        };
        unit.add_module(String::new(), module);
        unit
    }

    pub(super) fn add_module(&mut self, name: String, module: Module) {
        self.symbols
            .insert(name, Symbol::Module(self.modules.len()));
        self.modules.push(module);
    }
}
