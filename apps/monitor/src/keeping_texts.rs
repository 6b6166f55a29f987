//! The words about backups and about trying who is told of alarms, in both languages.

use tillwatch_desk::texts;

texts! {
    pub Text {
        Backups: "Cópias de segurança", "Backups";
        Make: "Fazer uma cópia", "Make a backup";
        Copying: "copiando: {done} de {all}", "copying: {done} of {all}";
        Restoring: "restaurando a cópia ao lado: {done} de {all}", "restoring the backup beside the data: {done} of {all}";
        Checking: "conferindo o que foi restaurado: {done} de {all} linhas", "checking what was restored: {done} of {all} rows";
        Beginning: "começando a cópia…", "beginning the backup…";
        Loading: "lendo as cópias…", "reading the backups…";
        None: "Ainda não há nenhuma cópia.", "There is no backup yet.";
        Nightly: "O servidor faz uma cópia todas as noites, às {at}.", "The server makes a backup every night, at {at}.";
        NotNightly: "O servidor não faz cópias por si.", "The server makes no backups by itself.";
        Where: "Ficam no servidor, em {folder}, as 7 mais novas. Leve-as também para outro disco: uma cópia no mesmo disco se perde com ele.",
            "They are on the server, in {folder}, the newest 7. Take them to another disk as well: a backup on the same disk is lost with it.";
        Verified: "restaurada e conferida em {at}", "restored and checked on {at}";
        NotVerified: "nunca foi restaurada", "never restored";
        NotRestored: "não pôde ser restaurada: {why}", "could not be restored: {why}";
        NoRoom: "sem espaço no disco para restaurar e conferir", "no room on the disk to restore and check it";
        LastGood: "Última restauração conferida: {at}, cópia de {made}",
            "Last verified restore: {at}, backup of {made}";
        NoneGood: "Nenhuma cópia foi restaurada e conferida ainda.", "No backup was restored and checked yet.";
        Doubtful: "A última cópia de segurança não pôde ser restaurada", "The last backup could not be restored";
        Rows: "{n} linhas do diário", "{n} rows of the journal";
        NoReadings: "sem as leituras, que estão no PostgreSQL", "without the readings, which are in PostgreSQL";
        DiskFull: "O disco do servidor está cheio: a última cópia não foi feita. Libere espaço e faça outra.",
            "The server's disk is full: the last backup was not made. Free some space and make another.";
        Failed: "A última cópia não foi feita: {why}", "The last backup was not made: {why}";
        Made: "Cópia feita, restaurada e conferida", "Backup made, restored and checked";
        MadeOnly: "Cópia feita, mas não restaurada: falta espaço no disco", "Backup made, but not restored: the disk has no room";

        Recipients: "Quem é avisado dos alarmes", "Who is told of alarms";
        Trial: "Enviar um teste", "Send a trial";
        TrialHint: "Cada pessoa e cada sistema que o servidor avisa recebe uma mensagem; aqui aparece o que cada um respondeu.",
            "Each person and each system that the server tells gets a message; what each answered appears here.";
        Sending: "enviando o teste…", "sending the trial…";
        Nobody: "O servidor não avisa ninguém: os endereços são ditos quando ele é ligado.",
            "The server tells nobody: the addresses are given when it is started.";
        Told: "recebeu", "told";
        NotTold: "não recebeu", "not told";
        Second: "só quando ninguém cuida", "only when nobody takes care";
    }
}
