//! The words of what calls a person to this machine, and of the wall, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Again: "Ninguém cuidou ainda: {about}", "Nobody took care yet: {about}";
        Several: "{n} alarmes novos", "{n} new alarms";
        SeveralAgain: "{n} alarmes sem ninguém", "{n} alarms with nobody";
        More: "e mais {n}", "and {n} more";
        TryTitle: "Aviso de teste do Tillwatch", "Test notice of Tillwatch";
        TryBody: "Assim chega um alarme a este PC.", "This is how an alarm reaches this PC.";
        NotShown: "Este PC não mostra avisos de alarme: deixe esta janela à vista.",
            "This PC shows no alarm notices: keep this window in sight.";
        NotHeard: "Este PC não toca o som dos alarmes: deixe esta janela à vista.",
            "This PC does not play the sound of alarms: keep this window in sight.";

        Calls: "Alarmes neste PC", "Alarms on this PC";
        Show: "Mostrar aviso na área de trabalho", "Show a notice on the desktop";
        Sound: "Tocar um som", "Play a sound";
        Repeat: "Repetir os urgentes", "Repeat critical ones";
        RepeatHint: "até alguém dizer o que fez", "until somebody says what was done";
        Never: "nunca", "never";
        Minutes: "{n} min", "{n} min";
        Try: "Testar o aviso", "Try the notice";

        Wall: "Modo parede", "Wall mode";
        WallHint: "Tela cheia que vira as páginas sozinha e não apaga; um alarme a faz parar nele. Esc volta.",
            "Full screen that turns its pages by itself and stays on; an alarm stops it there. Esc leaves.";
        EnterWall: "Entrar no modo parede", "Enter wall mode";
        EachPage: "Cada página por", "Each page for";
        Seconds: "{n} s", "{n} s";
        WallStopped: "Parado no alarme: {n} sem ninguém", "Stopped at the alarm: {n} with nobody";
        WallNext: "Vira em {n} s · Esc volta", "Turns in {n} s · Esc leaves";
        WallSleeps: "Este PC não deixa a tela acesa: ajuste a economia de energia.",
            "This PC does not keep the screen on: set its power saving.";
        KeyWall: "Modo parede: tela cheia que vira as páginas", "Wall mode: a full screen that turns its pages";
    }
}
