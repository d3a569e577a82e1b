//! How many threads to compute with.

use std::{collections::HashSet, fs, num::NonZeroUsize, path::Path, thread};

/// One thread for each physical core that this process may use: two threads on one core share its arithmetic, and the
/// slower of them is waited for.
pub(crate) fn physical_cores() -> NonZeroUsize {
    let available = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let allowed = fs::read_to_string("/proc/self/status").ok();
    let cores = allowed
        .as_deref()
        .and_then(allowed_cpus)
        .and_then(|cpus| distinct_cores(Path::new("/sys/devices/system/cpu"), &cpus));
    cores.map_or(available, |cores| cores.min(available))
}

/// The processors that a `/proc/PID/status` allows.
fn allowed_cpus(status: &str) -> Option<Vec<usize>> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    let mut cpus = Vec::new();
    for range in list.trim().split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        cpus.extend(first.parse::<usize>().ok()?..=last.parse().ok()?);
    }
    Some(cpus)
}

/// Processors that share a core have the same list of siblings.
fn distinct_cores(folder: &Path, cpus: &[usize]) -> Option<NonZeroUsize> {
    let siblings =
        |cpu: &usize| folder.join(format!("cpu{cpu}")).join("topology/thread_siblings_list");
    let cores: Option<HashSet<String>> =
        cpus.iter().map(|cpu| fs::read_to_string(siblings(cpu)).ok()).collect();
    NonZeroUsize::new(cores?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lists_of_processors() {
        let status =
            |list: &str| format!("Name:\tx\nCpus_allowed_list:\t{list}\nMems_allowed:\t1\n");
        assert_eq!(allowed_cpus(&status("0-2,5,8-9")), Some(vec![0, 1, 2, 5, 8, 9]));
        assert_eq!(allowed_cpus(&status("3")), Some(vec![3]));
        assert_eq!(allowed_cpus(&status("all")), None);
        assert_eq!(allowed_cpus("Name:\tx\n"), None);
    }

    #[test]
    fn counts_a_core_once() {
        let folder = tempfile::tempdir().unwrap();
        for (cpu, siblings) in [(0, "0,2\n"), (1, "1,3\n"), (2, "0,2\n"), (3, "1,3\n")] {
            let topology = folder.path().join(format!("cpu{cpu}/topology"));
            fs::create_dir_all(&topology).unwrap();
            fs::write(topology.join("thread_siblings_list"), siblings).unwrap();
        }
        let cores = |cpus: &[usize]| distinct_cores(folder.path(), cpus).map(NonZeroUsize::get);
        assert_eq!(cores(&[0, 1, 2, 3]), Some(2));
        assert_eq!(cores(&[0, 2]), Some(1));
        assert_eq!(cores(&[0, 7]), None);
    }
}
