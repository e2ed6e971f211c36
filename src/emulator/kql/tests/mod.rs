//! The language, tried on a small database: what expressions are worth, what tables become, what is refused, and what
//! hostile queries come to.

mod hostile;
mod laboratory;
mod refusals;
mod shapes;
mod values;
