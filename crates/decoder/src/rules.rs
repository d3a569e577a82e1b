use std::time::Instant;

use foretoken_core::{
    Cancellation, Constraint, DecodeError, LogitsProcessor, ModelInfo, Request, StopReason, Token,
};

use crate::Chooser;
use crate::circles::Circles;

/// What a request wants: which tokens, and where they end.
pub(crate) struct Rules {
    pub(crate) chooser: Chooser,
    deadline: Option<Instant>,
    cancellation: Option<Cancellation>,
    circles: Option<Circles>,
}

impl Rules {
    /// The rules of a request that starts now.
    pub(crate) fn new(
        request: &Request,
        info: &ModelInfo,
        processors: &[Box<dyn LogitsProcessor>],
        constraint: Option<&dyn Constraint>,
    ) -> Result<Self, DecodeError> {
        let chooser = Chooser::new(request, info)?;
        let chooser =
            processors.iter().fold(chooser, |chooser, p| chooser.with_processor(p.fork()));
        let chooser = match constraint {
            Some(constraint) => chooser.with_constraint(constraint.fork()),
            None => chooser,
        };
        let most = request.max_new_tokens.min(info.context_length);
        let circles =
            request.repetition_guard.map(|guard| Circles::new(guard, most)).transpose()?;
        Ok(Self {
            chooser,
            // A time too long to add is no limit.
            deadline: request.time_budget.and_then(|time| Instant::now().checked_add(time)),
            cancellation: request.cancellation.clone(),
            circles,
        })
    }

    /// Why there is no next pass, if so.
    pub(crate) fn stop_before_pass(&self) -> Option<StopReason> {
        if self.cancellation.as_ref().is_some_and(Cancellation::is_cancelled) {
            return Some(StopReason::Cancelled);
        }
        let late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        late.then_some(StopReason::TimeBudget)
    }

    /// Why the last token of `output` is the last one, if so; `sink` is why
    /// the sink wants no more, if it does not.
    pub(crate) fn stop_after(
        &mut self,
        output: &[Token],
        sink: Option<StopReason>,
    ) -> Option<StopReason> {
        let circles = self.circles.as_mut().is_some_and(|circles| circles.closed_by(output));
        let last = output.last()?;
        if self.chooser.end_of_sequence().contains(*last) {
            return Some(StopReason::EndOfSequence);
        }
        sink.or_else(|| circles.then_some(StopReason::Repetition))
    }
}
