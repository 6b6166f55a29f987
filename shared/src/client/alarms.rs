//! Alarms, their rules and quiet times.

use std::sync::{Mutex, PoisonError};

use reqwest::Method;

use super::routes::page_query;
use super::transport::Request;
use super::{Client, ClientError, to_json};
use crate::api::{
    Alarm, AlarmHistory, AlarmRule, AlarmRuleSettings, AlarmTurns, NewAcknowledgement, NewRehearsal, Page,
    QuietTime, QuietTimeSettings, RehearsalLine, Telling,
};
use crate::{AlarmId, AlarmRuleId, CommandId, QuietTimeId, StoreId};

type Answer<T> = Result<T, ClientError>;

/// Which alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmsQuery {
    /// Only those that are open, or only those that are over.
    pub open: Option<bool>,
    pub store: Option<StoreId>,
    /// `next` of the page before.
    pub after: Option<i64>,
    pub limit: u32,
    pub newest_first: bool,
}

impl Client {
    pub async fn alarms(&self, query: AlarmsQuery) -> Answer<Page<Alarm>> {
        let mut pairs = page_query(query.after, query.limit);
        pairs.extend(query.open.map(|open| ("open", open.to_string())));
        pairs.extend(query.store.map(|store| ("store_id", store.to_string())));
        if query.newest_first {
            pairs.push(("order", "newest".into()));
        }
        self.get(&["api", "v1", "alarms"], pairs).await
    }

    pub async fn alarm(&self, id: AlarmId) -> Answer<AlarmHistory> {
        self.get(&["api", "v1", "alarms", &id.to_string()], Vec::new()).await
    }

    /// Whether an alarm has turned after that place in the journal; waits up to so many seconds for one.
    pub async fn alarm_turns(&self, after: i64, wait: u32) -> Answer<AlarmTurns> {
        let pairs = vec![("after", after.to_string()), ("wait", wait.to_string())];
        self.get(&["api", "v1", "alarms", "turns"], pairs).await
    }

    /// Tells what was done about an alarm. It stays open until what it is about is over.
    pub async fn acknowledge_alarm(
        &self,
        command: CommandId,
        id: AlarmId,
        body: &NewAcknowledgement,
    ) -> Answer<Alarm> {
        let path = ["api", "v1", "alarms", &id.to_string(), "acknowledgement"];
        self.command(Method::POST, &path, command, body).await
    }

    /// Sends everybody who is told of alarms a trial.
    pub async fn try_telling(&self) -> Answer<Vec<Telling>> {
        let path = ["api", "v1", "alarm-recipients", "trial"];
        self.ask(Request::new(Method::POST, &path)).await
    }

    /// The rules of the person's stores, those that nobody set among them.
    pub async fn alarm_rules(&self) -> Answer<Vec<AlarmRule>> {
        self.get(&["api", "v1", "alarm-rules"], Vec::new()).await
    }

    pub async fn set_alarm_rule(
        &self,
        command: CommandId,
        id: AlarmRuleId,
        body: &AlarmRuleSettings,
    ) -> Answer<AlarmRule> {
        self.command(Method::PUT, &["api", "v1", "alarm-rules", &id.to_string()], command, body).await
    }

    pub async fn remove_alarm_rule(&self, command: CommandId, id: AlarmRuleId) -> Answer<AlarmRule> {
        let path = ["api", "v1", "alarm-rules", &id.to_string()];
        self.ask(Request { command: Some(command), ..Request::new(Method::DELETE, &path) }).await
    }

    /// When a rule would have fired, tried on what was measured; `told` hears how much of it is done, in percent.
    /// Dropping the future ends the work at the server.
    pub async fn rehearse_alarm_rule(
        &self,
        body: &NewRehearsal,
        told: impl Fn(f64) + Send + Sync,
    ) -> Answer<Vec<RehearsalLine>> {
        let path = ["api", "v1", "alarm-rules", "rehearsal"];
        let body = Some(to_json(body)?);
        let begun = Mutex::new(Vec::new());
        let heard = |part: &[u8]| {
            let mut begun = begun.lock().unwrap_or_else(PoisonError::into_inner);
            begun.extend_from_slice(part);
            let Some(end) = begun.iter().rposition(|byte| *byte == b'\n') else { return };
            let percent = |line: &[u8]| match serde_json::from_slice(line) {
                Ok(RehearsalLine::Progress { percent, .. }) => Some(percent),
                Ok(
                    RehearsalLine::Alarm { .. }
                    | RehearsalLine::KnownSince { .. }
                    | RehearsalLine::Done { .. }
                    | RehearsalLine::Failed { .. },
                )
                | Err(_) => None,
            };
            let mut lines = begun.get(..end).unwrap_or_default().rsplit(|byte| *byte == b'\n');
            if let Some(percent) = lines.find_map(percent) {
                told(percent);
            }
            begun.drain(..=end);
        };
        let request = Request { body, heard: Some(&heard), ..Request::new(Method::POST, &path) };
        self.answer(&request).await?.lines()
    }

    /// Quiet times that are not over.
    pub async fn quiet_times(&self) -> Answer<Vec<QuietTime>> {
        self.get(&["api", "v1", "quiet-times"], Vec::new()).await
    }

    pub async fn set_quiet_time(
        &self,
        command: CommandId,
        id: QuietTimeId,
        body: &QuietTimeSettings,
    ) -> Answer<QuietTime> {
        self.command(Method::PUT, &["api", "v1", "quiet-times", &id.to_string()], command, body).await
    }

    /// Ends a quiet time now.
    pub async fn end_quiet_time(&self, command: CommandId, id: QuietTimeId) -> Answer<QuietTime> {
        let path = ["api", "v1", "quiet-times", &id.to_string()];
        self.ask(Request { command: Some(command), ..Request::new(Method::DELETE, &path) }).await
    }
}
