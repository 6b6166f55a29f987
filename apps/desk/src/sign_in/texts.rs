//! The words of the sign-in screen.

crate::texts! {
    pub(super) Text {
        SignIn: "Entrar", "Sign in";
        SignUp: "Criar acesso", "Create account";
        SignUpDo: "Criar acesso e entrar", "Create account and sign in";
        SetUpTitle: "Primeiro uso", "First start";
        SetUpDo: "Criar a loja e entrar", "Create the shop and sign in";
        SetUpHint: "Digite o código que o servidor mostrou ao iniciar. Ele vale uma vez e cria a pessoa que administra.",
            "Type the code that the server showed when it started. It works once and makes the person who administers.";
        Code: "Código de instalação", "Set-up code";
        Username: "Usuário ou CPF", "User name or CPF";
        NewUsername: "Usuário", "User name";
        Password: "Senha ou PIN", "Password or PIN";
        NewPassword: "Senha (4 caracteres ou mais)", "Password (4 characters or more)";
        StoreName: "Nome da loja", "Name of the shop";
        Busy: "Falando com o servidor…", "Talking to the server…";
        AskingServer: "Procurando o servidor…", "Looking for the server…";
        Demo: "Demonstração: os dados são fictícios.", "Demonstration: the data is made up.";
        DemoTry: "Experimente como", "Try it as";
        DemoSeller: "Vendedor", "Seller";
        DemoManager: "Gerente", "Manager";
        DemoNew: "ou crie o seu acesso acima: usuário e senha à sua escolha.",
            "or create your own account above, with any user name and password.";
        Server: "Servidor", "Server";
        Address: "Endereço do servidor", "Server address";
        AddressHint: "Vários endereços: separe com vírgulas.", "Several addresses: separate with commas.";
        UseAddress: "Usar este endereço", "Use this address";
        KeepAddress: "Cancelar", "Cancel";
        Found: "ligado", "online";
        NotFound: "sem resposta", "no answer";
        Retry: "Tentar de novo", "Try again";
        CodeMissing: "Digite o código que o servidor mostrou.", "Type the code that the server showed.";
        UsernameMissing: "Digite o usuário ou o CPF.", "Type the user name or the CPF.";
        PasswordMissing: "Digite a senha.", "Type the password.";
        PasswordShort: "A senha precisa de 4 caracteres ou mais.", "The password needs 4 characters or more.";
        StoreNameMissing: "Dê um nome à loja.", "Give the shop a name.";
        AddressBad: "Isto não é um endereço. Exemplo: http://192.168.0.10:8080",
            "This is not an address. Example: http://192.168.0.10:8080";
        ThemeDark: "Tema escuro", "Dark theme";
        ThemeLight: "Tema claro", "Light theme";
    }
}
