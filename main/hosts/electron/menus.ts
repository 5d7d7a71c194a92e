import { app, Menu, type MenuItemConstructorOptions } from "electron";
import type { ShellCommand } from "#core/bridge.ts";
import type { Windows } from "./windows.ts";

const isMac = process.platform === "darwin";

/** The application menu. What concerns profiles is sent to the page, which knows whether it can be done now. */
export function setMenu(windows: Windows): void {
  const item = (label: string, command: ShellCommand, accelerator = ""): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === "" ? {} : { accelerator }),
    click: () => windows.command(command),
  });
  const line: MenuItemConstructorOptions = { type: "separator" };

  const file: MenuItemConstructorOptions = {
    label: "&File",
    submenu: [
      { label: "New Window", accelerator: "CmdOrCtrl+N", click: () => void windows.open([]) },
      item("Open File…", "open-file", "CmdOrCtrl+O"),
      ...(isMac
        ? [
            {
              label: "Open Recent",
              role: "recentDocuments" as const,
              submenu: [{ label: "Clear Menu", role: "clearRecentDocuments" as const }],
            },
          ]
        : []),
      line,
      item("Save Session As…", "save-session", "CmdOrCtrl+S"),
      item("Export Report…", "export-report", "CmdOrCtrl+E"),
      line,
      { role: isMac ? "close" : "quit" },
    ],
  };
  const recording: MenuItemConstructorOptions = {
    label: "&Recording",
    submenu: [
      item("Pause Display", "pause-display"),
      item("Add Mark", "add-mark"),
      item("Stop and Save", "stop-recording"),
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: "&View",
    submenu: [
      item("Command Palette…", "command-palette", "CmdOrCtrl+K"),
      line,
      item("Targets", "show-targets"),
      item("Sessions", "show-sessions"),
      item("Compare", "show-compare"),
      item("Doctor", "show-doctor"),
      item("Settings", "show-settings", "CmdOrCtrl+,"),
      line,
      {
        label: "Theme",
        submenu: [
          item("Follow the System", "theme-system"),
          item("Dark", "theme-dark"),
          item("Light", "theme-light"),
        ],
      },
      { role: "resetZoom" },
      { role: "zoomIn" },
      { role: "zoomOut" },
      { role: "togglefullscreen" },
      line,
      { role: "reload" },
      { role: "toggleDevTools" },
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: "help",
    submenu: [
      item("Keyboard Shortcuts", "keyboard-help"),
      ...(isMac ? [] : [{ label: "About Flamewright", click: () => app.showAboutPanel() }]),
    ],
  };

  app.setAboutPanelOptions({
    applicationName: "Flamewright",
    applicationVersion: app.getVersion(),
    copyright: "MIT licence",
  });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: "appMenu" as const }] : []),
      file,
      { role: "editMenu" },
      recording,
      view,
      { role: "windowMenu" },
      help,
    ]),
  );
}
