//! Rows of lists, what there is beside a row, and the commands of forms.

use tillwatch_desk::failure::Failure;
use tillwatch_shared::api::{Change, Page, Store};
use tillwatch_shared::client::{AlarmsQuery, Client};
use tillwatch_shared::limits::PAGE_ROWS;
use tillwatch_shared::{AlarmRuleId, CommandId, QuietTimeId, StoreId};

use crate::forms::Order;
use crate::input::ReportOf;
use crate::lists::{Report, Row, Topic};
use crate::manage_texts::told;

/// Pages of the journal that one look into the history goes through, and rows with which it is content.
const HISTORY_STEPS: u32 = 20;
const HISTORY_ROWS: usize = 100;

/// A page of a list.
pub async fn rows(
    client: &Client,
    topic: Topic,
    store: Option<StoreId>,
    after: Option<i64>,
    limit: u32,
) -> Result<Page<Row>, Failure> {
    Ok(match topic {
        Topic::Lots => page(client.lots(store, after, limit).await?, Row::Lot),
        Topic::Transfers => page(client.latest_transfers(store, after, limit).await?, Row::Transfer),
        Topic::Counts => page(client.latest_counts(store, after, limit).await?, Row::Count),
        Topic::Sessions => page(client.latest_cash_sessions(store, after, limit).await?, Row::Session),
        Topic::Accounts => page(client.accounts(store, after, limit).await?, Row::Account),
        Topic::Products => page(client.products(None, after, limit).await?, Row::Product),
        Topic::Stores => {
            let chains = client.chains().await?;
            let named = |store: Store| {
                let chain = chains.iter().find(|chain| chain.id == store.chain_id);
                Row::Store(store, chain.map(|chain| chain.name.clone()).unwrap_or_default())
            };
            whole(client.stores().await?, named)
        }
        Topic::People => page(client.people(after, limit).await?, Row::Person),
        Topic::Sensors => whole(client.sensors().await?, Row::Sensor),
        Topic::Keys => whole(client.api_keys().await?, Row::Key),
        Topic::Tills => whole(client.tills().await?, Row::Till),
        Topic::History => history(client, after).await?,
        Topic::Alarms | Topic::PastAlarms => {
            let open = topic == Topic::Alarms;
            let query = AlarmsQuery { open: Some(open), store, after, limit, newest_first: !open };
            page(client.alarms(query).await?, |alarm| Row::Alarm(Box::new(alarm)))
        }
        Topic::Rules => whole(client.alarm_rules().await?, Row::Rule),
        Topic::Quiet => whole(client.quiet_times().await?, Row::Quiet),
    })
}

/// Changes of the set-up before this place in the journal, newest first. The journal is mostly about the shop's
/// day, so a page looks through a good deal of it.
async fn history(client: &Client, before: Option<i64>) -> Result<Page<Row>, Failure> {
    let people = client.people(None, PAGE_ROWS).await?.items;
    let who = |change: &Change| {
        let found = people.iter().find(|person| Some(person.id) == change.actor_id);
        found.map(|person| person.name.clone()).unwrap_or_default()
    };
    let mut end = match before {
        Some(before) => before,
        None => client.latest_change().await?.next_after,
    };
    let mut rows = Vec::new();
    for _ in 0..HISTORY_STEPS {
        if end <= 0 || rows.len() >= HISTORY_ROWS {
            break;
        }
        let after = (end - i64::from(PAGE_ROWS)).max(0);
        let limit = u32::try_from(end - after).unwrap_or(PAGE_ROWS);
        let found = client.changes(after, limit).await?.changes;
        let kept = found.into_iter().filter(|change| change.seq <= end && told(&change.event).is_some());
        rows.extend(kept.rev().map(|change| {
            let who = who(&change);
            Row::Change(Box::new(change), who)
        }));
        end = after;
    }
    Ok(Page { items: rows, next: Some(end).filter(|end| *end > 0) })
}

fn whole<T>(items: Vec<T>, row: impl Fn(T) -> Row) -> Page<Row> {
    page(Page { items, next: None }, row)
}

/// Gives a command; the answer is the secret of a new key.
pub async fn give(client: &Client, command: CommandId, order: &Order) -> Result<Option<String>, Failure> {
    match order {
        Order::NewProduct(body) => client.new_product(command, body).await.map(drop)?,
        Order::ChangeProduct(id, body) => client.change_product(command, *id, body).await.map(drop)?,
        Order::SetPrices(id, body) => client.set_prices(command, *id, body).await.map(drop)?,
        Order::NewStore(body) => client.new_store(command, body).await.map(drop)?,
        Order::ChangeStore(id, body) => client.change_store(command, *id, body).await.map(drop)?,
        Order::SetLimits(id, body) => client.set_discount_limits(command, *id, body).await.map(drop)?,
        Order::NewPerson(body) => client.new_person(command, body).await.map(drop)?,
        Order::ChangePerson(id, body) => client.change_person(command, *id, body).await.map(drop)?,
        Order::SetSensor(id, body) => client.set_sensor(command, id, body).await.map(drop)?,
        Order::NewKey(body) => return Ok(client.new_api_key(command, body).await?.secret),
        Order::RevokeKey(id) => client.revoke_api_key(command, *id).await?,
        Order::Acknowledge(id, body) => client.acknowledge_alarm(command, *id, body).await.map(drop)?,
        Order::SetRule(id, body) => {
            // A new rule's id is its command's: sent again, it is the same rule.
            let id = id.unwrap_or(AlarmRuleId(command.0));
            client.set_alarm_rule(command, id, body).await.map(drop)?;
        }
        Order::RemoveRule(id) => client.remove_alarm_rule(command, *id).await.map(drop)?,
        Order::SetQuiet(body) => {
            client.set_quiet_time(command, QuietTimeId(command.0), body).await.map(drop)?;
        }
        Order::EndQuiet(id) => client.end_quiet_time(command, *id).await.map(drop)?,
        Order::Calibrate(sensor, body) => client.set_calibration(command, sensor, body).await.map(drop)?,
        Order::WithdrawCalibration(sensor, body) => {
            client.withdraw_calibration(command, sensor, body).await.map(drop)?;
        }
        Order::Annotate(sensor, body) => client.annotate(command, sensor, body).await.map(drop)?,
        Order::WithdrawNote(id, body) => client.withdraw_annotation(command, *id, body).await.map(drop)?,
        Order::ShutOutTill(id) => client.revoke_till(command, *id).await.map(drop)?,
    }
    Ok(None)
}

fn page<T>(page: Page<T>, row: impl Fn(T) -> Row) -> Page<Row> {
    Page { items: page.items.into_iter().map(row).collect(), next: page.next }
}

/// What there is beside a row.
pub async fn report(client: &Client, of: ReportOf) -> Result<Report, Failure> {
    Ok(match of {
        ReportOf::Cash(id) => Report::Cash(Box::new(client.cash_session(id).await?)),
        ReportOf::Alarm(id) => Report::Alarm(Box::new(client.alarm(id).await?)),
        ReportOf::Count(id) => Report::Count(Box::new(client.count(id).await?)),
        ReportOf::Transfer(id) => Report::Transfer(Box::new(client.transfer(id).await?)),
    })
}
