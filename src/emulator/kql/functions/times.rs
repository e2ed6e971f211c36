//! Functions of moments and spans.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

use crate::emulator::kql::{
    functions::{
        Function, Gives,
        Takes::{Any, Number, Ordered, Span, Text, Time},
        or_null,
    },
    literal::{self, DAY, SECOND},
    value::{Type, Value},
};

const TIME: Gives = Gives::This(Type::Time);
const INT: Gives = Gives::This(Type::Int);

pub(super) static ALL: &[Function] = &[
    Function {
        name: "now",
        takes: &[Span],
        count: (0, 1),
        gives: TIME,
        run: |a, now| shifted(now, a.first().map_or(Some(0), ticks), 1),
    },
    Function { name: "ago", takes: &[Span], count: (1, 1), gives: TIME, run: |a, now| shifted(now, ticks(&a[0]), -1) },
    Function {
        name: "todatetime",
        takes: &[Any],
        count: (1, 1),
        gives: TIME,
        run: |a, _| match &a[0] {
            Value::Time(at) => Value::Time(*at),
            other => or_null(other.as_str().and_then(literal::time), Value::Time),
        },
    },
    Function {
        name: "totimespan",
        takes: &[Any],
        count: (1, 1),
        gives: Gives::This(Type::Span),
        run: |a, _| match &a[0] {
            Value::Span(ticks) => Value::Span(*ticks),
            other => or_null(other.as_str().and_then(literal::span), Value::Span),
        },
    },
    Function { name: "bin", takes: &[Ordered], count: (2, 2), gives: Gives::First, run: |a, _| bin(&a[0], &a[1]) },
    Function { name: "floor", takes: &[Ordered], count: (2, 2), gives: Gives::First, run: |a, _| bin(&a[0], &a[1]) },
    Function {
        name: "startofday",
        takes: &[Time, Number],
        count: (1, 2),
        gives: TIME,
        run: |a, _| start(a, |date, count| date.checked_add(count.days()).ok()),
    },
    Function {
        name: "startofweek",
        takes: &[Time, Number],
        count: (1, 2),
        gives: TIME,
        run: |a, _| {
            start(a, |date, count| {
                let back = i64::from(date.weekday().to_sunday_zero_offset());
                date.checked_sub(back.days()).ok()?.checked_add((count * 7).days()).ok()
            })
        },
    },
    Function {
        name: "startofmonth",
        takes: &[Time, Number],
        count: (1, 2),
        gives: TIME,
        run: |a, _| start(a, |date, count| date.first_of_month().checked_add(count.months()).ok()),
    },
    Function {
        name: "startofyear",
        takes: &[Time, Number],
        count: (1, 2),
        gives: TIME,
        run: |a, _| start(a, |date, count| date.first_of_year().checked_add(count.years()).ok()),
    },
    Function {
        name: "endofday",
        takes: &[Time, Number],
        count: (1, 2),
        gives: TIME,
        run: |a, _| match start(a, |date, count| date.checked_add((count + 1).days()).ok()) {
            Value::Time(next) => shifted(next, Some(-1), 1),
            other => other,
        },
    },
    Function {
        name: "hourofday",
        takes: &[Time],
        count: (1, 1),
        gives: INT,
        run: |a, _| part(&a[0], |at| i64::from(at.hour())),
    },
    Function {
        name: "dayofmonth",
        takes: &[Time],
        count: (1, 1),
        gives: INT,
        run: |a, _| part(&a[0], |at| i64::from(at.day())),
    },
    Function {
        name: "monthofyear",
        takes: &[Time],
        count: (1, 1),
        gives: INT,
        run: |a, _| part(&a[0], |at| i64::from(at.month())),
    },
    Function {
        name: "getyear",
        takes: &[Time],
        count: (1, 1),
        gives: INT,
        run: |a, _| part(&a[0], |at| i64::from(at.year())),
    },
    Function {
        name: "dayofweek",
        takes: &[Time],
        count: (1, 1),
        gives: Gives::This(Type::Span),
        run: |a, _| match &a[0] {
            Value::Time(at) => Value::Span(i64::from(utc(*at).weekday().to_sunday_zero_offset()) * DAY),
            _ => Value::Null,
        },
    },
    Function {
        name: "datetime_diff",
        takes: &[Text, Time],
        count: (3, 3),
        gives: Gives::This(Type::Long),
        run: |a, _| difference(&a[0], &a[1], &a[2]),
    },
    Function {
        name: "datetime_add",
        takes: &[Text, Number, Time],
        count: (3, 3),
        gives: TIME,
        run: |a, _| added(&a[0], &a[1], &a[2]),
    },
    Function {
        name: "format_datetime",
        takes: &[Time, Text],
        count: (2, 2),
        gives: Gives::This(Type::Text),
        run: |a, _| formatted(&a[0], &a[1]),
    },
    Function {
        name: "unixtime_seconds_todatetime",
        takes: &[Number],
        count: (1, 1),
        gives: TIME,
        run: |a, _| {
            let at = a[0].as_int().and_then(|seconds| literal::of_ticks(i128::from(seconds) * i128::from(SECOND)));
            or_null(at, Value::Time)
        },
    },
];

fn utc(at: Timestamp) -> civil::DateTime {
    TimeZone::UTC.to_datetime(at)
}

fn ticks(span: &Value) -> Option<i64> {
    match span {
        Value::Span(ticks) => Some(*ticks),
        _ => None,
    }
}

fn shifted(at: Timestamp, ticks: Option<i64>, sign: i128) -> Value {
    let moved = ticks.and_then(|ticks| literal::of_ticks(literal::ticks_of(at) + sign * i128::from(ticks)));
    or_null(moved, Value::Time)
}

/// Down to a multiple of `size`; moments and spans are counted in ticks, moments from the year 1.
fn bin(value: &Value, size: &Value) -> Value {
    let down = |number: i128, size: i64| {
        let size = i128::from(size);
        (size > 0).then(|| number.div_euclid(size) * size)
    };
    match (value, size) {
        (Value::Int(number), Value::Int(size)) => {
            let down = down(i128::from(*number), *size).and_then(|down| i64::try_from(down).ok());
            or_null(down, Value::Int)
        }
        (Value::Span(number), Value::Span(size)) => {
            let down = down(i128::from(*number), *size).and_then(|down| i64::try_from(down).ok());
            or_null(down, Value::Span)
        }
        (Value::Time(at), Value::Span(size)) => {
            let first = literal::ticks_of(literal::first_moment());
            let down = down(literal::ticks_of(*at) - first, *size);
            or_null(down.and_then(|down| literal::of_ticks(first + down)), Value::Time)
        }
        _ => match (value.as_real(), size.as_real()) {
            (Some(number), Some(size)) if size > 0.0 => Value::Real((number / size).floor() * size),
            _ => Value::Null,
        },
    }
}

/// The first moment of a date that is made of the first argument's and, perhaps, a count.
fn start(arguments: &[Value], of: fn(civil::Date, i64) -> Option<civil::Date>) -> Value {
    let Value::Time(at) = arguments[0] else { return Value::Null };
    let count = arguments.get(1).map_or(Some(0), Value::as_int).filter(|count| count.abs() < 5_000_000);
    let date = count.and_then(|count| of(utc(at).date(), count));
    let start = date.and_then(|date| TimeZone::UTC.to_timestamp(date.into()).ok());
    or_null(start.filter(|start| *start >= literal::first_moment()), Value::Time)
}

fn part(value: &Value, of: fn(civil::DateTime) -> i64) -> Value {
    match value {
        Value::Time(at) => Value::Int(of(utc(*at))),
        _ => Value::Null,
    }
}

/// How many borders of the unit lie between two moments.
fn difference(unit: &Value, later: &Value, earlier: &Value) -> Value {
    let (Some(unit), Value::Time(later), Value::Time(earlier)) = (unit.as_str(), later, earlier) else {
        return Value::Null;
    };
    let (later, earlier) = (*later, *earlier);
    let months = |at: Timestamp| i64::from(utc(at).year()) * 12 + i64::from(utc(at).month()) - 1;
    let units = |size: i64| {
        let count = |at: Timestamp| literal::ticks_of(at).div_euclid(i128::from(size));
        i64::try_from(count(later) - count(earlier)).ok()
    };
    let found = match unit.to_ascii_lowercase().as_str() {
        "year" => Some(months(later).div_euclid(12) - months(earlier).div_euclid(12)),
        "quarter" => Some(months(later).div_euclid(3) - months(earlier).div_euclid(3)),
        "month" => Some(months(later) - months(earlier)),
        unit => size_of(unit).and_then(units),
    };
    or_null(found, Value::Int)
}

fn size_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "day" => DAY,
        "hour" => 3_600 * SECOND,
        "minute" => 60 * SECOND,
        "second" => SECOND,
        "millisecond" => SECOND / 1_000,
        "microsecond" => SECOND / 1_000_000,
        _ => return None,
    })
}

fn added(unit: &Value, count: &Value, to: &Value) -> Value {
    let (Some(unit), Some(count), Value::Time(to)) = (unit.as_str(), count.as_int(), to) else { return Value::Null };
    if count.abs() > 1_000_000_000 {
        return Value::Null;
    }
    let unit = unit.to_ascii_lowercase();
    let months = match unit.as_str() {
        "year" => Some(count * 12),
        "quarter" => Some(count * 3),
        "month" => Some(count),
        _ => None,
    };
    if let Some(months) = months {
        let span = jiff::Span::new().try_months(months).ok();
        let moved = span.and_then(|span| utc(*to).checked_add(span).ok());
        let moved = moved.and_then(|moved| TimeZone::UTC.to_timestamp(moved).ok());
        return or_null(moved.filter(|moved| *moved >= literal::first_moment()), Value::Time);
    }
    let size = if unit == "week" { Some(7 * DAY) } else { size_of(&unit) };
    shifted(*to, size.and_then(|size| size.checked_mul(count)), 1)
}

/// The engine's own signs for the parts of a moment; any other character stands for itself.
fn formatted(at: &Value, form: &Value) -> Value {
    let (Value::Time(at), Some(form)) = (at, form.as_str()) else { return Value::Null };
    let at = utc(*at);
    let ticks = format!("{:07}", at.subsec_nanosecond() / 100);
    let twelve = if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 };
    let mut text = String::new();
    let mut rest = form;
    while let Some(sign) = rest.chars().next() {
        let width = rest.chars().take_while(|c| *c == sign).count();
        let number = |number: i16| if width == 1 { number.to_string() } else { format!("{number:02}") };
        let part = match sign {
            'y' if width > 2 => format!("{:04}", at.year()),
            'y' => format!("{:02}", at.year() % 100),
            'M' => number(at.month().into()),
            'd' => number(at.day().into()),
            'H' => number(at.hour().into()),
            'h' => number(twelve.into()),
            'm' => number(at.minute().into()),
            's' => number(at.second().into()),
            'f' | 'F' => ticks[..width.min(7)].to_owned(),
            't' => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            other => other.to_string().repeat(width),
        };
        text.push_str(&part);
        rest = &rest[width * sign.len_utf8()..];
    }
    Value::text(&text)
}
