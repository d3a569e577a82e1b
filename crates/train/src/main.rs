//! `foretoken-train`: makes the embedded model, step by step; all steps share one folder.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use clap::{Parser, Subcommand};
use foretoken_train::{
    corpus, evaluation, export,
    network::Shape,
    tokenizer,
    training::{Plan, Trainer},
};

/// Texts that the vocabulary is learned from.
const TEXTS_READ: u64 = 30_000;

/// Makes the model that foretoken is shipped with.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Where vocabulary and checkpoints are.
    #[arg(long, global = true, default_value = "target/embedded-model")]
    folder: PathBuf,
    /// Of texts and weights.
    #[arg(long, global = true, default_value_t = 2026)]
    seed: u64,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Learns the vocabulary.
    Tokenizer,
    /// Trains; goes on where it was stopped.
    Train {
        /// Tokens in all.
        #[arg(long, default_value_t = 30_000_000)]
        tokens: u64,
        /// Tokens of a step.
        #[arg(long, default_value_t = 4096)]
        batch: usize,
        /// Tokens that go through the network together.
        #[arg(long, default_value_t = 2048)]
        part: usize,
        /// The highest learning rate.
        #[arg(long, default_value_t = 0.003)]
        rate: f64,
        /// Threads.
        #[arg(long, default_value_t = 2)]
        threads: usize,
        /// Stop after so many minutes, to be gone on with.
        #[arg(long, default_value_t = f64::INFINITY)]
        minutes: f64,
    },
    /// Asks a GGUF file the held-out prompts, with every strategy.
    Evaluate {
        /// The file.
        #[arg(long)]
        model: PathBuf,
        /// Print the answers too.
        #[arg(long)]
        answers: bool,
    },
    /// Writes the GGUF file.
    Export {
        /// The file.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    let Arguments { folder, seed, command } = Arguments::parse();
    std::fs::create_dir_all(&folder)?;
    match command {
        Command::Tokenizer => {
            let texts = (0..TEXTS_READ).map(move |index| corpus::document(seed, index).text);
            let learned = tokenizer::learn(texts, Shape::default().vocabulary)?;
            learned.save(vocabulary(&folder), false).map_err(|error| anyhow::anyhow!("{error}"))?;
        }
        Command::Train { tokens, batch, part, rate, threads, minutes } => {
            let mut trainer = open(&folder, seed)?;
            let plan = Plan {
                tokens,
                batch,
                part,
                rate,
                threads,
                checkpoint: 500_000,
                seconds: minutes * 60.0,
            };
            let (start, first) = (Instant::now(), trainer.progress().tokens);
            let mut said = 0;
            trainer.run(&plan, &mut |progress, loss| {
                if progress.tokens - said >= 100_000 {
                    said = progress.tokens;
                    let speed = (progress.tokens - first) as f64 / start.elapsed().as_secs_f64();
                    println!("{:>10} tokens  loss {loss:.4}  {speed:.0} tokens/s", progress.tokens);
                }
            })?;
            for point in &trainer.progress().curve {
                println!("{:>10}  {:.4}  {:.4}", point.tokens, point.training, point.checking);
            }
        }
        Command::Evaluate { model, answers } => {
            let evaluation = evaluation::evaluate(&model)?;
            for answer in evaluation.answers.iter().filter(|_| answers) {
                println!("{}>>>{}<<<\n", answer.prompt, answer.text);
            }
            println!("answers without loops: {:.2}", evaluation.without_loops);
            println!("answers that ended by themselves: {:.2}", evaluation.ended);
            for (name, tokens) in &evaluation.tokens_per_step {
                println!("{name:14} {tokens:.2} tokens per step");
            }
        }
        Command::Export { out } => {
            let trainer = open(&folder, seed)?;
            let tokenizer = tokenizer::load(&vocabulary(&folder))?;
            export::write(trainer.network(), &tokenizer, "foretoken tiny", &out)?;
        }
    }
    Ok(())
}

fn open(folder: &Path, seed: u64) -> anyhow::Result<Trainer> {
    let tokenizer = tokenizer::load(&vocabulary(folder))?;
    Trainer::open(folder, Shape::default(), tokenizer, seed)
}

fn vocabulary(folder: &Path) -> PathBuf {
    folder.join("tokenizer.json")
}
