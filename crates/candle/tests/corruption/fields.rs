//! Where the numbers of a GGUF head lie, so that damage can be aimed at them.

use std::ops::Range;

/// A number in a head.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) what: What,
    pub(crate) at: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Magic,
    Version,
    Count,
    Length,
    ValueType,
    Value,
    Dimensions,
    Dimension,
    ElementType,
    Offset,
    Text,
}

/// A head with its parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) fields: Vec<Field>,
    /// Whole metadata entries.
    pub(crate) entries: Vec<Range<usize>>,
    /// Whole descriptions of tensors.
    pub(crate) tensors: Vec<Range<usize>>,
    /// Where the head ends.
    pub(crate) end: usize,
}

/// Elements of a list whose fields are kept, at either end.
const SHOWN: u64 = 2;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    head: Head,
}

impl Head {
    /// Of a well-formed file of version 2 or 3.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut walk = Walk { bytes, at: 0, head: Self::default() };
        walk.field(What::Magic, 4);
        walk.field(What::Version, 4);
        let tensors = walk.field(What::Count, 8);
        let entries = walk.field(What::Count, 8);
        for _ in 0..entries {
            let start = walk.at;
            walk.text();
            let kind = walk.field(What::ValueType, 4);
            walk.value(kind, true);
            walk.head.entries.push(start..walk.at);
        }
        for _ in 0..tensors {
            let start = walk.at;
            walk.text();
            let dimensions = walk.field(What::Dimensions, 4);
            for _ in 0..dimensions {
                walk.field(What::Dimension, 8);
            }
            walk.field(What::ElementType, 4);
            walk.field(What::Offset, 8);
            walk.head.tensors.push(start..walk.at);
        }
        walk.head.end = walk.at;
        walk.head
    }

    /// The fields of one kind.
    pub(crate) fn of_kind(&self, what: What) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.what == what)
    }
}

impl Walk<'_> {
    fn number(&self, len: usize) -> u64 {
        let mut number = [0; 8];
        number[..len].copy_from_slice(&self.bytes[self.at..self.at + len]);
        u64::from_le_bytes(number)
    }

    fn field(&mut self, what: What, len: usize) -> u64 {
        let number = self.number(len);
        self.head.fields.push(Field { what, at: self.at..self.at + len });
        self.at += len;
        number
    }

    fn text(&mut self) {
        let len = self.field(What::Length, 8) as usize;
        self.head.fields.push(Field { what: What::Text, at: self.at..self.at + len });
        self.at += len;
    }

    fn value(&mut self, kind: u64, shown: bool) {
        let len = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 if shown => return self.text(),
            8 => {
                self.at += 8 + self.number(8) as usize;
                return;
            }
            9 => {
                let kind = self.field(What::ValueType, 4);
                let count = self.field(What::Count, 8);
                for index in 0..count {
                    self.value(kind, index < SHOWN || index + SHOWN >= count);
                }
                return;
            }
            _ => panic!("a value of type {kind}"),
        };
        if shown {
            self.field(What::Value, len);
        } else {
            self.at += len;
        }
    }
}
