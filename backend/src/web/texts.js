// Every text, in both languages; numbers, money and times as the language writes them.

const TEXTS = {
  pt: {
    other: "English", leave: "Sair", api: "API (Swagger)", health: "Estado do servidor", metrics: "Medidas",
    demo: "Demonstração: os dados são de mentira e toda senha é 1234. Entre com lucas (gerente) ou ana (vendedora).",
    setUp: "Primeiro uso", setUpDo: "Criar a loja e entrar", code: "Código de instalação", storeName: "Nome da loja",
    setUpHint: "Digite o código que o servidor mostrou ao iniciar. Ele vale uma vez e cria a pessoa que administra.",
    newPassword: "Senha (4 caracteres ou mais)",
    signIn: "Entrar", signUp: "Criar conta", user: "Usuário ou CPF", newUser: "Usuário", password: "Senha",
    closed: "Só um gerente ou administrador cadastra pessoas.", working: "Um momento…",
    on: "ao vivo", connecting: "ligando…", off: (s) => `sem ligação, tento de novo em ${s} s`, unreachable: "O servidor não responde. Confira a rede.",
    sensors: "Sensores", sales: "Vendas de hoje", pulse: "Pulso deste navegador", loadingSensors: "Buscando sensores…",
    noSensors: "Nenhum sensor enviou leituras ainda. Crie uma chave no monitor e aponte um aparelho para este servidor.",
    temperature: "Temperatura", humidity: "Umidade", pressure: "Pressão", range: "Período",
    high: "acima da faixa", low: "abaixo da faixa", noReading: "sem leitura", noHistory: "sem leituras neste período",
    ago: (t) => `há ${t}`, store: "Loja", count: "Vendas", total: "Total", all: "Todas", noStores: "Nenhuma loja para você ainda.",
    value: "valor", step: "passo", pulseOn: "ligado", pulseOff: (s) => `sem resposta, tento de novo em ${s} s`,
    taken: "Este pulso continua em outra janela.", resume: "Trazer para cá", salesFailed: "As vendas não puderam ser lidas. Mostro as últimas que tenho.",
    search: "Procurar sensor", every: "Todos", alerts: (n) => `Com alerta (${n})`, silent: "sem notícia",
    more: (n, left) => `Mostrar mais ${n} (faltam ${left})`,
    noneFound: "Nenhum sensor passa neste filtro.", shown: (n, all) => `${n} de ${all}`,
    sensorsFailed: "Os sensores não puderam ser lidos.", again: "Tentar de novo", ended: "A sessão terminou. Entre de novo.",
  },
  en: {
    other: "Português", leave: "Sign out", api: "API (Swagger)", health: "Server state", metrics: "Metrics",
    demo: "Demonstration: the data is made up and every password is 1234. Sign in as lucas (manager) or ana (seller).",
    setUp: "First start", setUpDo: "Create the shop and sign in", code: "Set-up code", storeName: "Name of the shop",
    setUpHint: "Type the code that the server showed when it started. It works once and makes the person who administers.",
    newPassword: "Password (4 characters or more)",
    signIn: "Sign in", signUp: "Create account", user: "User name or CPF", newUser: "User name", password: "Password",
    closed: "Only a manager or administrator can add people.", working: "One moment…",
    on: "live", connecting: "connecting…", off: (s) => `not connected, trying again in ${s} s`, unreachable: "The server does not answer. Check the network.",
    sensors: "Sensors", sales: "Today's sales", pulse: "Pulse of this browser", loadingSensors: "Looking for sensors…",
    noSensors: "No sensor has sent readings yet. Make a key in the monitor and point a device at this server.",
    temperature: "Temperature", humidity: "Humidity", pressure: "Pressure", range: "Range",
    high: "above its band", low: "below its band", noReading: "no reading", noHistory: "no readings in this time",
    ago: (t) => `${t} ago`, store: "Store", count: "Sales", total: "Total", all: "All", noStores: "No store for you yet.",
    value: "value", step: "step", pulseOn: "connected", pulseOff: (s) => `no answer, trying again in ${s} s`,
    taken: "This pulse goes on in another window.", resume: "Bring it here", salesFailed: "The sales could not be read. These are the last ones known.",
    search: "Find a sensor", every: "All", alerts: (n) => `Alerts (${n})`, silent: "not heard from",
    more: (n, left) => `Show ${n} more (${left} left)`,
    noneFound: "No sensor passes this filter.", shown: (n, all) => `${n} of ${all}`,
    sensorsFailed: "The sensors could not be read.", again: "Try again", ended: "The session has ended. Sign in again.",
  },
};

let language = localStorage.getItem("tillwatch-language") === "en" ? "en" : "pt";

export const t = (name, ...args) => {
  const text = TEXTS[language][name];
  return typeof text === "function" ? text(...args) : text;
};
export const tag = () => (language === "en" ? "en-US" : "pt-BR");
export function switchLanguage() {
  language = language === "en" ? "pt" : "en";
  localStorage.setItem("tillwatch-language", language);
}

// Numbers and money are as in Brazil in both languages: it is the shop's money.
export const number = (value, digits) => value.toLocaleString("pt-BR", { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const money = (cents) => `R$ ${number(cents / 100, 2)}`;
export const clock = (ms, zone, seconds) =>
  new Date(ms).toLocaleTimeString("pt-BR", { timeZone: zone, hour: "2-digit", minute: "2-digit", ...(seconds && { second: "2-digit" }) });
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 90) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return s < 129600 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
}
