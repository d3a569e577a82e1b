//! `foretoken bench` on tiny models.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Output,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    model::{TinyModel, template},
    program::{json, run, run_with_input, stderr, stdout},
};

/// A folder with prompts and results of a model.
struct Bench {
    folder: TempDir,
    /// None: the one in the program.
    model: Option<TinyModel>,
    /// Names of files with prompts.
    prompts: Vec<&'static str>,
}

impl Bench {
    /// A bench on these prompts.
    fn new(model: impl Into<Option<TinyModel>>, lines: &[Value]) -> Self {
        let (folder, model) = (tempfile::tempdir().unwrap(), model.into());
        let bench = Self { folder, model, prompts: vec!["prompts.jsonl"] };
        bench.write("prompts.jsonl", lines);
        bench
    }

    /// On four prompts of one task, and one of another that has two turns.
    fn of_two_tasks() -> Self {
        let prompt = |id: usize| json!({"id": format!("long/{id}"), "task": "long", "turns": [format!("to be or {id} to be")]});
        let mut lines: Vec<Value> = (0..4).map(prompt).collect();
        lines.push(
            json!({"id": "talk/0", "task": "talk", "turns": ["who is there", "and who is that"]}),
        );
        Self::new(TinyModel::with(512, &template()), &lines)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, lines: &[Value]) {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        fs::write(self.path(name), lines.join("\n")).unwrap();
    }

    /// Runs it with results in the folder `out`.
    fn run(&self, out: &str, more: &[&str]) -> Output {
        let prompts = self.prompts.iter().map(|name| self.path(name).to_str().unwrap().to_owned());
        let out = self.path(out);
        let model = self.model.as_ref().map_or("tiny", TinyModel::argument);
        let fixed = ["--out", out.to_str().unwrap(), "--model", model];
        let arguments = ["bench", "--prompts"].into_iter().map(str::to_owned).chain(prompts);
        run(arguments.chain(fixed.iter().chain(more).map(|&argument| argument.to_owned())))
    }

    /// The same, to a good end.
    fn measure(&self, out: &str, more: &[&str]) -> String {
        let output = self.run(out, more);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
        stdout(&output)
    }

    /// The lines of a file of the results.
    fn lines(&self, out: &str, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(out).join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn records(&self, out: &str) -> Vec<Value> {
        self.lines(out, "results.jsonl")
    }
}

/// What every line says under these names.
fn column<'a>(lines: &'a [Value], names: &[&str]) -> Vec<Vec<&'a Value>> {
    lines.iter().map(|line| names.iter().map(|&name| &line[name]).collect()).collect()
}

/// What does not depend on how fast the machine is, if all guesses are verified.
fn work(records: &[Value]) -> Vec<Value> {
    let of_run = |run: &Value| json!([run["strategy"], run["steps"], run["nodes"], run["sources"]]);
    let of_record = |record: &Value| {
        let runs: Vec<Value> = record["runs"].as_array().unwrap().iter().map(of_run).collect();
        json!([record["id"], record["turn"], record["prompt_tokens"], record["tokens"], runs])
    };
    records.iter().map(of_record).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn every_form_of_prompts_is_read() {
    let mut bench = Bench::new(TinyModel::new(), &[json!({"id": "mine", "turns": ["a b a b"]})]);
    let questions = [
        json!({"question_id": 81, "category": "writing", "turns": ["write", "write more"]}),
        json!({"question_id": 241, "category": "summarization", "turns": ["summarize"]}),
    ];
    bench.write("question.jsonl", &questions);
    let gsm8k = ["one and one", "two and two"].map(|q| json!({"question": q, "answer": "#### 2"}));
    bench.write("test.jsonl", &gsm8k);
    let mut gzip = GzEncoder::new(
        fs::File::create(bench.path("HumanEval.jsonl.gz")).unwrap(),
        Compression::default(),
    );
    let human_eval = json!({"task_id": "HumanEval/0", "prompt": "def f():\n", "entry_point": "f"});
    writeln!(gzip, "{human_eval}").unwrap();
    gzip.finish().unwrap();
    bench.prompts.extend(["question.jsonl", "test.jsonl", "HumanEval.jsonl.gz"]);

    bench.measure("out", &["--max-new-tokens", "2"]);
    let records = bench.records("out");
    assert_eq!(
        json!(column(&records, &["id", "task", "turn"])),
        json!([
            ["mine", "prompts", 0],
            ["mt_bench/81", "mt_bench", 0],
            ["mt_bench/81", "mt_bench", 1],
            ["summarization/241", "summarization", 0],
            ["gsm8k/1", "gsm8k", 0],
            ["gsm8k/2", "gsm8k", 0],
            ["HumanEval/0", "humaneval", 0],
        ])
    );
    assert_eq!(records[6]["prompt_tokens"], "def f():\n".len());
}

#[test]
fn a_conversation_goes_on_as_in_a_chat() {
    let questions = ["Who is there?", "Make a table of cities."];
    let bench = Bench::new(
        None::<TinyModel>,
        &[json!({"id": "a", "task": "t", "turns": questions}), json!({"id": "b", "turns": ["x"]})],
    );
    bench.measure("out", &["--max-new-tokens", "24", "--strategies", "suffix"]);
    let steps = bench.lines("out", "steps.jsonl");
    let spoken = |turn: usize, strategy: &str| -> String {
        let of = |line: &&Value| {
            line["id"] == "a" && line["turn"] == turn && line["strategy"] == strategy
        };
        let line = steps.iter().find(of).unwrap();
        assert_eq!(line["prompt"], questions[turn]);
        let steps = line["steps"].as_array().unwrap().iter();
        let pieces = steps.flat_map(|step| step["emitted"].as_array().unwrap().iter());
        pieces
            .map(|piece| piece.as_str().unwrap())
            .filter(|piece| !piece.starts_with("<|"))
            .collect()
    };
    let chat = ["chat", "--model", "tiny", "--max-new-tokens", "24", "--strategy", "suffix"];
    let chatted = run_with_input(chat, format!("{}\n{}\n", questions[0], questions[1]).as_bytes());
    for strategy in ["autoregressive", "suffix"] {
        let line = |turn| {
            let answer = spoken(turn, strategy);
            if answer.ends_with('\n') { answer } else { answer + "\n" }
        };
        assert_eq!(stdout(&chatted), line(0) + &line(1));
    }
}

#[test]
fn a_conversation_ends_where_the_context_does() {
    let long = "x".repeat(80);
    let lines = [
        json!({"id": "a", "turns": ["short", long, "never asked"]}),
        json!({"id": "b", "turns": [long]}),
        json!({"id": "c", "turns": ["short", "again"]}),
    ];
    let bench = Bench::new(TinyModel::with(64, &template()), &lines);
    let output = bench.run("out", &["--max-new-tokens", "4"]);
    let notices = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{notices}");
    let records = bench.records("out");
    let turns = json!(column(&records, &["id", "turn"]));
    assert_eq!(turns, json!([["a", 0], ["c", 0], ["c", 1]]));
    assert!(notices.contains("left out, which do not fit in the context: 1."), "{notices}");
    assert!(notices.contains("no longer fit in the context: 1."), "{notices}");
}

#[test]
fn a_run_killed_anywhere_loses_nothing() {
    let bench = Bench::of_two_tasks();
    // With all guesses verified, what is done does not depend on the speed of the machine.
    let more = ["--max-new-tokens", "24", "--strategies", "auto,suffix", "--shared-pool"];
    let more = [&more[..], &["--budget", "fixed"]].concat();
    let table = bench.measure("whole", &more);
    assert!(table.lines().all(|line| line.chars().count() <= 130), "{table}");
    let rows = table.lines().skip_while(|line| !line.starts_with("task")).take(13);
    assert!(
        rows.clone().count() == 13 && rows.clone().all(|row| row.chars().count() <= 80),
        "{table}"
    );
    let (records, steps) = (bench.records("whole"), bench.lines("whole", "steps.jsonl"));
    assert_eq!((records.len(), steps.len()), (6, 3 * 3), "the first of each task is traced");
    assert!(records.iter().all(|record| record["resumed"] == false));

    let whole = |name: &str| fs::read(bench.path("whole").join(name)).unwrap();
    let (results, trees) = (whole("results.jsonl"), whole("steps.jsonl"));
    let second = results.iter().position(|&byte| byte == b'\n').unwrap() + 1;
    let kills = [(0, 0), (0, trees.len() / 6), (0, trees.len() / 3)].into_iter().chain([
        (second, trees.len() / 2),
        (results.len() / 2, trees.len() / 2),
        (results.len() - 1, trees.len()),
    ]);
    for (number, (of_results, of_trees)) in kills.enumerate() {
        let out = format!("killed-{number}");
        copy(&bench.path("whole"), &bench.path(&out));
        let write =
            |name: &str, bytes: &[u8]| fs::write(bench.path(&out).join(name), bytes).unwrap();
        write("results.jsonl", &results[..of_results]);
        write("steps.jsonl", &trees[..of_trees]);
        // It was about to replace these.
        write("setting.json.part", b"{");
        write("summary.json.part", b"{\"strat");
        let summary: Value =
            serde_json::from_str(&bench.measure(&out, &[&more[..], &["--json"]].concat())).unwrap();

        let again = bench.records(&out);
        assert_eq!(work(&again), work(&records), "what was learned from text is recalled");
        let kept = results[..of_results].split(|&byte| byte == b'\n').count() - 1;
        assert_eq!(again[..kept], records[..kept]);
        let marks: Vec<bool> = again.iter().map(|r| r["resumed"].as_bool().unwrap()).collect();
        let expected: Vec<bool> = (0..6).map(|index| kept > 0 && index == kept).collect();
        assert_eq!(marks, expected);
        let mut trees = column(&steps, &["id", "turn", "strategy"]);
        let lines = bench.lines(&out, "steps.jsonl");
        let mut trees_again = column(&lines, &["id", "turn", "strategy"]);
        for names in [&mut trees, &mut trees_again] {
            names.sort_by_key(|names| format!("{names:?}"));
        }
        assert_eq!(trees_again, trees, "none is missing or there twice");
        let saved = fs::read(bench.path(&out).join("summary.json")).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&saved).unwrap(), summary);
        assert_eq!(summary["strategies"][1]["tasks"]["long"]["tokens"], 4 * 24);
    }
}

#[test]
fn a_prompt_decoded_again_is_not_known_yet() {
    let prompt = |id: &str| json!({"id": id, "task": "t", "turns": ["to be or not"]});
    let bench = Bench::new(TinyModel::new(), &[prompt("a"), prompt("b")]);
    let more = ["--max-new-tokens", "32", "--strategies", "auto", "--shared-pool"];
    let more = [&more[..], &["--budget", "fixed"]].concat();
    bench.measure("once", &more);
    bench.measure("often", &[&more[..], &["--runs", "3", "--traces", "0"]].concat());
    let (once, often) = (bench.records("once"), bench.records("often"));
    assert_eq!(work(&once), work(&often));
    // But the same prompt under another name is.
    let steps = |record: &Value| record["runs"][1]["steps"].as_u64().unwrap();
    assert!(steps(&once[1]) < steps(&once[0]), "{} {}", steps(&once[1]), steps(&once[0]));
    assert_eq!(bench.lines("often", "steps.jsonl").len(), 0);
    let setting = &bench.path("often").join("setting.json");
    let setting: Value = serde_json::from_slice(&fs::read(setting).unwrap()).unwrap();
    assert_eq!((&setting["runs"], &setting["file_type"]), (&json!(3), &json!("F32")));
}

#[test]
fn traces_are_the_trees_that_were_verified() {
    let bench = Bench::of_two_tasks();
    let more = ["--max-new-tokens", "24", "--strategies", "prompt-lookup:min_ngram=1"];
    let more = [&more[..], &["--budget", "fixed", "--traces", "2"]].concat();
    bench.measure("out", &more);
    let (records, steps) = (bench.records("out"), bench.lines("out", "steps.jsonl"));
    // Two prompts, then two turns, with two strategies.
    assert_eq!(steps.len(), 4 * 2);
    for line in &steps {
        let same = |r: &&Value| r["id"] == line["id"] && r["turn"] == line["turn"];
        let record = records.iter().find(same).unwrap();
        let runs = record["runs"].as_array().unwrap();
        let run = runs.iter().find(|run| run["strategy"] == line["strategy"]).unwrap();
        let trees = line["steps"].as_array().unwrap();
        assert_eq!(run["steps"], trees.len());
        let lists = |name: &str| -> Vec<&Vec<Value>> {
            trees.iter().map(|tree| tree[name].as_array().unwrap()).collect()
        };
        let total = |lists: Vec<&Vec<Value>>| lists.iter().map(|list| list.len()).sum::<usize>();
        assert_eq!(run["nodes"], total(lists("nodes")));
        assert_eq!(total(lists("emitted")), 24);
        for (nodes, path) in lists("nodes").into_iter().zip(lists("path")) {
            let parent = |node: &Value| node["parent"].as_u64().unwrap() as usize;
            assert!(nodes.iter().skip(1).enumerate().all(|(before, node)| parent(node) <= before));
            assert!(nodes[0]["sources"] == json!([]) && path[0] == 0);
            assert!(nodes[1..].iter().all(|node| node["sources"] == json!([0])));
        }
        let guessed = nodes_below_root(&lists("nodes"));
        assert_eq!(guessed > 0, line["strategy"] != "autoregressive");
        assert_eq!(line["sources"].as_array().unwrap().len(), usize::from(guessed > 0));
    }
}

fn nodes_below_root(trees: &[&Vec<Value>]) -> usize {
    trees.iter().map(|nodes| nodes.len() - 1).sum()
}

#[test]
fn results_of_another_setting_are_left_alone() {
    let bench = Bench::of_two_tasks();
    let fixed = ["--max-new-tokens", "8", "--traces", "0"];
    bench.measure("out", &[&fixed[..], &["--limit", "1", "--temperature", "0.7"]].concat());
    let results = fs::read(bench.path("out").join("results.jsonl")).unwrap();
    let refused = |more: &[&str], words: &str| {
        let output = bench.run("out", &[&fixed[..], more].concat());
        let complaint = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(words), "{words:?} is missing in: {complaint}");
        assert_eq!(fs::read(bench.path("out").join("results.jsonl")).unwrap(), results);
    };
    refused(&[], "sampling.temperature is 0.7 there and 0.0 here");
    refused(&["--temperature", "0.7", "--kv", "f16"], "cache is \"f32\" there and \"f16\" here");
    refused(&["--temperature", "0.7", "--strategies", "jacobi"], "strategies is");
    refused(&["--temperature", "0.7", "--runs", "2"], "runs is 1 there and 2 here");
    fs::remove_file(bench.path("out").join("setting.json")).unwrap();
    refused(&["--temperature", "0.7"], "without their setting.json");
    fs::write(bench.path("out").join("setting.json"), "{\"version\":").unwrap();
    refused(&["--temperature", "0.7"], "setting.json cannot be used");
    // Where nothing was measured, nothing is lost.
    fs::write(bench.path("out").join("results.jsonl"), "").unwrap();
    bench.measure("out", &[&fixed[..], &["--temperature", "0.8"]].concat());
    assert_eq!(bench.records("out").len(), 6);
}

#[test]
fn another_output_fails_the_run() {
    let bench = Bench::of_two_tasks();
    let more = ["--max-new-tokens", "4", "--strategies", "suffix"];
    bench.measure("out", &more);
    let path = bench.path("out").join("results.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let mut record: Value = serde_json::from_str(first).unwrap();
    record["runs"][1]["identical"] = json!(false);
    fs::write(&path, format!("{record}\n{rest}")).unwrap();
    let output = bench.run("out", &more);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("suffix said something else than plain decoding to long/0"));
    assert!(stdout(&output).contains("OTHER OUTPUT"), "{}", stdout(&output));
    let summary = fs::read(bench.path("out").join("summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["strategies"][1]["overall"]["identical"], false);
    assert_eq!(summary["strategies"][1]["tasks"]["talk"]["identical"], true);
}

#[test]
fn a_summary_says_where_the_time_went() {
    let bench = Bench::of_two_tasks();
    let more = ["--max-new-tokens", "48", "--strategies", "suffix", "--budget", "fixed", "--json"];
    let object = json(&bench.run("out", &more));
    let suffix = &object["strategies"][1];
    let overall = &suffix["overall"];
    assert_eq!((&overall["prompts"], &overall["turns"]), (&json!(5), &json!(6)));
    let number = |name: &str| overall[name].as_f64().unwrap();
    let bound = |name: &str, index: usize| overall[name][index].as_f64().unwrap();
    assert!(bound("speedup_interval", 0) <= number("speedup") * 1.001);
    assert!(number("speedup") <= bound("speedup_interval", 1) * 1.001);
    assert!(number("speedup_p5") <= number("speedup_median"));
    let phases = overall["phases"].as_object().unwrap();
    let phased: f64 = phases.values().map(|seconds| seconds.as_f64().unwrap()).sum();
    // The last step's commit and observe come after the last token.
    assert!(phased > 0.5 * number("seconds"), "{phased} of {}", number("seconds"));
    assert!(phases["forward"].as_f64().unwrap() > 0.0);
    let source = &overall["sources"][0];
    let (proposed, accepted) = (&source["proposed"], &source["accepted"]);
    assert!(source["name"] == "suffix" && proposed.as_u64() >= accepted.as_u64());
    let depths = source["by_depth"].as_array().unwrap().iter();
    let sum: u64 = depths.map(|depth| depth["accepted"].as_u64().unwrap()).sum();
    assert_eq!(json!(sum), *accepted);
    assert!(
        number("tokens_per_step_loops_cut") >= 1.0 && number("nodes_per_step_loops_cut") >= 1.0
    );
}
