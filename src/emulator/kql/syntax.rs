//! A query as its text has it: names and types are not looked at yet.

use crate::emulator::kql::value::{Type, Value};

/// A whole query.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::emulator) struct Query {
    /// What `let` names, in order.
    pub(super) lets: Vec<(String, Let)>,
    pub(super) body: Tabular,
    /// Whether its text has comments.
    pub(in crate::emulator) comments: bool,
}

/// What a `let` gives a name to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Let {
    Scalar(Expr),
    Table(Tabular),
}

/// A source of rows, and what is done with them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tabular {
    pub(super) source: Source,
    pub(super) operators: Vec<Operator>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    Table(String),
    /// A stored function, of which there are none.
    Function(String),
    Pipeline(Box<Tabular>),
    Union(Union),
    Print(Vec<Named>),
    Data {
        columns: Vec<(String, Type)>,
        values: Vec<Expr>,
    },
    Search {
        tables: Vec<String>,
        condition: Box<Expr>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Union {
    /// Only the columns that all have, instead of those that any has.
    pub(super) inner: bool,
    /// Whether tables that there are not are passed over.
    pub(super) fuzzy: bool,
    /// The column that says which table a row is from.
    pub(super) with_source: Option<String>,
    /// A name may end in `*`.
    pub(super) tables: Vec<Tabular>,
}

/// An expression, perhaps with a name for its column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    pub(super) name: Option<String>,
    pub(super) expr: Expr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    LeftAnti,
    RightSemi,
    RightAnti,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) expr: Expr,
    pub(super) descending: bool,
    pub(super) nulls_first: Option<bool>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operator {
    Where(Expr),
    Project(Vec<Named>),
    /// Patterns: a name, perhaps with `*`.
    ProjectAway(Vec<String>),
    ProjectKeep(Vec<String>),
    ProjectReorder(Vec<String>),
    ProjectRename(Vec<(String, String)>),
    Extend(Vec<Named>),
    Distinct(Vec<Named>),
    Take(Expr),
    Top(Expr, Vec<Order>),
    Sort(Vec<Order>),
    Count(Option<String>),
    Summarize {
        aggregates: Vec<Named>,
        by: Vec<Named>,
    },
    Join {
        kind: JoinKind,
        lookup: bool,
        right: Box<Tabular>,
        on: Vec<Expr>,
    },
    Union(Union),
    Expand(Vec<(Named, Option<Type>)>),
    Search(Expr),
    Schema,
    /// `serialize` and the like, which change no row.
    Nothing,
}

impl Operator {
    /// The name that errors give it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Where(_) => "where",
            Self::Project(_) => "project",
            Self::ProjectAway(_) => "project-away",
            Self::ProjectKeep(_) => "project-keep",
            Self::ProjectReorder(_) => "project-reorder",
            Self::ProjectRename(_) => "project-rename",
            Self::Extend(_) => "extend",
            Self::Distinct(_) => "distinct",
            Self::Take(_) => "take",
            Self::Top(..) => "top",
            Self::Sort(_) => "sort",
            Self::Count(_) => "count",
            Self::Summarize { .. } => "summarize",
            Self::Join { lookup: true, .. } => "lookup",
            Self::Join { .. } => "join",
            Self::Union(_) => "union",
            Self::Expand(_) => "mv-expand",
            Self::Search(_) => "search",
            Self::Schema => "getschema",
            Self::Nothing => "serialize",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// How a text is looked for in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Find {
    /// As a whole: `=~`.
    Whole,
    /// As a term: `has`.
    Term,
    /// As the beginning of a term.
    TermPrefix,
    /// As the end of a term.
    TermSuffix,
    /// Anywhere.
    Within,
    Prefix,
    Suffix,
    Regex,
}

/// How a text operator looks, and whether it is true where nothing is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) find: Find,
    /// Whether letter case counts.
    pub(super) cased: bool,
    pub(super) negated: bool,
}

/// What is asked of a value and a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// It equals one of them; whether letter case counts, and whether it must equal none instead.
    In {
        cased: bool,
        negated: bool,
    },
    HasAny,
    HasAll,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Items {
    Exprs(Vec<Expr>),
    Table(Box<Tabular>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Literal(Value, Type),
    Name(String),
    /// All columns: as an argument, or as what `search` looks through.
    Star,
    Negative(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
    Binary(Binary, Box<Self>, Box<Self>),
    Text(Test, Box<Self>, Box<Self>),
    Among(Among, Box<Self>, Items),
    Between {
        negated: bool,
        of: Box<Self>,
        low: Box<Self>,
        high: Box<Self>,
    },
    Call(String, Vec<Self>),
    Member(Box<Self>, Box<Self>),
    ToScalar(Box<Tabular>),
}
