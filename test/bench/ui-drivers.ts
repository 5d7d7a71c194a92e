import type { Page } from "playwright";

/** How one program is used: by its keys, its wheel and its pointer, as its own users do. */
export interface Driver {
  readonly program: string;
  /** From the open page to a picture of the file. */
  readonly firstPicture: (page: Page, file: string) => Promise<void>;
  /** All of the file has been read. */
  readonly complete: (page: Page) => Promise<void>;
  readonly moves: Readonly<Record<string, (page: Page) => Promise<void>>>;
  readonly reset: (page: Page) => Promise<void>;
  /** Each gives the ms from the key to the picture. */
  readonly switches: Readonly<Record<string, (page: Page, turn: number) => Promise<number>>>;
}

const steps = 40;
const wait = { timeout: 180_000 };

/** Where the flame graph is: the same place for both. */
const centre = { x: 800, y: 640 };

async function wheel(page: Page, dx: (step: number) => number, dy: (step: number) => number): Promise<void> {
  await page.mouse.move(centre.x, centre.y);
  for (let step = 0; step < steps; step++) await page.mouse.wheel(dx(step), dy(step));
}

const zoom = async (page: Page): Promise<void> => {
  await page.keyboard.down("Control");
  await wheel(
    page,
    () => 0,
    (step) => (step < steps / 2 ? -60 : 60),
  );
  await page.keyboard.up("Control");
};

const pan = async (page: Page): Promise<void> => {
  await page.keyboard.down("Control");
  for (let step = 0; step < 8; step++) await page.mouse.wheel(0, -60);
  await page.keyboard.up("Control");
  await wheel(
    page,
    (step) => (step < steps / 2 ? 30 : -30),
    () => 0,
  );
};

const hover = async (page: Page): Promise<void> => {
  for (let step = 0; step < steps * 2; step++) await page.mouse.move(300 + step * 10, 560 + (step % 12) * 18);
};

/** The time from a key to a state of the page and the frame that shows it. */
async function timeTo(
  page: Page,
  press: () => Promise<void>,
  isThere: () => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  await press();
  await isThere();
  await page.evaluate(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
  );
  return performance.now() - start;
}

const graph = (page: Page) => page.getByRole("application", { name: /Flame graph, \d+ frames/ });
const note = (page: Page): Promise<string> => page.locator(".flame-bar-note").first().innerText();
const isOther = (page: Page, before: string): Promise<unknown> =>
  page.waitForFunction(
    (old) => {
      const text = document.querySelector(".flame-bar-note")?.textContent;
      return typeof text === "string" && text !== "" && text !== old;
    },
    before,
    { polling: 4 },
  );

export const flamewrightDriver: Driver = {
  program: "Flamewright",
  firstPicture: async (page) => {
    await graph(page).waitFor(wait);
  },
  complete: async (page) => {
    await page.locator(".import-strip").waitFor({ ...wait, state: "detached" });
    await graph(page).waitFor(wait);
  },
  moves: {
    zoom,
    pan,
    hover,
    "zoom into a frame": async (page) => {
      for (const level of [3, 5, 7]) {
        const box = await graph(page).boundingBox();
        if (box === null) return;
        await page.mouse.click(box.x + box.width / 2, box.y + level * 18 + 8);
        await page.waitForTimeout(300);
      }
    },
    search: async (page) => {
      await page.keyboard.press("/");
      await page.keyboard.type("compile", { delay: 60 });
      await page.keyboard.press("Escape");
    },
    "scroll a table": async (page) => {
      await page.keyboard.press("2");
      await page.getByRole("grid", { name: "Functions by weight" }).waitFor();
      await wheel(
        page,
        () => 0,
        () => 400,
      );
    },
  },
  reset: async (page) => {
    await page.keyboard.press("1");
    await graph(page).waitFor();
    await graph(page).focus();
    for (let times = 0; times < 3; times++) await page.keyboard.press("Escape");
    await page.mouse.move(5, 5);
    await page.waitForTimeout(600);
  },
  switches: {
    "switch view": async (page, turn) => {
      if (turn % 2 === 0)
        return timeTo(
          page,
          () => page.keyboard.press("2"),
          () => page.getByRole("grid", { name: "Functions by weight" }).waitFor(),
        );
      return timeTo(
        page,
        () => page.keyboard.press("1"),
        () => graph(page).waitFor(),
      );
    },
    "switch range": async (page, turn) => {
      await page.keyboard.press("1");
      await graph(page).waitFor();
      const slider = page.getByRole("slider", { name: "Time" });
      if ((await slider.count()) === 0) return Number.NaN;
      await slider.focus();
      if (turn === 0) await page.keyboard.press("Home");
      const before = await note(page);
      return timeTo(
        page,
        () => page.keyboard.press("Control+Shift+ArrowRight"),
        () => isOther(page, before),
      );
    },
    "switch filter": async (page, turn) => {
      await graph(page).focus();
      const before = await note(page);
      if (turn % 2 === 1)
        return timeTo(
          page,
          () => page.keyboard.press("Control+z"),
          () => isOther(page, before),
        );
      for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowRight", "Space"])
        await page.keyboard.press(key);
      return timeTo(
        page,
        () => page.keyboard.press("x"),
        () => isOther(page, before),
      );
    },
  },
};

const leftHeavy = (page: Page) => page.getByText("Left Heavy", { exact: false }).first();

export const speedscopeDriver: Driver = {
  program: "speedscope",
  firstPicture: async (page, file) => {
    await page.setInputFiles("input[type=file]", file);
    await leftHeavy(page).waitFor(wait);
  },
  complete: async (page) => {
    await page.keyboard.press("2");
    await page.waitForTimeout(500);
  },
  moves: {
    zoom,
    pan,
    hover,
    search: async (page) => {
      await page.keyboard.press("Control+f");
      await page.keyboard.type("compile", { delay: 60 });
      await page.keyboard.press("Escape");
    },
    "scroll a table": async (page) => {
      await page.keyboard.press("3");
      await page.waitForTimeout(500);
      await page.mouse.move(300, 640);
      for (let step = 0; step < steps; step++) await page.mouse.wheel(0, 400);
    },
  },
  reset: async (page) => {
    await page.keyboard.press("2");
    await page.keyboard.press("0");
    await page.mouse.move(5, 5);
    await page.waitForTimeout(600);
  },
  switches: {
    // There is nothing to filter by; its views are what is switched.
    "switch view": (page, turn) =>
      timeTo(
        page,
        () => page.keyboard.press(turn % 2 === 0 ? "1" : "2"),
        () => Promise.resolve(),
      ),
  },
};
