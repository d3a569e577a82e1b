//! A fixed set of threads that run one task together, many thousand times a second.

use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::hint::spin_loop;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};

/// Pauses before a waiting thread parks: some tens of microseconds, longer than the gap between two tasks of a forward pass.
const SPINS: usize = 2000;

thread_local! {
    static IN_TASK: Cell<bool> = const { Cell::new(false) };
}

type Task<'a> = &'a (dyn Fn(usize) + Sync);

/// Threads that run one task at a time, all of them together.
///
/// [`run`](Self::run) costs about a microsecond while tasks follow each other closely: workers spin for some tens of microseconds after
/// a task before they park. The thread that calls is worker 0, so a pool of one thread starts none.
///
/// Kernels split outputs among the workers, never a sum: results do not depend on the number of threads.
#[derive(Debug)]
pub struct ThreadPool {
    state: Arc<State>,
    handles: Vec<JoinHandle<()>>,
}

struct State {
    threads: usize,
    spins: usize,
    /// One caller at a time.
    gate: Mutex<()>,
    /// Number of the current task; a change is the signal to start.
    epoch: AtomicUsize,
    /// The current task: valid from the change of `epoch` until `running` is back at zero.
    task: UnsafeCell<Option<Task<'static>>>,
    running: AtomicUsize,
    asleep: Vec<AtomicBool>,
    caller_asleep: AtomicBool,
    caller: Mutex<Option<Thread>>,
    /// Arrivals at barriers since the task started.
    arrivals: AtomicUsize,
    panicked: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    closing: AtomicBool,
}

// SAFETY: `task` is the only field that is not `Sync`. It is written by the caller that holds `gate` while `running` is zero, so no worker
// reads it then; workers read it after they saw the new `epoch` (acquire) and before they decrease `running` (release).
unsafe impl Sync for State {}
// SAFETY: the task is `Sync`, hence its reference `Send`.
unsafe impl Send for State {}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// A pool of `threads` threads, the caller of [`run`](Self::run) included; zero counts as one.
    ///
    /// A thread that the system refuses to start is left out: [`threads`](Self::threads) tells how many there are.
    pub fn new(threads: usize) -> Self {
        let mut wanted = threads.max(1);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        loop {
            let mut pool = Self::with(wanted, if wanted > cores { 0 } else { SPINS });
            if pool.handles.len() + 1 == wanted {
                return pool;
            }
            // Another process may take what room there was meanwhile: fewer each time, so this ends.
            wanted = pool.handles.len() + 1;
            pool.close();
        }
    }

    fn with(threads: usize, spins: usize) -> Self {
        let state = Arc::new(State {
            threads,
            spins,
            gate: Mutex::new(()),
            epoch: AtomicUsize::new(0),
            task: UnsafeCell::new(None),
            running: AtomicUsize::new(0),
            asleep: (0..threads).map(|_| AtomicBool::new(false)).collect(),
            caller_asleep: AtomicBool::new(false),
            caller: Mutex::new(None),
            arrivals: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            panic: Mutex::new(None),
            closing: AtomicBool::new(false),
        });
        let start = |worker| {
            let state = Arc::clone(&state);
            thread::Builder::new()
                .name(format!("foretoken-{worker}"))
                .spawn(move || state.work(worker))
                .ok()
        };
        let handles = (1..threads).map_while(start).collect();
        Self { state, handles }
    }

    /// A pool with one thread for each core that this process may use.
    pub fn of_cores() -> Self {
        Self::new(thread::available_parallelism().map_or(1, usize::from))
    }

    /// The number of workers, the caller of [`run`](Self::run) included.
    pub fn threads(&self) -> usize {
        self.state.threads
    }

    /// Calls `task(worker)` for every worker in `0..threads()`, each on its own thread and the caller as worker 0, and returns when all are done.
    ///
    /// Calls from several threads take turns.
    ///
    /// # Panics
    /// If `task` panics on any worker, with that panic, after all workers are done; and if it is called from within a task.
    pub fn run(&self, task: &(dyn Fn(usize) + Sync)) {
        assert!(!IN_TASK.get(), "a task must not start another task on a pool");
        let state = &*self.state;
        let _turn = lock(&state.gate);
        state.arrivals.store(0, Ordering::Relaxed);
        if self.handles.is_empty() {
            state.run_part(task, 0);
        } else {
            // SAFETY: only the lifetime changes. The reference is used by workers between the new epoch and the last decrease of
            // `running`, and this function waits for that below, also when the caller's own part panics (it is caught).
            let forever = unsafe { std::mem::transmute::<Task<'_>, Task<'static>>(task) };
            // SAFETY: `gate` is held and `running` is zero: nobody else touches the cell.
            unsafe { *state.task.get() = Some(forever) };
            state.running.store(self.handles.len(), Ordering::Relaxed);
            state.epoch.fetch_add(1, Ordering::SeqCst);
            for (asleep, handle) in state.asleep[1..].iter().zip(&self.handles) {
                if asleep.load(Ordering::SeqCst) {
                    handle.thread().unpark();
                }
            }
            state.run_part(task, 0);
            state.wait_for_workers();
        }
        if state.panicked.swap(false, Ordering::Relaxed)
            && let Some(panic) = lock(&state.panic).take()
        {
            resume_unwind(panic);
        }
    }

    /// Waits, within a task, until every worker has arrived here: what they wrote before is visible to all after.
    ///
    /// Every worker of the task must call it the same number of times.
    ///
    /// # Panics
    /// If another worker panicked, which will then never arrive.
    pub(crate) fn barrier(&self) {
        let state = &*self.state;
        let threads = state.threads;
        if threads == 1 {
            return;
        }
        let arrival = state.arrivals.fetch_add(1, Ordering::AcqRel);
        let everyone = (arrival / threads + 1) * threads;
        let mut spins = 0;
        while state.arrivals.load(Ordering::Acquire) < everyone {
            assert!(!state.panicked.load(Ordering::Acquire), "another worker panicked");
            if spins < state.spins {
                spins += 1;
                spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }

    fn close(&mut self) {
        self.state.closing.store(true, Ordering::Relaxed);
        self.state.epoch.fetch_add(1, Ordering::SeqCst);
        for handle in self.handles.drain(..) {
            handle.thread().unpark();
            // Workers catch their tasks' panics, so there is nothing to learn from the result.
            let _ = handle.join();
        }
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.close();
    }
}

impl State {
    fn work(&self, worker: usize) {
        let mut seen = 0;
        loop {
            seen = self.wait_for_task(worker, seen);
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            // SAFETY: the epoch changed, so the caller has written the task and leaves it until `running` is zero.
            if let Some(task) = unsafe { *self.task.get() } {
                self.run_part(task, worker);
            }
            if self.running.fetch_sub(1, Ordering::SeqCst) == 1
                && self.caller_asleep.load(Ordering::SeqCst)
                && let Some(caller) = lock(&self.caller).as_ref()
            {
                caller.unpark();
            }
        }
    }

    fn run_part(&self, task: Task<'_>, worker: usize) {
        IN_TASK.set(true);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| task(worker))) {
            let mut first = lock(&self.panic);
            if first.is_none() {
                *first = Some(panic);
            }
            self.panicked.store(true, Ordering::Release);
        }
        IN_TASK.set(false);
    }

    /// Waits until the epoch differs from `seen` and returns it.
    fn wait_for_task(&self, worker: usize, seen: usize) -> usize {
        for _ in 0..self.spins {
            let epoch = self.epoch.load(Ordering::Acquire);
            if epoch != seen {
                return epoch;
            }
            spin_loop();
        }
        // Either the caller sees `asleep` and unparks, or this thread sees the new epoch: both orders are sequentially consistent.
        self.asleep[worker].store(true, Ordering::SeqCst);
        loop {
            let epoch = self.epoch.load(Ordering::SeqCst);
            if epoch != seen {
                self.asleep[worker].store(false, Ordering::Relaxed);
                return epoch;
            }
            thread::park();
        }
    }

    fn wait_for_workers(&self) {
        for _ in 0..self.spins {
            if self.running.load(Ordering::Acquire) == 0 {
                return;
            }
            spin_loop();
        }
        *lock(&self.caller) = Some(thread::current());
        self.caller_asleep.store(true, Ordering::SeqCst);
        while self.running.load(Ordering::SeqCst) != 0 {
            thread::park();
        }
        self.caller_asleep.store(false, Ordering::Relaxed);
    }
}

/// The part of `0..units` that falls to `worker` of `threads`: contiguous, in order of workers, sizes within one of each other.
pub fn share(units: usize, worker: usize, threads: usize) -> Range<usize> {
    let (each, more) = (units / threads, units % threads);
    let start = worker * each + worker.min(more);
    start..start + each + usize::from(worker < more)
}

/// A lock that a panic elsewhere does not poison: the data behind every lock here is valid at all times.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_worker_runs_once_each_time() {
        for threads in [1, 2, 3, 5] {
            let pool = ThreadPool::new(threads);
            assert_eq!(pool.threads(), threads);
            let counts: Vec<AtomicUsize> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
            for round in 1..200 {
                pool.run(&|worker| {
                    counts[worker].fetch_add(1, Ordering::Relaxed);
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == round));
            }
        }
    }

    #[test]
    fn parked_workers_wake_and_a_slow_worker_is_waited_for() {
        let pool = ThreadPool::new(3);
        let done = AtomicUsize::new(0);
        for round in 1..4 {
            thread::sleep(Duration::from_millis(5));
            pool.run(&|worker| {
                thread::sleep(Duration::from_millis(worker as u64 * 5));
                done.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(done.load(Ordering::Relaxed), 3 * round);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_goes_on() {
        let pool = ThreadPool::new(3);
        for culprit in 0..3 {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                pool.run(&|worker| {
                    assert!(worker != culprit, "culprit {culprit}");
                    pool.barrier();
                });
            }));
            assert!(caught.is_err());
            let ran = AtomicUsize::new(0);
            pool.run(&|_| {
                ran.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(ran.load(Ordering::Relaxed), 3);
        }
    }

    #[test]
    fn a_task_within_a_task_is_refused() {
        let pool = ThreadPool::new(2);
        let other = ThreadPool::new(1);
        assert!(catch_unwind(AssertUnwindSafe(|| pool.run(&|_| other.run(&|_| {})))).is_err());
    }

    #[test]
    fn a_barrier_separates_phases() {
        let pool = ThreadPool::new(3);
        let cells: Vec<AtomicUsize> = (0..3).map(|_| AtomicUsize::new(0)).collect();
        pool.run(&|worker| {
            for phase in 1..500 {
                cells[worker].store(phase, Ordering::Relaxed);
                pool.barrier();
                assert!(cells.iter().all(|cell| cell.load(Ordering::Relaxed) == phase));
                pool.barrier();
            }
        });
    }

    #[test]
    fn shares_cover_the_units_in_order() {
        for units in 0..20 {
            for threads in 1..6 {
                let all: Vec<usize> =
                    (0..threads).flat_map(|worker| share(units, worker, threads)).collect();
                assert_eq!(all, (0..units).collect::<Vec<_>>());
            }
        }
    }
}
