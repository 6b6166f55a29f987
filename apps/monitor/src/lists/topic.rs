//! What lists there are: on which page each is, who may see it, its columns, its choices and its order.

use tillwatch_desk::texts::Table as _;
use tillwatch_shared::Cents;
use tillwatch_shared::api::Role;
use tillwatch_shared::limits::PAGE_ROWS;

use super::{Column, Context, Row, alarms, goods, manage, money};
use crate::lists_texts::{Text, Word};
use crate::manage_texts::Text as Set;
use crate::state::Page;

/// Rows asked for at a time of a list that is read from its newest end.
const NEWEST_ROWS: u32 = 200;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    Lots,
    Transfers,
    Counts,
    Sessions,
    Accounts,
    Products,
    Stores,
    People,
    Sensors,
    Keys,
    Tills,
    History,
    /// Those that are open.
    Alarms,
    PastAlarms,
    Rules,
    Quiet,
}

impl Topic {
    pub const ALL: [Self; 16] = [
        Self::Lots,
        Self::Transfers,
        Self::Counts,
        Self::Sessions,
        Self::Accounts,
        Self::Products,
        Self::Stores,
        Self::People,
        Self::Sensors,
        Self::Keys,
        Self::Tills,
        Self::History,
        Self::Alarms,
        Self::PastAlarms,
        Self::Rules,
        Self::Quiet,
    ];

    /// The page on which it is.
    pub const fn page(self) -> Page {
        match self {
            Self::Lots | Self::Transfers | Self::Counts => Page::Stock,
            Self::Sessions | Self::Accounts => Page::Money,
            Self::Products
            | Self::Stores
            | Self::People
            | Self::Sensors
            | Self::Keys
            | Self::Tills
            | Self::History => Page::Manage,
            Self::Alarms | Self::PastAlarms | Self::Rules | Self::Quiet => Page::Alarms,
        }
    }

    /// Whether it is read to its end; else newest first, and older rows when somebody wants them.
    pub const fn whole(self) -> bool {
        match self {
            Self::Lots
            | Self::Accounts
            | Self::Products
            | Self::Stores
            | Self::People
            | Self::Sensors
            | Self::Keys
            | Self::Tills
            | Self::Alarms
            | Self::Rules
            | Self::Quiet => true,
            Self::Transfers | Self::Counts | Self::Sessions | Self::History | Self::PastAlarms => false,
        }
    }

    /// Rows of one answer.
    pub const fn limit(self) -> u32 {
        if self.whole() { PAGE_ROWS } else { NEWEST_ROWS }
    }

    /// Who may see it.
    pub const fn role(self) -> Role {
        match self {
            Self::Lots
            | Self::Transfers
            | Self::Counts
            | Self::Sessions
            | Self::Alarms
            | Self::PastAlarms => Role::Seller,
            Self::Accounts
            | Self::Products
            | Self::Stores
            | Self::People
            | Self::Sensors
            | Self::Keys
            | Self::Tills
            | Self::History
            | Self::Rules
            | Self::Quiet => Role::Manager,
        }
    }

    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Lots => goods::LOTS,
            Self::Transfers => goods::TRANSFERS,
            Self::Counts => goods::COUNTS,
            Self::Sessions => money::SESSIONS,
            Self::Accounts => money::ACCOUNTS,
            Self::Products => manage::PRODUCTS,
            Self::Stores => manage::STORES,
            Self::People => manage::PEOPLE,
            Self::Sensors => manage::SENSORS,
            Self::Keys => manage::KEYS,
            Self::Tills => manage::TILLS,
            Self::History => manage::HISTORY,
            Self::Alarms => alarms::OPEN,
            Self::PastAlarms => alarms::PAST,
            Self::Rules => alarms::RULES,
            Self::Quiet => alarms::QUIET,
        }
    }

    /// The column by which it is in order by itself, and whether the greatest comes first; as it was told if absent.
    pub(super) const fn usual_sort(self) -> Option<(usize, bool)> {
        match self {
            // What expires or ends next, and who owes most.
            Self::Lots | Self::Quiet => Some((3, false)),
            Self::Accounts => Some((4, true)),
            Self::Products | Self::Stores | Self::People | Self::Sensors => Some((self.name_column(), false)),
            // The most urgent first.
            Self::Alarms => Some((0, false)),
            Self::Transfers
            | Self::Counts
            | Self::Sessions
            | Self::Keys
            | Self::Tills
            | Self::History
            | Self::PastAlarms
            | Self::Rules => None,
        }
    }

    /// The column of the row's own name.
    const fn name_column(self) -> usize {
        match self {
            Self::Products => 1,
            Self::Lots
            | Self::Transfers
            | Self::Counts
            | Self::Sessions
            | Self::Accounts
            | Self::Stores
            | Self::People
            | Self::Sensors
            | Self::Keys
            | Self::Tills
            | Self::History
            | Self::Alarms
            | Self::PastAlarms
            | Self::Rules
            | Self::Quiet => 0,
        }
    }

    /// What rows come to in money, where that means something.
    pub(super) fn sum<'r>(self, rows: impl Iterator<Item = &'r Row>, context: &Context) -> Option<String> {
        let text = match self {
            Self::Lots => Text::SumOfLots,
            Self::Accounts => Text::SumOfAccounts,
            Self::Counts | Self::Sessions => Text::SumOfDifferences,
            Self::Transfers
            | Self::Products
            | Self::Stores
            | Self::People
            | Self::Sensors
            | Self::Keys
            | Self::Tills
            | Self::History
            | Self::Alarms
            | Self::PastAlarms
            | Self::Rules
            | Self::Quiet => return None,
        };
        let sum =
            rows.filter_map(Row::money).fold(Cents::ZERO, |sum, one| sum.checked_add(one).unwrap_or(sum));
        Some(text.with(context.lang, &[("amount", &sum)]))
    }

    /// What the rows can be narrowed to; the first is all of them.
    pub const fn choices(self) -> &'static [Word] {
        const ALL: Word = Word::List(Text::All);
        const DIFFERENT: Word = Word::List(Text::WithDifferences);
        const ACTIVE: Word = Word::Manage(Set::StillActive);
        match self {
            Self::Lots => {
                &[ALL, Word::List(Text::Expired), Word::List(Text::Within7), Word::List(Text::Within30)]
            }
            Self::Transfers => &[ALL, Word::List(Text::OnTheWay), Word::List(Text::WithLosses)],
            Self::Counts => &[ALL, DIFFERENT],
            Self::Sessions => &[ALL, Word::List(Text::StillOpen), DIFFERENT],
            Self::Products => &[ALL, ACTIVE, Word::Manage(Set::WithPeriods)],
            Self::People | Self::Keys => &[ALL, ACTIVE],
            Self::Alarms | Self::PastAlarms => &[ALL, Word::List(Text::Uncared), Word::List(Text::Cared)],
            Self::Accounts
            | Self::Stores
            | Self::Sensors
            | Self::Tills
            | Self::History
            | Self::Rules
            | Self::Quiet => &[],
        }
    }
}
