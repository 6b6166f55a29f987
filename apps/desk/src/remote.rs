//! A value that lives on the server: what is known of it stays while a newer one is on its way.

use tillwatch_shared::UtcMicros;

use crate::failure::Failure;

#[derive(Clone, Debug, PartialEq)]
pub struct Remote<T> {
    value: Option<T>,
    loading: Option<String>,
    failure: Option<Failure>,
    fetched_at: Option<UtcMicros>,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self { value: None, loading: None, failure: None, fetched_at: None }
    }
}

impl<T> Remote<T> {
    /// A request left. The reason is shown beside the sign that something loads.
    pub fn begin(&mut self, reason: impl Into<String>) {
        self.loading = Some(reason.into());
    }

    /// The answer came.
    pub fn finish(&mut self, answer: Result<T, Failure>, now: UtcMicros) {
        self.loading = None;
        match answer {
            Ok(value) => {
                self.value = Some(value);
                self.failure = None;
                self.fetched_at = Some(now);
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// No answer is waited for any more; what is known stays.
    pub fn stop(&mut self) {
        self.loading = None;
    }

    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    pub const fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// Why something is loading now.
    pub fn loading(&self) -> Option<&str> {
        self.loading.as_deref()
    }

    pub const fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// Why the newest try failed.
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    pub const fn fetched_at(&self) -> Option<UtcMicros> {
        self.fetched_at
    }

    /// Microseconds since the value came.
    pub fn age(&self, now: UtcMicros) -> Option<i64> {
        self.fetched_at.map(|at| now.since(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_value_stays_while_loading_and_after_a_failure() {
        let mut remote = Remote::default();
        remote.begin("produtos");
        remote.finish(Ok(1), UtcMicros(10));
        remote.begin("produtos");
        assert_eq!((remote.value(), remote.loading()), (Some(&1), Some("produtos")));
        remote.finish(Err(Failure::Unreachable), UtcMicros(20));
        assert_eq!((remote.value(), remote.failure()), (Some(&1), Some(&Failure::Unreachable)));
        assert_eq!(remote.age(UtcMicros(25)), Some(15));
        remote.finish(Ok(2), UtcMicros(30));
        assert_eq!((remote.value(), remote.failure()), (Some(&2), None));
    }
}
