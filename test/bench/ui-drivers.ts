import { basename } from "node:path";
import type { Page } from "playwright";

/** How one program is used: by its keys, its wheel and its pointer, as its own users do. */
export interface Driver {
  readonly program: string;
  /** From the open page to a picture of the file. */
  readonly firstPicture: (page: Page, file: string) => Promise<void>;
  /** With a page that runs and has shown the file before: the ms from when it is given the file to a picture of it. */
  readonly again: (page: Page, file: string) => Promise<number>;
  /** All of the file has been read. */
  readonly complete: (page: Page) => Promise<void>;
  readonly moves: Readonly<Record<string, (page: Page) => Promise<void>>>;
  readonly reset: (page: Page) => Promise<void>;
  /** Each gives the ms from the key to the picture. */
  readonly switches: Readonly<Record<string, (page: Page, turn: number) => Promise<number>>>;
}

const steps = 40;
/** Speedscope takes half a minute and more for the largest. */
const wait = { timeout: 400_000 };

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

/** What is there when a switch is done. */
interface Sign {
  readonly selector: string;
  /** The text is another than this. */
  readonly unlike?: string;
}

/** The time from a key to the frame after the one that shows the sign, by the page's own clock: nothing of the driver's is in it. */
async function timeTo(page: Page, key: string, sign: Sign | null): Promise<number> {
  const timed = page.evaluate(
    (awaited) =>
      new Promise<number>((resolve) => {
        const pressed = (event: KeyboardEvent): void => {
          if (["Control", "Shift"].includes(event.key)) return;
          window.removeEventListener("keydown", pressed, { capture: true });
          const isThere = (): boolean => {
            if (awaited === null) return true;
            const text = document.querySelector(awaited.selector)?.textContent;
            return (
              typeof text === "string" &&
              (awaited.unlike === undefined || (text !== "" && text !== awaited.unlike))
            );
          };
          const look = (): void => {
            if (!isThere()) return void requestAnimationFrame(look);
            requestAnimationFrame(() => resolve(performance.now() - event.timeStamp));
          };
          requestAnimationFrame(look);
        };
        window.addEventListener("keydown", pressed, { capture: true });
      }),
    sign,
  );
  // The listener is there before the key: messages to the page come in order.
  await page.evaluate(() => undefined);
  await page.keyboard.press(key);
  return timed;
}

const graphSign: Sign = { selector: "[role=application][aria-roledescription='flame graph']" };
const topSign: Sign = { selector: "[role=grid][aria-label='Functions by weight']" };
const noteSign = (unlike: string): Sign => ({ selector: ".flame-bar-note", unlike });

const graph = (page: Page) => page.getByRole("application", { name: /Flame graph, \d+ frames/ });
/** The page has come to rest, and what a workbench makes ready is ready. */
const restMs = 3_000;
const note = (page: Page): Promise<string> => page.locator(".flame-bar-note").first().innerText();
export const flamewrightDriver: Driver = {
  program: "Flamewright",
  firstPicture: async (page) => {
    await graph(page).waitFor(wait);
  },
  // From the palette's recent files: by its path, as a dialog or a drop gives it to the desktop.
  again: async (page, file) => {
    await page.reload();
    await page.getByRole("searchbox", { name: "Search processes" }).waitFor();
    await page.waitForTimeout(restMs);
    await page.keyboard.press("Control+k");
    await page.keyboard.type(basename(file));
    await page.getByRole("option", { name: basename(file) }).waitFor();
    return timeTo(page, "Enter", graphSign);
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
    "switch view": (page, turn) =>
      turn % 2 === 0 ? timeTo(page, "2", topSign) : timeTo(page, "1", graphSign),
    "switch range": async (page, turn) => {
      await page.keyboard.press("1");
      await graph(page).waitFor();
      const slider = page.getByRole("slider", { name: "Time" });
      if ((await slider.count()) === 0) return Number.NaN;
      await slider.focus();
      if (turn === 0) await page.keyboard.press("Home");
      const before = await note(page);
      return timeTo(page, "Control+Shift+ArrowRight", noteSign(before));
    },
    "switch filter": async (page, turn) => {
      await graph(page).focus();
      const before = await note(page);
      if (turn % 2 === 1) return timeTo(page, "Control+z", noteSign(before));
      for (const key of ["Home", "ArrowDown", "ArrowDown", "ArrowRight", "Space"])
        await page.keyboard.press(key);
      return timeTo(page, "x", noteSign(before));
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
  again: async (page, file) => {
    await page.reload();
    await page.waitForTimeout(restMs);
    const startMs = performance.now();
    await speedscopeDriver.firstPicture(page, file);
    return performance.now() - startMs;
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
    "switch view": (page, turn) => timeTo(page, turn % 2 === 0 ? "1" : "2", null),
  },
};

/** A page with nothing in it: what is left there is Chromium's own. */
export const emptyDriver: Driver = {
  program: "an empty page",
  firstPicture: () => Promise.resolve(),
  again: () => Promise.resolve(Number.NaN),
  complete: async (page) => {
    await page.waitForTimeout(500);
  },
  moves: { zoom, pan, hover },
  reset: async (page) => {
    await page.waitForTimeout(300);
  },
  switches: { "switch view": (page) => timeTo(page, "1", null) },
};
