"""The web page in a headless Chromium: the first start, sign up, live readings of few and many sensors, today's
sales, the pulse, nothing from elsewhere.

Usage: web_page.py <address of a demonstration server> <address of a new server> <its set-up code> [directory for pictures]
"""

import json
import sys
import time
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
PHONE, DESKTOP = (390, 844), (1280, 800)
LONG = "Câmara fria dos fundos da loja matriz / vacinas e insulina / 12"


def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=pt-BR", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


class Page:
    def __init__(self, address, pictures):
        self.address, self.pictures = address, pictures
        self.driver = browser()
        self.asked = []

    def see(self, what, condition):
        """What the condition gives, once it is true."""
        message = f"never seen: {what}"
        return WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda driver: condition(driver), message)

    def text(self, selector):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return found[0].text if found else ""

    def size(self, size):
        width, height = size
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def theme(self, name):
        feature = {"name": "prefers-color-scheme", "value": name}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def picture(self, name):
        """Pictures at both sizes and in both themes; nothing may be wider than the window."""
        for size_name, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self.size(size)
            for theme in ("light", "dark"):
                self.theme(theme)
                wide = self.driver.execute_script("return document.documentElement.scrollWidth - innerWidth")
                assert wide <= 0, f"{name} on a {size_name} is {wide} px too wide"
                if self.pictures:
                    self.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
                    self.driver.save_screenshot(str(self.pictures / f"web_{name}_{size_name}_{theme}.png"))

    def type(self, selector, text):
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def click(self, selector):
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def quiet(self, refused=None):
        """No error and no warning in the console but for what is `refused`, and no request to anywhere else."""
        said = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        said = [entry for entry in said if not refused or refused not in entry["message"]]
        assert not said, said
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
            if message["method"] == "Network.webSocketCreated":
                self.asked.append(message["params"]["url"])
        host = self.address.removeprefix("http://")
        other = [url for url in self.asked if not url.startswith((f"http://{host}/", f"ws://{host}/"))]
        assert not other, other


def many(address, count):
    """Readings of so many sensors, in batches as a device with a backlog sends them."""
    at = time.time()
    for start in range(0, count, 100):
        readings = [
            {
                "sensor_id": f"camara-{n:03}", "temperature": n / 10, "humidity": 60, "pressure": 1013,
                "measured_at": datetime.fromtimestamp(at - minutes * 60 + n / 1000, timezone.utc).isoformat().replace("+00:00", "Z"),
            }
            for n in range(start, min(start + 100, count)) for minutes in (90, 60, 30, 1)
        ]
        headers = {"content-type": "application/json", "x-api-key": "demo"}
        body = json.dumps({"readings": readings}).encode()
        request = urllib.request.Request(f"{address}/api/v1/readings", body, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert json.load(answer)["stored"] == len(readings)


def post(address, sensor, temperature):
    body = {"temperature": temperature, "humidity": 61, "pressure": 1013.2, "sensor_id": sensor}
    headers = {"content-type": "application/json", "x-api-key": "demo"}
    request = urllib.request.Request(f"{address}/api/temperature_reading", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 201


def policy(address):
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        told = answer.headers["content-security-policy"]
        page = answer.read().decode()
    rules = dict(rule.strip().split(" ", 1) for rule in told.split(";"))
    assert rules["default-src"] == "'none'", told
    assert "unsafe" not in told and "*" not in told and "http" not in told, told
    assert "<style" not in page and " style=" not in page and "<script>" not in page


def big(sensor):
    return f'[data-sensor="{sensor}"] .now strong'


def run(page, address):
    policy(address)
    page.driver.get(address)
    page.see("the door", lambda _: "Entrar" in page.text("form.door button[type=submit]"))
    page.picture("door")

    page.click("form.door .tab:nth-child(2)")
    page.type("input[name=username]", "zuleica")
    page.type("input[name=password]", "uma senha comprida")
    page.click("form.door button[type=submit]")
    page.see("the connection", lambda _: page.text("#link") == "ao vivo")
    page.see("sensors that sent nothing yet", lambda _: "sem leitura" in page.text("main"))
    page.picture("empty")

    post(address, "geladeira-1", 4.2)
    page.see("a new sensor", lambda _: page.text(big("geladeira-1")) == "4,2 °C")
    page.driver.set_script_timeout(PATIENCE)
    for value in (4.6, -3.5, 12.25):
        post(address, "geladeira-1", value)
        shown = {4.6: "4,6 °C", -3.5: "-3,5 °C", 12.25: "12,3 °C"}[value]
        page.see(f"{value} live", lambda _, shown=shown: page.text(big("geladeira-1")) == shown)
    for n in range(4):
        post(address, f"sensor-{n}", n)
    post(address, LONG, 5)
    page.see("the long name", lambda _: page.text(big(LONG)) == "5,0 °C")

    page.see("today's sales", lambda _: "R$" in page.text("tfoot") and "Todas" in page.text("tfoot"))
    before = page.see("the pulse", lambda _: page.text("#pulse-value").isdigit() and page.text("#pulse-value"))
    page.see("a beat", lambda _: page.text("#pulse-value") != before)
    page.picture("live_pt")
    drawn = page.driver.execute_script(
        "const c = document.querySelector('canvas'); return c.width > 100 && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    )
    assert drawn, "the chart is empty"

    page.click("#language")
    page.see("English", lambda _: "Today's sales" in page.text("main") and page.text("#link") == "live")
    page.see("values again", lambda _: page.text(big("geladeira-1")) == "12,3 °C")
    page.picture("live_en")
    page.quiet()

    crowd(page, address)

    page.click("#leave")
    page.see("the door again", lambda _: page.text("form.door button[type=submit]") == "Sign in")
    page.type("input[name=username]", "zuleica")
    page.type("input[name=password]", "wrong")
    page.click("form.door button[type=submit]")
    page.see("the reason", lambda _: page.text("form.door .failure"))
    page.picture("refused")


# Of each card: whether it is shown, whether it is in the window, and whether its chart is drawn.
DRAWN = """
    return [...document.querySelectorAll('[data-sensor^="camara-"]')].map(card => {
        const canvas = card.querySelector('canvas'), box = card.getBoundingClientRect();
        const shown = box.height > 0, seen = shown && box.bottom > 0 && box.top < innerHeight;
        // It gets its size when it is drawn.
        return [card.dataset.sensor, shown, seen, canvas.hasAttribute('width')];
    });
"""


def cards(page):
    return page.driver.execute_script(DRAWN)


def crowd(page, address, count=300):
    """Hundreds of sensors: what is in the window is drawn, the rest when it gets there; one is found by its name."""
    page.size(DESKTOP)
    many(address, count)
    page.see("all of them", lambda _: len(cards(page)) == count)
    many_shown = lambda: len([name for name, shown, *_ in cards(page) if shown])
    page.see("a part of them", lambda _: 30 < many_shown() < 50)
    page.see("the charts in the window", lambda _: all(drawn for *_, seen, drawn in cards(page) if seen))
    assert sum(drawn for *_, drawn in cards(page)) < count / 2, "charts are drawn that nobody sees"
    page.picture("many")
    page.click(".more")
    page.see("more of them", lambda _: 80 < many_shown() < 100)
    last = f"camara-{count - 1:03}"
    page.type(".filter input", last)
    page.see("the last chart", lambda _: [name for name, *_, drawn in cards(page) if drawn and name == last] == [last])
    post(address, last, -18.5)
    page.see("its new value", lambda _: page.text(big(last)) == "-18,5 °C")
    page.type(".filter input", Keys.BACKSPACE * len(last))
    page.see("a part of them again", lambda _: 30 < many_shown() < 50)
    page.type(".filter input", "CÂMARA-17x")
    page.see("nothing of that name", lambda _: "No sensor passes" in page.text("main"))
    page.type(".filter input", Keys.BACKSPACE)
    found = [f"camara-{n}" for n in range(170, 180)]
    page.see("the ones that were looked for", lambda _: [name for name, shown, *_ in cards(page) if shown] == found)
    known = len(page.driver.find_elements(By.CSS_SELECTOR, "[data-sensor]"))
    page.see("how many", lambda _: page.text(".filter [role=status]") == f"10 of {known}")
    page.see("their charts", lambda _: all(drawn for *_, seen, drawn in cards(page) if seen))
    page.picture("found")
    page.quiet()


def first_start(page, code):
    """Nobody is there yet: the code makes the shop and its admin."""
    page.driver.get(page.address)
    page.see("the first start", lambda _: "Primeiro uso" in page.text("form.door"))
    page.picture("set_up")
    fields = {"code": "AAAA-AAAA", "username": "dona", "password": "uma senha comprida", "store_name": "Loja Centro"}
    for name, text in fields.items():
        page.type(f"input[name={name}]", text)
    page.click("form.door button[type=submit]")
    page.see("that the code is wrong", lambda _: page.text("form.door .failure"))
    # The field is not emptied, so that a slip can be mended.
    box = page.driver.find_element(By.CSS_SELECTOR, "input[name=code]")
    assert box.get_attribute("value") == "AAAA-AAAA"
    page.picture("set_up_refused")
    page.click("#language")
    page.see("English", lambda _: page.text("form.door button[type=submit]") == "Create the shop and sign in")
    for name, text in (fields | {"code": code.lower()}).items():
        page.type(f"input[name={name}]", text)
    page.click("form.door button[type=submit]")
    page.see("today's sales of the new shop", lambda _: "Loja Centro" in page.text("main table"))
    assert page.text("#who") == "dona" or page.driver.execute_script("return innerWidth < 480")
    page.click("#leave")
    page.see("the usual door", lambda _: page.text("form.door button[type=submit]") == "Sign in")
    assert not page.driver.find_elements(By.CSS_SELECTOR, "input[name=code]")
    page.quiet(refused="/api/v1/setup - Failed to load resource: the server responded with a status of 403")
    page.click("#language")


def main():
    address, new, code = sys.argv[1:4]
    pictures = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    page = Page(new, pictures)
    try:
        first_start(page, code)
        page.address = address
        page.asked.clear()
        run(page, address)
    except Exception:
        print(page.driver.get_log("browser"), page.text("body"), sep="\n", file=sys.stderr)
        raise
    finally:
        page.driver.quit()
    print("the page: ok")


if __name__ == "__main__":
    main()
