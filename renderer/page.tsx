import type { Root } from "react-dom/client";
import { toProblem } from "#core/base/result.ts";
import { contract } from "#core/contract.ts";
import { createClient } from "#core/rpc/client.ts";
import type { Port } from "#core/rpc/port.ts";
import { createApp } from "./app/app.ts";
import { comparisonIn } from "./app/compare-words.ts";
import { Disconnected } from "./app/layout/disconnected.tsx";
import { Workbench } from "./app/layout/workbench.tsx";
import { fetchTheRest } from "./app/on-demand.tsx";
import { createShell } from "./app/shell.ts";
import { AppContext } from "./app/use-app.ts";
import { wearTheme } from "./app/worn-theme.ts";
import { documentViews } from "./views/index.ts";

const lostDetail = "What was open is opened again. Recordings went on meanwhile: they are the engine's.";

/** The workbench, once there is a connection to the engine; else why there is none. */
export async function showPage(root: Root, connecting: Promise<Port>): Promise<void> {
  const shell = createShell(window.flamewright);
  try {
    const port = await connecting;
    const app = createApp(createClient(port, contract), shell, documentViews);
    wearTheme(app.store, document);
    // Before anything is drawn: what the workbench was started for is on its way while the page is made.
    shell.onOpenPath((path, view) => {
      const asked = comparisonIn(view);
      if (asked) void app.actions.openComparison(asked);
      else void app.actions.openPath(path, view);
    });
    shell.onLost((why) => app.store.getState().toast("fail", why, lostDetail));
    root.render(
      <AppContext value={app}>
        <Workbench />
      </AppContext>,
    );
    await app.actions.begin();
    void fetchTheRest();
  } catch (error) {
    root.render(<Disconnected problem={toProblem(error)} onReload={shell.reload} />);
  }
}
