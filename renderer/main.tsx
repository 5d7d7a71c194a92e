import { connect } from "./app/connect.ts";
import "./theme/tokens.css";
import "./theme/base.css";

/**
 * React, then the page, each a file of its own: what is evaluated at once is one task of the main thread, and the
 * connection is made meanwhile.
 */
async function start(room: HTMLElement): Promise<void> {
  const port = connect(window.flamewright);
  // It is told below; until then nobody would have heard.
  port.catch(() => undefined);
  const { createRoot } = await import("react-dom/client");
  const { showPage } = await import("./page.tsx");
  await showPage(createRoot(room), port);
}

const room = document.getElementById("root");
if (room) void start(room);
