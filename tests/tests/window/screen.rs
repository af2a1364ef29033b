//! What somebody does at the window: look, press, type. Every wait is for something that can be seen.

use std::{fs, io::Write, path::PathBuf, time::Duration};

use serde_json::json;
use thirtyfour::{By, Capabilities, Key, WebDriver, WebElement, error::WebDriverResult};

use crate::desktop::{self, Desktop};

/// The longest that one call to the driver takes.
const CALL: Duration = Duration::from_secs(20);
/// The longest that anything takes to appear.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(50);
/// Something may be turning on the screen for good.
const MOST_PICTURES: usize = 20;

pub(crate) struct Screen {
    driver: WebDriver,
    pictures: PathBuf,
}

impl Screen {
    /// Opens the window with a practice tenant.
    pub(crate) async fn open(desktop: &Desktop) -> Self {
        let options = json!({ "binary": desktop::program(), "args": ["--practice"] });
        let mut capabilities = Capabilities::new();
        capabilities.set("webkitgtk:browserOptions", options).unwrap();
        let driver = WebDriver::builder(desktop.driver(), capabilities).request_timeout(CALL).await.unwrap();
        let pictures =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artifacts/window").join(desktop.theme.name());
        fs::create_dir_all(&pictures).unwrap();
        Self { driver, pictures }
    }

    pub(crate) async fn close(self) {
        self.driver.quit().await.unwrap();
    }

    pub(crate) async fn theme(&self) -> String {
        let answer = self.driver.execute("return document.documentElement.dataset.theme", Vec::new()).await;
        answer.unwrap().convert().unwrap()
    }

    /// Keeps a picture of the window once two in a row are the same: the driver may still have an older frame.
    pub(crate) async fn picture(&self, name: &str) {
        let mut before = self.painted().await;
        for _ in 0..MOST_PICTURES {
            let now = self.painted().await;
            if now == before {
                break;
            }
            before = now;
        }
        let mut file = fs::File::create(self.pictures.join(format!("{name}.png"))).unwrap();
        file.write_all(&before).unwrap();
    }

    async fn painted(&self) -> Vec<u8> {
        const TWO_FRAMES: &str = "const done = arguments[0];
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0)));";
        self.driver.execute_async(TWO_FRAMES, Vec::new()).await.unwrap();
        self.driver.screenshot_as_png().await.unwrap()
    }

    /// Waits until something is there.
    pub(crate) async fn see(&self, path: &str) -> WebElement {
        self.eventually(path, async |element| Ok(element)).await
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.eventually(path, async |element| element.text().await).await
    }

    pub(crate) async fn heading(&self, title: &str) {
        self.see(&format!("//h1[normalize-space(.)='{title}']")).await;
    }

    /// Waits until a link of the chain is proven.
    pub(crate) async fn proven(&self, link: &str) {
        self.see(&format!(
            "//ol[@aria-label='Chain of proof']//button[starts-with(@aria-label, '{link}: Proven')]"
        ))
        .await;
    }

    pub(crate) async fn press(&self, name: &str) {
        self.press_at(&format!(
            "//button[(normalize-space(.)='{name}' or @aria-label='{name}') and not(@aria-disabled='true')]"
        ))
        .await;
    }

    pub(crate) async fn press_at(&self, path: &str) {
        self.eventually(path, async |element| {
            element.scroll_into_view().await?;
            element.click().await
        })
        .await;
    }

    /// Continue, once it is not blocked, to the step with this heading.
    pub(crate) async fn go_on(&self, title: &str) {
        self.press("Continue").await;
        self.heading(title).await;
    }

    /// Puts a text into a field in place of what is there.
    pub(crate) async fn fill(&self, id: &str, text: &str) {
        self.eventually(&format!("//input[@id='{id}']"), async |element| {
            element.clear().await?;
            element.send_keys(text).await
        })
        .await;
    }

    pub(crate) async fn leave_field(&self) {
        self.driver.active_element().await.unwrap().send_keys(Key::Tab + "").await.unwrap();
    }

    /// Does something with an element as soon as that works: it may not be there yet, or be replaced in between.
    async fn eventually<T>(&self, path: &str, act: impl AsyncFn(WebElement) -> WebDriverResult<T>) -> T {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let outcome = match self.driver.find(By::XPath(path)).await {
                Ok(element) => act(element).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => return value,
                Err(error) if tokio::time::Instant::now() > end => {
                    self.picture("stopped-here").await;
                    panic!("{path}: {error}");
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}
