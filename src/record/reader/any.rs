//! A run in any layout, walked with a visitor.

use std::{fmt, fs::File, io::BufReader, marker::PhantomData, path::Path};

use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::record::reader::{Around, ReadError, newer, not_a_run, unreadable};

/// Reads the file once, and hands over each drill as it comes.
pub(super) fn walk<T: DeserializeOwned, E: From<ReadError>>(
    path: &Path,
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<Around, E> {
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    let mut walk = Walk { named: Map::new(), take, stopped: None, drill: PhantomData };
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, file));
    let outcome = (&mut walk).deserialize(&mut json).and_then(|()| json.end());
    if let Some(error) = walk.stopped {
        return Err(error);
    }
    let members = walk.named;
    match outcome {
        Ok(()) => Ok(Around { members, cut: false }),
        Err(_) if newer(&members).is_some() => Ok(Around { members, cut: true }),
        Err(error) if error.is_eof() && members.contains_key("seed") => Ok(Around { members, cut: true }),
        Err(error) if error.is_io() => Err(unreadable(path, error.into()).into()),
        Err(error) => Err(not_a_run(path, &error).into()),
    }
}

struct Walk<'a, T, E> {
    named: Map<String, Value>,
    take: &'a mut dyn FnMut(T) -> Result<(), E>,
    /// What the taker of drills stopped with.
    stopped: Option<E>,
    drill: PhantomData<T>,
}

impl<'de, T: DeserializeOwned, E> DeserializeSeed<'de> for &mut Walk<'_, T, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for &mut Walk<'_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a run: an object with `format`, `drills` and more")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if name == "drills" {
                members.next_value_seed(Drills(self))?;
            } else {
                self.named.insert(name, members.next_value()?);
            }
            if newer(&self.named).is_some() {
                return Err(A::Error::custom("a newer format"));
            }
        }
        Ok(())
    }
}

struct Drills<'a, 'b, T, E>(&'a mut Walk<'b, T, E>);

impl<'de, T: DeserializeOwned, E> DeserializeSeed<'de> for Drills<'_, '_, T, E> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, E> Visitor<'de> for Drills<'_, '_, T, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of drills")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut drills: A) -> Result<(), A::Error> {
        while let Some(drill) = drills.next_element::<T>()? {
            if let Err(error) = (self.0.take)(drill) {
                self.0.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
