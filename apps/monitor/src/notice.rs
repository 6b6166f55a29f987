//! The way to the person beyond the window: the desktop's notices, its sounds, and a screen that stays on. On Linux
//! and the BSDs they are asked of the session's bus, elsewhere of a program of the system. Where there is none of
//! them nothing fails: what did not come through is told.

use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::calls::{Call, Reach};

/// A desktop that does not answer for so long is not there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Shows the call and plays its sound, as far as this machine can.
pub async fn call(call: &Call) -> Reach {
    let told = timeout(PATIENCE, show(call)).await.unwrap_or_default();
    let heard = !call.sound || told.sounds || timeout(PATIENCE, play()).await.unwrap_or_default();
    Reach { shown: !call.show || told.shown, heard }
}

/// What became of a notice.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    shown: bool,
    /// It came with its sound.
    sounds: bool,
}

/// What keeps the screen on for as long as at least one window wants it.
#[derive(Debug)]
struct Kept<T> {
    windows: u32,
    by: Option<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { windows: 0, by: None }
    }
}

impl<T> Kept<T> {
    /// One window more wants it, or one less; what it is no more kept by once no window does.
    fn want(&mut self, on: bool) -> Option<T> {
        self.windows = if on { self.windows.saturating_add(1) } else { self.windows.saturating_sub(1) };
        if self.windows == 0 { self.by.take() } else { None }
    }
}

/// Runs a program of the system to its end.
async fn run(program: &str, arguments: &[&str], [title, body]: [&str; 2]) -> bool {
    let mut command = Command::new(program);
    // The words go by the environment: no shell reads them as its own.
    command.args(arguments).env("TILLWATCH_TITLE", title).env("TILLWATCH_BODY", body);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let ran = spawn_blocking(move || command.status()).await;
    ran.is_ok_and(|status| status.is_ok_and(|status| status.success()))
}

#[cfg(all(unix, not(target_os = "macos")))]
mod desktop {
    use std::collections::HashMap;

    use tokio::sync::Mutex;
    use zbus::Connection;
    use zbus::zvariant::Value;

    use super::{Kept, Told, run};
    use crate::calls::Call;

    const APP: &str = "Tillwatch";
    const NOTICES: &str = "org.freedesktop.Notifications";
    const NOTICES_PATH: &str = "/org/freedesktop/Notifications";
    const SCREEN: &str = "org.freedesktop.ScreenSaver";
    const SCREEN_PATH: &str = "/org/freedesktop/ScreenSaver";
    /// Of the freedesktop.org sound names.
    const URGENT_SOUND: &str = "alarm-clock-elapsed";
    const SOUND: &str = "message-new-instant";
    /// Where most systems keep that sound.
    const SOUND_FILE: &str = "/usr/share/sounds/freedesktop/stereo/alarm-clock-elapsed.oga";
    /// The urgency of what stays until somebody closes it.
    const CRITICAL: u8 = 2;
    const NORMAL: u8 = 1;

    pub async fn show(call: &Call) -> Told {
        if !call.show {
            return Told::default();
        }
        let told = async { notify(&Connection::session().await?, call).await }.await;
        told.inspect_err(|error| tracing::debug!(%error, "no notice")).unwrap_or_default()
    }

    pub(super) async fn notify(bus: &Connection, call: &Call) -> zbus::Result<Told> {
        let notices = Some(NOTICES);
        let able = bus.call_method(notices, NOTICES_PATH, notices, "GetCapabilities", &()).await?;
        let able: Vec<String> = able.body().deserialize()?;
        let sounds = call.sound && able.iter().any(|one| one == "sound");
        let mut hints: HashMap<&str, Value<'_>> = HashMap::new();
        hints.insert("urgency", Value::U8(if call.urgent { CRITICAL } else { NORMAL }));
        hints.insert("desktop-entry", Value::from("tillwatch-monitor"));
        if sounds {
            hints.insert("sound-name", Value::from(if call.urgent { URGENT_SOUND } else { SOUND }));
        }
        // Many desktops read the body as markup.
        let body = call.body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let none: Vec<&str> = Vec::new();
        let message = (APP, 0_u32, "dialog-warning", call.title.as_str(), body.as_str(), none, hints, -1_i32);
        bus.call_method(notices, NOTICES_PATH, notices, "Notify", &message).await?;
        Ok(Told { shown: true, sounds })
    }

    /// The sound by itself, with whatever plays sounds here.
    pub async fn play() -> bool {
        let none = ["", ""];
        run("canberra-gtk-play", &["-i", URGENT_SOUND], none).await
            || run("pw-play", &[SOUND_FILE], none).await
            || run("paplay", &[SOUND_FILE], none).await
    }

    /// Keeps the screen on; the desktop forgets it with the connection.
    #[derive(Debug, Default)]
    pub struct Awake(Mutex<Kept<Connection>>);

    impl Awake {
        /// Whether the screen stays on from now on, if that was asked for.
        pub async fn keep(&self, on: bool) -> bool {
            let mut held = self.0.lock().await;
            drop(held.want(on));
            if !on || held.by.is_some() {
                return true;
            }
            let kept = async { inhibit(Connection::session().await?).await }.await;
            let kept = kept.inspect_err(|error| tracing::debug!(%error, "the screen may go off"));
            held.by = kept.ok();
            held.by.is_some()
        }
    }

    pub(super) async fn inhibit(bus: Connection) -> zbus::Result<Connection> {
        let why = (APP, "monitor");
        bus.call_method(Some(SCREEN), SCREEN_PATH, Some(SCREEN), "Inhibit", &why).await?;
        Ok(bus)
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
mod desktop {
    use std::process::{Child, Command};

    use tokio::sync::Mutex;

    use super::{Kept, Told, run};
    use crate::calls::Call;

    /// A balloon beside the clock, and the sound of a warning.
    const BALLOON: &str = "Add-Type -AssemblyName System.Windows.Forms; \
        $icon = New-Object System.Windows.Forms.NotifyIcon; \
        $icon.Icon = [System.Drawing.SystemIcons]::Warning; $icon.Visible = $true; \
        $icon.ShowBalloonTip(10000, $env:TILLWATCH_TITLE, $env:TILLWATCH_BODY, 'Warning'); \
        Start-Sleep -Seconds 4; $icon.Dispose()";
    const BEEP: &str = "[System.Media.SystemSounds]::Exclamation.Play(); Start-Sleep -Seconds 2";
    const POWERSHELL: [&str; 4] = ["-NoProfile", "-WindowStyle", "Hidden", "-Command"];
    const NOTICE: &str = "display notification (system attribute \"TILLWATCH_BODY\") \
        with title (system attribute \"TILLWATCH_TITLE\")";

    async fn powershell(script: &str, words: [&str; 2]) -> bool {
        let [a, b, c, d] = POWERSHELL;
        run("powershell", &[a, b, c, d, script], words).await
    }

    pub async fn show(call: &Call) -> Told {
        let words = [call.title.as_str(), call.body.as_str()];
        let shown = call.show
            && if cfg!(target_os = "windows") {
                powershell(BALLOON, words).await
            } else {
                run("osascript", &["-e", NOTICE], words).await
            };
        Told { shown, sounds: false }
    }

    pub async fn play() -> bool {
        if cfg!(target_os = "windows") {
            powershell(BEEP, ["", ""]).await
        } else {
            run("afplay", &["/System/Library/Sounds/Sosumi.aiff"], ["", ""]).await
        }
    }

    /// Keeps the screen on while the program that does it runs; Windows has none.
    #[derive(Debug, Default)]
    pub struct Awake(Mutex<Kept<Child>>);

    impl Awake {
        pub async fn keep(&self, on: bool) -> bool {
            let mut held = self.0.lock().await;
            if let Some(mut child) = held.want(on) {
                // It may have ended by itself.
                let _ = child.kill();
            }
            if !on || held.by.is_some() {
                return true;
            }
            held.by = Command::new("caffeinate").arg("-d").spawn().ok();
            held.by.is_some()
        }
    }
}

pub use desktop::Awake;
use desktop::{play, show};

#[cfg(test)]
#[cfg(all(unix, not(target_os = "macos")))]
mod tests {
    use std::collections::HashMap;
    use std::io::{BufRead as _, BufReader};
    use std::process::Child;
    use std::sync::{Arc, Mutex};

    use zbus::connection::{Builder, Connection};
    use zbus::zvariant::OwnedValue;

    use super::desktop::{inhibit, notify};
    use super::*;

    /// A message bus of its own.
    struct Bus {
        daemon: Child,
        address: String,
    }

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("dbus-daemon, of the package dbus");
            let mut address = String::new();
            BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
            Self { daemon, address: address.trim().to_owned() }
        }

        async fn connect(&self) -> Connection {
            Builder::address(self.address.as_str()).unwrap().build().await.unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.daemon.kill();
            let _ = self.daemon.wait();
        }
    }

    /// What a desktop was asked for.
    #[derive(Clone, Default)]
    struct Asked(Arc<Mutex<Vec<String>>>);

    struct Notices {
        asked: Asked,
        able: Vec<String>,
    }

    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Notices {
        fn get_capabilities(&self) -> Vec<String> {
            self.able.clone()
        }

        #[expect(clippy::too_many_arguments, reason = "as the interface has them")]
        fn notify(
            &self,
            app: &str,
            replaces: u32,
            icon: &str,
            title: &str,
            body: &str,
            actions: Vec<String>,
            hints: HashMap<String, OwnedValue>,
            timeout: i32,
        ) -> u32 {
            // A notice of its own, with a sign, and for as long as the desktop likes.
            assert!(replaces == 0 && !icon.is_empty() && actions.is_empty() && timeout == -1);
            let urgency = hints.get("urgency").map(|value| u8::try_from(value).unwrap());
            let sound = hints.contains_key("sound-name");
            self.asked.0.lock().unwrap().push(format!("{app}|{title}|{body}|{urgency:?}|{sound}"));
            drop((actions, hints));
            1
        }
    }

    struct Screen(Asked);

    #[zbus::interface(name = "org.freedesktop.ScreenSaver")]
    impl Screen {
        fn inhibit(&self, app: &str, why: &str) -> u32 {
            self.0.0.lock().unwrap().push(format!("{app} {why}"));
            7
        }
    }

    async fn desktop(bus: &Bus, able: &[&str]) -> (Connection, Asked) {
        let asked = Asked::default();
        let able = able.iter().map(|one| (*one).to_owned()).collect();
        let notices = Notices { asked: asked.clone(), able };
        let service = Builder::address(bus.address.as_str()).unwrap();
        let service = service.serve_at("/org/freedesktop/Notifications", notices).unwrap();
        let service = service.serve_at("/org/freedesktop/ScreenSaver", Screen(asked.clone())).unwrap();
        let service = service.name("org.freedesktop.Notifications").unwrap();
        let service = service.name("org.freedesktop.ScreenSaver").unwrap();
        (service.build().await.unwrap(), asked)
    }

    fn urgent() -> Call {
        let (title, body) = ("Geladeira 1: acima do limite".to_owned(), "Abra < 5 min & veja".to_owned());
        Call { title, body, urgent: true, show: true, sound: true }
    }

    #[tokio::test]
    async fn a_desktop_is_asked_to_show_and_to_sound() {
        let bus = Bus::start();
        for (able, sounds) in [(&["body", "sound"][..], true), (&["body"], false)] {
            let (service, asked) = desktop(&bus, able).await;
            let told = notify(&bus.connect().await, &urgent()).await.unwrap();
            assert_eq!((told.shown, told.sounds), (true, sounds));
            let words = "Tillwatch|Geladeira 1: acima do limite|Abra &lt; 5 min &amp; veja|Some(2)";
            assert_eq!(*asked.0.lock().unwrap(), [format!("{words}|{sounds}")]);
            service.close().await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_screen_is_asked_to_stay_on() {
        let bus = Bus::start();
        let (_service, asked) = desktop(&bus, &[]).await;
        let held = inhibit(bus.connect().await).await.unwrap();
        assert_eq!(*asked.0.lock().unwrap(), ["Tillwatch monitor"]);
        held.close().await.unwrap();
    }

    #[test]
    fn the_screen_is_kept_on_until_no_window_wants_it() {
        let mut kept = Kept { windows: 0, by: None };
        assert_eq!(kept.want(true), None);
        kept.by = Some(7);
        assert_eq!([kept.want(true), kept.want(false)], [None, None], "one wall is left");
        assert_eq!((kept.want(false), kept.by), (Some(7), None));
        assert_eq!((kept.want(false), kept.windows), (None, 0));
    }

    #[tokio::test]
    async fn without_a_desktop_nothing_fails() {
        let bus = Bus::start();
        assert!(notify(&bus.connect().await, &urgent()).await.is_err());
        assert!(inhibit(bus.connect().await).await.is_err());
        // Not asked for: it counts as come through.
        let nothing = Call { show: false, sound: false, ..urgent() };
        assert_eq!(call(&nothing).await, Reach { shown: true, heard: true });
    }
}
