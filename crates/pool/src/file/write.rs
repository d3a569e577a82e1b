use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Names that others' files may have taken, at most.
const ATTEMPTS: usize = 64;

/// Puts a file that `fill` writes in the place of `path`, whole or not at all. Where `path` is a link, what it points to is
/// replaced; what may read the old file may read the new one.
pub(super) fn replace(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let target = path.canonicalize();
    let path = target.as_deref().unwrap_or(path);
    let (file, temporary) = create(path)?;
    let written = write(file, path, fill).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn write(
    file: File,
    replaced: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if let Ok(old) = fs::metadata(replaced) {
        file.set_permissions(old.permissions())?;
    }
    let mut out = BufWriter::new(file);
    fill(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // The rename must not reach the disk before the data does.
    file.sync_all()
}

/// A new file in the same folder, because renames do not cross file systems. Its name may be that of one that another
/// process of the same number writes, on another machine, or left behind.
fn create(path: &Path) -> io::Result<(File, PathBuf)> {
    for _ in 1..ATTEMPTS {
        let temporary = temporary(path)?;
        match File::create_new(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (file, temporary)),
        }
    }
    let temporary = temporary(path)?;
    File::create_new(&temporary).map(|file| (file, temporary))
}

fn temporary(path: &Path) -> io::Result<PathBuf> {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let mut temporary = OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}.{number}.tmp", std::process::id()));
    Ok(path.with_file_name(temporary))
}
