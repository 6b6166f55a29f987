"""The web page in a headless Chromium: sign up, a live reading, today's sales, the pulse, nothing from elsewhere.

Usage: web_page.py <address of a demonstration server> [directory for pictures]
"""

import json
import sys
import urllib.request
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
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

    def quiet(self):
        """No error and no warning in the console, and no request to anywhere else."""
        said = [entry for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
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

    page.click("#leave")
    page.see("the door again", lambda _: page.text("form.door button[type=submit]") == "Sign in")
    page.type("input[name=username]", "zuleica")
    page.type("input[name=password]", "wrong")
    page.click("form.door button[type=submit]")
    page.see("the reason", lambda _: page.text("form.door .failure"))
    page.picture("refused")


def main():
    address = sys.argv[1]
    pictures = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    page = Page(address, pictures)
    try:
        run(page, address)
    except Exception:
        print(page.driver.get_log("browser"), page.text("body"), sep="\n", file=sys.stderr)
        raise
    finally:
        page.driver.quit()
    print("the page: ok")


if __name__ == "__main__":
    main()
