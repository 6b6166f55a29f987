//! What a key does at the till: one row for each action. The page of keys (F1), the buttons that show their key
//! and the keyboard itself are made from this table; a new action is a new row.

use tillwatch_desk::Lang;

use crate::cart_texts::Text as Cart;
use crate::cash_texts::CashText;
use crate::input::{Input, ReturnsInput};
use crate::people_texts::Text as PeopleText;
use crate::returns_texts::ReturnsText;
use crate::state::State;
use crate::state::carts::CartInput;
use crate::state::cash::CashInput;
use crate::state::debts::DebtsInput;
use crate::state::labels::LabelsInput;
use crate::state::people::PeopleInput;
use crate::state::receipts::ReceiptsInput;
use crate::state::stock::StockInput;
use crate::stock_texts::Text as Stock;
use crate::texts::Text;

/// When the key of an action is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing lies over the till: no dialog, no payment.
    Selling,
    /// As [`When::Selling`], with nothing in the search line, which has its own use for the key.
    SearchEmpty,
    /// At the till, whatever is open.
    Always,
}

impl When {
    pub const fn holds(self, state: &State) -> bool {
        let free = state.dialog.is_none() && state.pay.is_none();
        match self {
            Self::Selling => free,
            Self::SearchEmpty => free && state.search.text.is_empty(),
            Self::Always => true,
        }
    }
}

/// `Name: default key, when it is heard, what the page of keys says => what happens;`
macro_rules! actions {
    ($($name:ident: $key:literal, $when:ident, $text:expr => $input:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($name),* }

        impl Action {
            /// In the order in which the page of keys lists them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Under this name a changed key is kept.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            /// As [`tillwatch_desk::keys::Chord`] writes it.
            pub const fn default_key(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }

            pub const fn when(self) -> When {
                match self { $(Self::$name => When::$when),* }
            }

            pub const fn text(self, lang: Lang) -> &'static str {
                match self { $(Self::$name => $text.get(lang)),* }
            }

            pub fn input(self) -> Input {
                match self { $(Self::$name => $input),* }
            }
        }
    };
}

actions! {
    Keys: "F1", Selling, Text::KeyHelp => Input::OpenKeys;
    Search: "F2", Selling, Text::KeySearch => Input::FocusSearch;
    NewProduct: "F3", Selling, Text::KeyNew => Input::OpenProduct;
    Quantity: "F4", Selling, Text::KeyQuantity => Input::OpenQuantity;
    Stock: "F5", Selling, Stock::KeyStock => Input::Stock(StockInput::Open);
    Discount: "F6", Selling, Cart::KeyDiscount => Input::Cart(CartInput::OpenDiscount);
    Customer: "F7", Selling, Cart::KeyCustomer => Input::Cart(CartInput::OpenCustomer);
    CancelSale: "F8", Selling, Text::KeyCancel => Input::OpenCancelSale;
    Aside: "F9", Selling, Cart::KeyAside => Input::Cart(CartInput::OpenAside);
    Menu: "F10", Selling, Text::KeyMenu => Input::OpenMenu;
    Cash: "F11", Selling, CashText::KeyCash => Input::Cash(CashInput::Open);
    Pay: "F12", Selling, Text::KeyPay => Input::OpenPay;
    RemoveLine: "Del", SearchEmpty, Text::KeyDelete => Input::RemoveLine;
    UndoRemove: "Ctrl+Z", SearchEmpty, Text::KeyUndo => Input::UndoRemove;
    EditProduct: "Ctrl+E", Selling, Text::KeyEdit => Input::EditProduct;
    Amount: "Ctrl+M", Selling, Text::KeyAmount => Input::OpenAmount;
    Return: "Ctrl+D", Selling, ReturnsText::Key => Input::Returns(ReturnsInput::Open);
    ReturnLast: "Ctrl+K", Selling, ReturnsText::KeyLast => Input::Returns(ReturnsInput::OpenLast);
    Debts: "Ctrl+F", Selling, crate::debts_texts::DebtsText::Key => Input::Debts(DebtsInput::Open);
    Outbox: "Ctrl+O", Selling, Text::KeyOutbox => Input::OpenOutbox;
    Lock: "Ctrl+L", Always, PeopleText::KeyLock => Input::People(PeopleInput::Lock);
    Receipts: "Ctrl+P", Selling, crate::receipts_texts::Text::KeyReceipts => Input::Receipts(ReceiptsInput::Open);
    Labels: "Ctrl+B", Selling, crate::receipts_texts::Text::KeyLabels => Input::Receipts(ReceiptsInput::Labels(LabelsInput::Open));
}
