use candle_core::quantized::gguf_file::Value;

/// Values within values within values: no known file has more than one level.
const MOST_LEVELS: usize = 4;

/// List entries in all; the largest vocabularies take a million. Each takes up to 32 times the memory that it has in the
/// file.
const MOST_ENTRIES: usize = 1 << 22;

/// List entries of one or two bytes, which only short lists have.
const MOST_SMALL_ENTRIES: usize = 1 << 20;

/// The head of a GGUF file, read front to back; nothing is read or allocated beyond the file's own length.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The first version has 32-bit lengths.
    short_lengths: bool,
    /// List entries that may still come.
    entries_left: usize,
    small_entries_left: usize,
}

/// What is wrong, to be followed by the place.
pub(super) type Problem = String;

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            short_lengths: false,
            entries_left: MOST_ENTRIES,
            small_entries_left: MOST_SMALL_ENTRIES,
        }
    }

    pub(super) fn use_short_lengths(&mut self) {
        self.short_lengths = true;
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Problem> {
        let rest = &self.bytes[self.at..];
        let Some((taken, _)) = rest.split_at_checked(len) else {
            let at = self.at;
            return Err(format!("the file ends within its head, at byte {at} of {at}+{len}"));
        };
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Problem> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Problem> {
        self.array().map(u64::from_le_bytes)
    }

    /// A number of things, each of which takes at least `least` bytes of the file.
    pub(super) fn count(&mut self, what: &str, least: usize) -> Result<usize, Problem> {
        let count = self.length()?;
        let room = (self.bytes.len() - self.at) / least.max(1);
        usize::try_from(count)
            .ok()
            .filter(|&count| count <= room)
            .ok_or_else(|| format!("it claims {count} {what}, more than it has room for"))
    }

    /// Bounds the memory that lists take.
    fn spend(&mut self, count: usize, least: usize) -> Result<(), Problem> {
        let lists = "its lists are longer than any known model's";
        self.entries_left = self.entries_left.checked_sub(count).ok_or(lists)?;
        if least < 4 {
            self.small_entries_left = self.small_entries_left.checked_sub(count).ok_or(lists)?;
        }
        Ok(())
    }

    fn length(&mut self) -> Result<u64, Problem> {
        if self.short_lengths { self.u32().map(u64::from) } else { self.u64() }
    }

    pub(super) fn string(&mut self) -> Result<String, Problem> {
        let len = self.count("bytes of text", 1)?;
        let bytes = self.take(len)?;
        // Some writers count a closing zero byte.
        let end = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// A text that stands in messages.
    pub(super) fn name(&mut self) -> Result<String, Problem> {
        let name = self.string()?;
        if name.contains(char::is_control) {
            return Err(format!("a name is {:?}", name.chars().take(40).collect::<String>()));
        }
        Ok(name)
    }

    pub(super) fn value(&mut self) -> Result<Value, Problem> {
        let kind = self.u32()?;
        self.value_of(kind, 0)
    }

    fn value_of(&mut self, kind: u32, level: usize) -> Result<Value, Problem> {
        Ok(match kind {
            0 => Value::U8(u8::from_le_bytes(self.array()?)),
            1 => Value::I8(i8::from_le_bytes(self.array()?)),
            2 => Value::U16(u16::from_le_bytes(self.array()?)),
            3 => Value::I16(i16::from_le_bytes(self.array()?)),
            4 => Value::U32(self.u32()?),
            5 => Value::I32(i32::from_le_bytes(self.array()?)),
            6 => Value::F32(f32::from_le_bytes(self.array()?)),
            7 => match self.array()? {
                [byte @ 0..=1] => Value::Bool(byte == 1),
                [byte] => return Err(format!("a switch is {byte}, neither 0 nor 1")),
            },
            8 => Value::String(self.string()?),
            9 if level < MOST_LEVELS => {
                let kind = self.u32()?;
                let least = least_bytes(kind);
                let count = self.count("list entries", least)?;
                self.spend(count, least)?;
                let mut values = Vec::with_capacity(count.min(1 << 20));
                for _ in 0..count {
                    values.push(self.value_of(kind, level + 1)?);
                }
                Value::Array(values)
            }
            9 => return Err("lists are nested too deeply".to_owned()),
            10 => Value::U64(self.u64()?),
            11 => Value::I64(i64::from_le_bytes(self.array()?)),
            12 => Value::F64(f64::from_le_bytes(self.array()?)),
            _ => return Err(format!("a value has the unknown type {kind}")),
        })
    }
}

/// The fewest bytes that a value of a type takes.
fn least_bytes(kind: u32) -> usize {
    match kind {
        2 | 3 => 2,
        4..=6 | 8 => 4,
        9..=12 => 8,
        _ => 1,
    }
}
