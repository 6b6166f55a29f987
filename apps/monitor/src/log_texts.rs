//! The words of alarms and sign-ins in the live log, and of the ways from a row to its record, in both languages.

use tillwatch_desk::texts;
use tillwatch_shared::api::AlarmTurn;

use crate::livelog::SignIn;

texts! {
    pub Text {
        Alarms: "Alarmes", "Alarms";
        Returns: "Devoluções", "Returns";
        Everybody: "Todas as pessoas", "Everybody";
        SignIns: "Acessos", "Sign-ins";
        AlarmOpened: "Alarme: {about}, {what}", "Alarm: {about}, {what}";
        AlarmAcknowledged: "Alguém cuidou: {about}, {what}", "Taken care of: {about}, {what}";
        AlarmCleared: "Terminou: {about}, {what}", "Over: {about}, {what}";
        SignedIn: "Entrou", "Signed in";
        SignedOut: "Saiu", "Signed out";
        Reused: "Acesso cortado: uma chave antiga foi usada de novo", "Access cut: an old key was used again";
        SeeRecord: "Ver o registro", "Show the record";
        Day: "Ir para o dia", "Go to the day";
        Go: "Ir", "Go";
        Seeking: "procurando o dia…", "looking for the day…";
        BackToNow: "Voltar para agora", "Back to now";
        LoadingNewer: "lendo os mais novos…", "reading newer ones…";
    }
}

pub const fn alarm(turn: AlarmTurn) -> Text {
    match turn {
        AlarmTurn::Opened => Text::AlarmOpened,
        AlarmTurn::Acknowledged => Text::AlarmAcknowledged,
        AlarmTurn::Cleared => Text::AlarmCleared,
    }
}

pub const fn sign_in(told: SignIn) -> Text {
    match told {
        SignIn::In => Text::SignedIn,
        SignIn::Out => Text::SignedOut,
        SignIn::Reused => Text::Reused,
    }
}
