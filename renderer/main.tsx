import { createRoot } from "react-dom/client";
import { toProblem } from "#core/base/result.ts";
import { contract } from "#core/contract.ts";
import { createClient } from "#core/rpc/client.ts";
import { createApp } from "./app/app.ts";
import { connect } from "./app/connect.ts";
import { Disconnected } from "./app/layout/disconnected.tsx";
import { Workbench } from "./app/layout/workbench.tsx";
import { createShell } from "./app/shell.ts";
import { AppContext } from "./app/use-app.ts";
import { documentViews } from "./views/index.ts";
import "./theme/tokens.css";
import "./theme/base.css";

async function start(room: HTMLElement): Promise<void> {
  const root = createRoot(room);
  const shell = createShell(window.flamewright);
  try {
    const port = await connect(window.flamewright);
    const app = createApp(createClient(port, contract), shell, documentViews);
    root.render(
      <AppContext value={app}>
        <Workbench />
      </AppContext>,
    );
    await app.actions.begin();
  } catch (error) {
    root.render(<Disconnected problem={toProblem(error)} onReload={shell.reload} />);
  }
}

const room = document.getElementById("root");
if (room) void start(room);
