//! Plain decoding: a candidate source that never guesses
