//! The bounds of everything that comes from outside, in one place, so that the API document, the checks
//! and the windows agree.

use crate::UtcMicros;
use crate::time::DAY;

/// Characters in a name that people read (product, person, store, chain, sensor, key).
pub const NAME_CHARS: usize = 120;
/// Characters in a free text such as the reason of an adjustment.
pub const TEXT_CHARS: usize = 500;
/// Characters in a user name.
pub const USERNAME_CHARS: usize = 64;
/// What is told from memory, such as a sale by amount, is not older: 2000-01-01T00:00:00Z.
pub const EARLIEST_TOLD: UtcMicros = UtcMicros(10_957 * DAY);
/// How many digits a PIN may have.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Characters in a password. Long enough for a sentence, short enough that hashing it costs nothing extra.
pub const PASSWORD_CHARS: usize = 256;
/// Characters in a shop's own product code.
pub const CODE_CHARS: usize = 40;
/// Lines in one count.
pub const COUNT_LINES: usize = 1_000;
/// Lines in one transfer.
pub const TRANSFER_LINES: usize = 500;
/// Characters in the code of a lot.
pub const LOT_CODE_CHARS: usize = 40;
/// Characters in a sensor's id as its device sends it.
pub const SENSOR_ID_CHARS: usize = 64;
/// Highest price of one unit: R$ 10 million. With [`QUANTITY_THOUSANDTHS`] a line stays below 10^15 centavos.
pub const PRICE_CENTS: i64 = 1_000_000_000;
/// Highest amount of one payment, in centavos.
pub const AMOUNT_CENTS: i64 = 100_000_000_000;
/// Highest quantity of one line or stock entry: a million units, in thousandths.
pub const QUANTITY_THOUSANDTHS: i64 = 1_000_000_000;
/// Rows in a sheet of products.
pub const IMPORT_ROWS: usize = 20_000;
/// Bytes in a sheet of products: 20,000 rows of up to 200 bytes.
pub const IMPORT_BYTES: usize = 4 * 1024 * 1024;
/// Days of one price list of a product.
pub const PRICE_PERIODS: usize = 100;
/// Lines in one sale.
pub const SALE_LINES: usize = 500;
/// Payments in one sale.
pub const SALE_PAYMENTS: usize = 20;
/// Notes or coins of one value in a count of the drawer.
pub const CASH_COUNT: i64 = 1_000_000;
/// Characters in the name of a till, which leaves room for a number behind it.
pub const TILL_CHARS: usize = 100;
/// Readings in one batch.
pub const BATCH_READINGS: usize = 10_000;
/// Rows in one page of a list.
pub const PAGE_ROWS: u32 = 1_000;
/// Points in one answer of a series.
pub const SERIES_POINTS: u32 = 5_000;
/// Days in the period of a report: ten years.
pub const REPORT_DAYS: i32 = 3_660;
/// Sensors in one request for series.
pub const SERIES_SENSORS: usize = 64;
/// Records in one answer of a feed.
pub const FEED_ROWS: u32 = 10_000;
/// Bytes of records in one answer of a feed; the answer ends there, or after one record.
pub const FEED_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// Bytes in one record of a feed.
pub const FEED_RECORD_BYTES: usize = 64 * 1024;
/// Bytes in the id of a feed's record.
pub const FEED_RECORD_ID_BYTES: usize = 256;
/// Records that one command takes into the ledger.
pub const FEED_BATCH: usize = 1_000;
/// Stores a person may be scoped to.
pub const PERSON_STORES: usize = 200;
/// Limits of alarm rules are between these, and kept to the thousandth.
pub const ALARM_LIMIT: std::ops::RangeInclusive<i64> = -1_000_000..=1_000_000;
/// Seconds of a delay or a window of an alarm rule: up to a week.
pub const ALARM_SECONDS: i64 = 7 * 86_400;
/// Entries of the group's log that a server may lack before an alarm tells of it.
pub const ALARM_ENTRIES: i64 = 1_000_000;
/// Days before an expiry at which an alarm may tell of it.
pub const EXPIRING_DAYS: i64 = 365;
/// What a calibration may add, in °C, either way.
pub const CALIBRATION_CELSIUS: i64 = 100;
/// Calibrations that a sensor may have.
pub const CALIBRATIONS: usize = 500;
/// Days that an annotation may be about.
pub const ANNOTATION_DAYS: i64 = 31;
/// Annotations in one answer.
pub const ANNOTATION_ROWS: u32 = 1_000;
/// Days that a quiet time may last.
pub const QUIET_DAYS: i64 = 30;
/// Rules that a store may have.
pub const ALARM_RULES: usize = 1_000;
/// Bytes in a JSON body, but for the batch of readings.
pub const BODY_BYTES: usize = 256 * 1024;
/// Bytes in a batch of readings: 10,000 readings of up to 400 bytes.
pub const BATCH_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Characters in the name of a terminal (a client of the pulse).
pub const TERMINAL_CHARS: usize = 64;
/// Characters of the version that a terminal tells.
pub const VERSION_CHARS: usize = 64;
/// Terminals that are remembered.
pub const TERMINALS: usize = 10_000;
/// Values of the pulse are below this.
pub const PULSE_VALUES: u8 = 100;
/// Bytes of a message on the pulse that are understood; what is longer is answered with an error.
pub const PULSE_MESSAGE_BYTES: usize = 1_024;
/// Characters of a message that the log of the pulse keeps.
pub const PULSE_LOG_CHARS: usize = 256;
/// The bounds of how long the log of the pulse is kept.
pub const PULSE_DAYS: std::ops::RangeInclusive<i64> = 1..=3_650;
pub const PULSE_ROWS: std::ops::RangeInclusive<i64> = 10_000..=1_000_000_000;
/// Entries of an account that are told with what is owed on it.
pub const DEBT_ENTRIES: usize = 20;
