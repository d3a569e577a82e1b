//! What was measured, where and how, in a line.

use crate::Setting;

use super::wording::count;

/// The parts of the line; none without a setting.
pub(super) fn parts(setting: Option<&Setting>) -> Vec<String> {
    let Some(setting) = setting else { return Vec::new() };
    let sampling = &setting.sampling;
    let chosen = if sampling.temperature > 0.0 {
        format!("temperature {}", sampling.temperature)
    } else {
        "greedy".to_owned()
    };
    let mut parts = vec![
        setting.model.clone(),
        setting.file_type.clone(),
        setting.machine.clone(),
        setting.level.clone(),
        count(setting.threads, "thread"),
        chosen,
        format!("at most {}", count(setting.max_new_tokens, "token")),
        format!("{} budget of {}", setting.budget, count(setting.max_nodes, "node")),
    ];
    if setting.shared_pool {
        parts.push("a pool from prompt to prompt".to_owned());
    }
    parts.push(format!("foretoken {}", setting.version));
    parts.retain(|part| !part.trim().is_empty());
    parts
}
