//! The words of the page of keys.

tillwatch_desk::texts! {
    pub KeysText {
        Title: "Teclas", "Keys";
        Hint: "Para mudar uma tecla, clique nela.", "Click a key to change it.";
        Press: "Tecle…", "Press…";
        PressHint: "Pressione a nova tecla para “{does}”. Esc desiste.", "Press the new key for “{does}”. Esc gives up.";
        Taken: "{key} já serve para “{does}”. Mude essa antes, ou escolha outra tecla.",
            "{key} is already for “{does}”. Change that one first, or choose another key.";
        NotThis: "{key} não pode ser mudada de função. Use F1 a F24, Del, Insert ou Ctrl com uma letra.",
            "{key} cannot be given away. Use F1 to F24, Del, Insert, or Ctrl with a letter.";
        Defaults: "Voltar às teclas originais", "Back to the original keys";
        Change: "{does}: {key}. Mudar a tecla", "{does}: {key}. Change the key";
        Fixed: "Teclas fixas", "Fixed keys";
    }
}
