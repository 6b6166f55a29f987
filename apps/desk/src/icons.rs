//! Named icons: code points of the bundled Phosphor face, for use inside a text.
//!
//! An icon never stands alone: a word, or a tooltip and an accessible label, go with it.

macro_rules! icons {
    ($($name:ident = $code:literal;)*) => {
        $(pub const $name: &str = $code;)*
        /// Every icon, for the check that the face has it.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

icons! {
    ARROW_CLOCKWISE = "\u{e036}";
    ARROW_DOWN = "\u{e03e}";
    ARROW_U_UP_LEFT = "\u{e08a}";
    ARROW_UP = "\u{e08e}";
    ARROWS_OUT = "\u{e0a2}";
    BACKSPACE = "\u{e0ae}";
    BANK = "\u{e0b4}";
    BARCODE = "\u{e0b8}";
    BASKET = "\u{e964}";
    BELL = "\u{e0ce}";
    BROADCAST = "\u{e0f2}";
    CARET_DOWN = "\u{e136}";
    CARET_LEFT = "\u{e138}";
    CARET_RIGHT = "\u{e13a}";
    CARET_UP = "\u{e13c}";
    CASH_REGISTER = "\u{ed80}";
    CHART_BAR = "\u{e150}";
    CHART_LINE = "\u{e154}";
    CHECK = "\u{e182}";
    CHECK_CIRCLE = "\u{e184}";
    CIRCLE = "\u{e18a}";
    CLIPBOARD_TEXT = "\u{e198}";
    CLOCK = "\u{e19a}";
    CLOUD_CHECK = "\u{e1b0}";
    CLOUD_SLASH = "\u{e1b6}";
    COINS = "\u{e78e}";
    CREDIT_CARD = "\u{e1d2}";
    DOTS_THREE = "\u{e1fe}";
    DOWNLOAD_SIMPLE = "\u{e20c}";
    DROP = "\u{e210}";
    ENVELOPE = "\u{e214}";
    EXPORT = "\u{eaf0}";
    EYE = "\u{e220}";
    EYE_SLASH = "\u{e224}";
    FILE_TEXT = "\u{e23a}";
    FUNNEL = "\u{e266}";
    GAUGE = "\u{e628}";
    GEAR = "\u{e270}";
    GLOBE = "\u{e288}";
    GRID_FOUR = "\u{e296}";
    HAND_COINS = "\u{ea8c}";
    HARD_DRIVES = "\u{e2a0}";
    HOURGLASS = "\u{e2b2}";
    HOUSE = "\u{e2c2}";
    INFO = "\u{e2ce}";
    KEY = "\u{e2d6}";
    KEYBOARD = "\u{e2d8}";
    LIGHTNING = "\u{e2de}";
    LIST = "\u{e2f0}";
    LOCK = "\u{e2fa}";
    MAGNIFYING_GLASS = "\u{e30c}";
    MAGNIFYING_GLASS_MINUS = "\u{e30e}";
    MAGNIFYING_GLASS_PLUS = "\u{e310}";
    MAP_PIN = "\u{e316}";
    MINUS = "\u{e32a}";
    MONEY = "\u{e588}";
    MONITOR = "\u{e32e}";
    MOON = "\u{e330}";
    NOTE_PENCIL = "\u{e34c}";
    PACKAGE = "\u{e390}";
    PAUSE = "\u{e39e}";
    PENCIL_SIMPLE = "\u{e3b4}";
    PIX_LOGO = "\u{ecc2}";
    PLAY = "\u{e3d0}";
    PLUGS = "\u{eb56}";
    PLUGS_CONNECTED = "\u{eb5a}";
    PLUS = "\u{e3d4}";
    PLUS_CIRCLE = "\u{e3d6}";
    PULSE = "\u{e000}";
    QR_CODE = "\u{e3e6}";
    QUESTION = "\u{e3e8}";
    RECEIPT = "\u{e3ec}";
    ROWS = "\u{e5a2}";
    RULER = "\u{e6b8}";
    SCALES = "\u{e750}";
    SCAN = "\u{ebb6}";
    SHIELD_CHECK = "\u{e40c}";
    SHOPPING_CART = "\u{e41e}";
    SIGN_IN = "\u{e428}";
    SIGN_OUT = "\u{e42a}";
    SNOWFLAKE = "\u{e5aa}";
    SQUARES_FOUR = "\u{e464}";
    STOREFRONT = "\u{e470}";
    SUN = "\u{e472}";
    TABLE = "\u{e476}";
    TAG = "\u{e478}";
    TARGET = "\u{e47c}";
    THERMOMETER = "\u{e5c6}";
    THERMOMETER_SIMPLE = "\u{e5cc}";
    TRASH = "\u{e4a6}";
    USER = "\u{e4c2}";
    USER_CIRCLE = "\u{e4c4}";
    USER_PLUS = "\u{e4d0}";
    USERS = "\u{e4d6}";
    WARNING = "\u{e4e0}";
    WARNING_CIRCLE = "\u{e4e2}";
    WAVE_SINE = "\u{ea9a}";
    WIFI_HIGH = "\u{e4ea}";
    WIFI_SLASH = "\u{e4f2}";
    X = "\u{e4f6}";
}
