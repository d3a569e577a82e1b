use std::{env::consts, fs};

/// What this machine is called in a [`Subject`](super::Subject): its processor's name where the system tells, else its
/// architecture.
pub fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    processor(&processors).unwrap_or_else(|| format!("{} {}", consts::ARCH, consts::OS))
}

/// The first processor's name in a `/proc/cpuinfo`.
fn processor(processors: &str) -> Option<String> {
    let line = processors.lines().find(|line| line.starts_with("model name"))?;
    let name = line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_first_name() {
        let text = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some(R)  CPU @ 2.80GHz\nmodel name\t: x\n";
        assert_eq!(processor(text).unwrap(), "Some(R) CPU @ 2.80GHz");
        assert_eq!(processor("processor\t: 0\n"), None);
        assert!(!machine().is_empty());
    }
}
