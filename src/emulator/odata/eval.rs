//! What an expression is worth on a row.
//!
//! Logic is three-valued: a comparison with null is false (two nulls are equal), `not null` is null, and a row passes a
//! filter only where it is true.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::emulator::odata::{
    expr::{Expr, Operator, Quantity},
    schema::{Path, Row},
    value::Value,
    wire,
};

/// Whether `row` passes a filter.
pub(in crate::emulator) fn passes(filter: &Expr, row: &dyn Row) -> bool {
    value(filter, row) == Value::Bool(true)
}

/// What `expr` is worth on `row`.
pub(in crate::emulator) fn value(expr: &Expr, row: &dyn Row) -> Value {
    Scope { row, member: None }.value(expr)
}

/// What an expression can name: the row, and the member of a collection that a lambda looks at.
#[derive(Clone, Copy)]
struct Scope<'a> {
    row: &'a dyn Row,
    member: Option<&'a Json>,
}

impl Scope<'_> {
    fn value(self, expr: &Expr) -> Value {
        match expr {
            Expr::Literal(literal) => literal.clone(),
            Expr::Property(column) => self.row.value(*column),
            Expr::Path(path) => self.row.at(path),
            Expr::Member(path) => {
                let found = self.member.and_then(|member| wire::below(member, &path.names));
                found.map_or(Value::Null, |json| wire::value(json, path.of))
            }
            Expr::Not(inner) => match self.value(inner) {
                Value::Bool(holds) => Value::Bool(!holds),
                _ => Value::Null,
            },
            Expr::Negative(inner) => match self.value(inner) {
                Value::Int(number) => Value::Int(number.wrapping_neg()),
                Value::Real(number) => Value::Real(-number),
                _ => Value::Null,
            },
            Expr::Binary(Operator::And, left, right) => self.logic(left, right, false),
            Expr::Binary(Operator::Or, left, right) => self.logic(left, right, true),
            Expr::Binary(operator, left, right) => binary(*operator, &self.value(left), &self.value(right)),
            Expr::In(left, items) => {
                let left = self.value(left);
                Value::Bool(items.iter().any(|item| equal(&left, &self.value(item))))
            }
            Expr::Among(left, sorted) => Value::Bool(is_among(&self.value(left), sorted)),
            Expr::Lambda(quantity, path, body) => Value::Bool(self.lambda(*quantity, path, body.as_deref())),
            Expr::Call(function, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(|argument| self.value(argument)).collect();
                function.of(&arguments)
            }
        }
    }

    /// `and` and `or`: one operand that is `decisive` settles it, whatever the other is.
    fn logic(self, left: &Expr, right: &Expr, decisive: bool) -> Value {
        let left = self.value(left);
        if left == Value::Bool(decisive) {
            return left;
        }
        let right = self.value(right);
        if right == Value::Bool(decisive) {
            return right;
        }
        if left == Value::Null || right == Value::Null { Value::Null } else { Value::Bool(!decisive) }
    }

    /// `any` of nothing is false, `all` of nothing is true.
    fn lambda(self, quantity: Quantity, path: &Path, body: Option<&Expr>) -> bool {
        let holds = |member| {
            let scope = Scope { member: Some(member), ..self };
            body.is_none_or(|body| scope.value(body) == Value::Bool(true))
        };
        let mut items = self.row.items(path).iter();
        match quantity {
            Quantity::Any => items.any(holds),
            Quantity::All => items.all(holds),
        }
    }
}

/// Whether a value is one of those that are `sorted`.
fn is_among(value: &Value, sorted: &[Value]) -> bool {
    if matches!(value, Value::Real(number) if number.is_nan()) {
        return false;
    }
    let first = sorted.partition_point(|item| item.sorts_beside(value).is_lt());
    let mut beside = sorted[first..].iter().take_while(|item| item.sorts_beside(value).is_eq());
    beside.any(|item| equal(item, value))
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (left, right) => left.compare(right) == Some(Ordering::Equal),
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Value {
    let ordered = |holds: fn(Ordering) -> bool| Value::Bool(left.compare(right).is_some_and(holds));
    match operator {
        Operator::Eq => Value::Bool(equal(left, right)),
        Operator::Ne => Value::Bool(!equal(left, right)),
        Operator::Gt => ordered(Ordering::is_gt),
        Operator::Ge => ordered(Ordering::is_ge),
        Operator::Lt => ordered(Ordering::is_lt),
        Operator::Le => ordered(Ordering::is_le),
        _ => arithmetic(operator, left, right).unwrap_or(Value::Null),
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        return match operator {
            Operator::Add => left.checked_add(*right),
            Operator::Sub => left.checked_sub(*right),
            Operator::Mul => left.checked_mul(*right),
            Operator::Div => left.checked_div(*right),
            _ => left.checked_rem(*right),
        }
        .map(Value::Int);
    }
    let (left, right) = (left.as_real()?, right.as_real()?);
    Some(Value::Real(match operator {
        Operator::Add => left + right,
        Operator::Sub => left - right,
        Operator::Mul => left * right,
        Operator::Div => left / right,
        _ => left % right,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::odata::{
        parser,
        schema::{Column, Rules, Schema},
        value::{Enumeration, Type},
    };

    static LEVEL: Enumeration = Enumeration { name: "Test.Level", members: &["Low", "High"] };

    static PARENT: Schema = Schema {
        name: "Test.Parent",
        properties: &[("Name", Type::Text)],
        navigation: "Children",
        single: None,
        rules: &Rules::LEGACY,
    };

    static CHILD: Schema = Schema {
        name: "Test.Child",
        properties: &[
            ("Id", Type::Int),
            ("Name", Type::Text),
            ("Level", Type::Enum(&LEVEL)),
            ("Enabled", Type::Bool),
            ("At", Type::Time),
            ("Until", Type::Time),
        ],
        navigation: "Parent",
        single: Some(&PARENT),
        rules: &Rules::LEGACY,
    };

    struct Child;

    impl Row for Child {
        fn value(&self, column: Column) -> Value {
            if column.navigated {
                return Value::Text("Mother".into());
            }
            match column.index {
                0 => Value::Int(7),
                1 => Value::Text("O'Brien Ærø".into()),
                2 => Value::Enum(&LEVEL, 1),
                3 => Value::Bool(true),
                4 => Value::Time("2017-02-01T10:46:22.08Z".parse().expect("a moment")),
                _ => Value::Null,
            }
        }
    }

    fn holds(text: &str) -> bool {
        let (filter, _) = parser::expression(text, &CHILD).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        passes(&filter, &Child)
    }

    fn refused(text: &str) -> String {
        parser::expression(text, &CHILD).expect_err(text).0
    }

    #[test]
    fn what_is_true_passes() {
        for text in [
            "Id eq 7",
            "Id ne 8 and Enabled",
            "Id in (1, 7)",
            "not Enabled eq false",
            "not (Id in (1, 2))",
            "not Id in (1, 2)",
            "Level eq 'High' and Level eq 'high'",
            "Level eq Test.Level'High' and Level gt Test.Level'Low'",
            "'High' eq Level",
            "Level in ('Low', 'High')",
            "contains(Name, 'Brien') and startswith(Name,'O''') and endswith(Name, 'rø')",
            "tolower(Name) eq 'o''brien ærø'",
            "length(Name) eq 11 and indexof(Name, 'Æ') eq 8 and indexof(Name, 'x') eq -1",
            "substring(Name, 2, 5) eq 'Brien' and substring(Name, 9) eq 'rø' and substring(Name, 99) eq ''",
            "concat(concat('a', ' '), 'b') eq 'a b' and trim('  a ') eq 'a'",
            "year(At) eq 2017 and month(At) eq 2 and day(At) eq 1 and hour(At) eq 10 and minute(At) eq 46",
            "second(At) eq 22 and date(At) eq 2017-02-01 and year(date(At)) eq 2017",
            "At gt 2017-01-01T00:00:00Z and At lt 2017-02-01T12:46:23+02:00",
            "1 add 2 mul 3 eq 7 and (1 add 2) mul 3 eq 9 and 7 mod 4 eq 3 and 7 div 2 eq 3 and 7 div 2.0 eq 3.5",
            "-Id eq -7 and Id sub 8 eq -1",
            "round(2.5) eq 2 and floor(2.5) eq 2 and ceiling(2.1) eq 3",
            "Until eq null and null eq null and At ne null",
            "Parent/Name eq 'Mother' and $it/Id eq 7",
            "false or true and true",
        ] {
            assert!(holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_false_or_null_does_not() {
        for text in [
            "Id eq 8",
            "Until gt 2017-01-01T00:00:00Z",
            "not (Until eq null)",
            "contains(null, 'a')",
            "not contains(null, 'a')",
            "null and true",
            "Id div 0 eq 1",
            "9223372036854775807 add 1 gt 0",
            "Name eq 'o''brien ærø'",
            "Id in ()",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_in_the_framework_s_words() {
        for (text, error) in [
            ("Nope eq 1", "Could not find a property named 'Nope' on type 'Test.Child'."),
            ("Parent/Nope eq 1", "Could not find a property named 'Nope' on type 'Test.Parent'."),
            (
                "Id eq 'a'",
                "A binary operator with incompatible types was detected. Found operand types 'Edm.Int64' and \
                 'Edm.String' for operator kind 'Equal'.",
            ),
            ("Level eq 'Huge'", "The string 'Huge' is not a valid enumeration type constant."),
            ("Level eq Test.Level'Huge'", "The string 'Test.Level'Huge'' is not a valid enumeration type constant."),
            ("nope(Id)", "An unknown function with name 'nope' was found."),
            (
                "length(Id) eq 1",
                "No function signature for the function with name 'length' matches the specified arguments. The \
                 function signatures considered are: length(Edm.String Nullable=true).",
            ),
            ("Id eq", "Expression expected at position 5 in 'Id eq'."),
            ("(Id eq 1", "')' or operator expected at position 8 in '(Id eq 1'."),
            ("Id eq 1 Id", "Syntax error at position 8 in 'Id eq 1 Id'."),
            ("", "Expression expected at position 0 in ''."),
            ("Id in 1", "'(' expected at position 6 in 'Id in 1'."),
            (
                "not Name",
                "A unary operator with an incompatible type was detected. Found operand type 'Edm.String' for operator \
                 kind 'Not'.",
            ),
        ] {
            assert_eq!(refused(text), error, "{text}");
        }
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let deep = format!("{}Enabled{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(refused(&deep), "Recursion depth exceeded allowed limit.");
        let nots = format!("{}Enabled", "not ".repeat(5000));
        assert_eq!(refused(&nots), "Recursion depth exceeded allowed limit.");
        let wide = vec!["Id eq 1"; 1000].join(" or ");
        assert_eq!(refused(&wide), "The node count limit of '1000' has been exceeded.");
        assert!(holds(&format!("{} or Id eq 7", vec!["Id eq 1"; 200].join(" or "))));
    }
}
