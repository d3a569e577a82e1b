//! The three traits of foretoken: Model, CandidateSource, Decoder
