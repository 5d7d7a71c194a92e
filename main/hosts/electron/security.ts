import {
  app,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  ipcMain,
  session,
  type WebContents,
} from "electron";
import { pageOrigin } from "./protocol.ts";

const isPage = (url: string): boolean => url.startsWith(`${pageOrigin}/`);

/** No page of this app goes anywhere, opens anything or embeds anything. */
function confine(contents: WebContents): void {
  contents.on("will-navigate", (event) => {
    if (event.url !== contents.getURL()) event.preventDefault();
  });
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-frame-navigate", (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}

export function confineAllPages(): void {
  app.on("web-contents-created", (_event, contents) => confine(contents));
}

/** After `ready`. The one thing a page may ask for is to put text on the clipboard. */
export function confineSession(): void {
  const allowed = (permission: string, url: string): boolean =>
    permission === "clipboard-sanitized-write" && isPage(url);
  const own = session.defaultSession;
  own.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(allowed(permission, details.requestingUrl)),
  );
  own.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, `${origin}/`));
  own.setDevicePermissionHandler(() => false);
  own.webRequest.onBeforeRequest((details, callback) => {
    // Besides the CSP, which the page's own files set: nothing leaves the machine even if they did not.
    callback({ cancel: !/^(app|devtools|blob|data|about):/.test(details.url) });
  });
}

/** Only the main frame of a page of this app may speak to the main process. */
function isOwnSender(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && isPage(frame.url);
}

export function handle(
  channel: string,
  handler: (contents: WebContents, args: readonly unknown[]) => unknown,
): void {
  ipcMain.handle(channel, (event, ...args: unknown[]) => {
    if (!isOwnSender(event)) throw new Error(`${channel}: refused, the sender is not a page of this app`);
    return handler(event.sender, args);
  });
}

export function listen(
  channel: string,
  handler: (contents: WebContents, args: readonly unknown[]) => void,
): void {
  ipcMain.on(channel, (event, ...args: unknown[]) => {
    if (isOwnSender(event)) handler(event.sender, args);
  });
}
