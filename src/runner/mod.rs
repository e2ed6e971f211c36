//! Features and a lab, to a run.
//!
//! In reading order: [`problem`] (what is wrong with a feature, and where), [`find`] (files), [`source`] (a file's text
//! and tables), `swallowed` (what the parser takes for prose), [`suite`] (features, parsed, their outlines still folded; [`outline`] unfolds a row), [`select`] (which drills), [`vocabulary`]
//! (which step a line means), [`check`] and [`manners`] (everything that can be said before anything runs), [`foretold`]
//! (which alerts will come), [`stop`], [`course`]
//! (what hooks and steps share), [`arming`] (drills in two parts), `step` (one step: time limit, panic, record), [`drive`] (the
//! drills, through cucumber).
//!
//! Does not know how labs are made, nor what is made of the record.

pub mod arming;
pub mod builtin;
pub mod check;
pub mod course;
pub mod drive;
pub mod find;
pub mod foretold;
pub mod manners;
pub mod outline;
pub mod problem;
pub mod select;
pub mod source;
mod step;
pub mod stop;
pub mod suite;
mod swallowed;
pub mod vocabulary;
