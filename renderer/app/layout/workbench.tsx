import { useCallback, useEffect, useMemo, useRef } from "react";
import { AuthoriseDialog } from "../../views/authorise/authorise-dialog.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { GridMenu, type RowMenu } from "../../widgets/grid-menu.ts";
import { MenuAt } from "../../widgets/menu.tsx";
import { Toasts } from "../../widgets/toast.tsx";
import { TooltipRoom } from "../../widgets/tooltip.tsx";
import { buildCommands } from "../commands.ts";
import { openRowMenu, useCopyOfTables } from "../copy-table.ts";
import { onDemand } from "../on-demand.tsx";
import { activeDocument } from "../store/workspace.ts";
import { useApp, useAppState } from "../use-app.ts";
import { useKeymap } from "../use-keymap.ts";
import { Dialogs } from "./dialogs.tsx";
import { Disconnected } from "./disconnected.tsx";
import { DocumentScreen } from "./document-screen.tsx";
import { DropZone } from "./drop-zone.tsx";
import { Rail } from "./rail.tsx";
import { TopBar } from "./top-bar.tsx";
import "./workbench.css";

/** Who opens a profile does not wait for the other screens. */
const CompareView = onDemand(async () => (await import("../../views/compare/compare-view.tsx")).CompareView);
const DoctorView = onDemand(async () => (await import("../../views/doctor/doctor-view.tsx")).DoctorView);
const SessionsView = onDemand(
  async () => (await import("../../views/sessions/sessions-view.tsx")).SessionsView,
);
const SettingsView = onDemand(
  async () => (await import("../../views/settings/settings-view.tsx")).SettingsView,
);
const HomeView = onDemand(async () => (await import("./home.tsx")).HomeView);

export function Workbench() {
  const app = useApp();
  const commands = useMemo(() => buildCommands(app), [app]);
  const rowMenu = useCallback((menu: RowMenu) => openRowMenu(app, menu), [app]);
  const connected = useAppState((state) => state.connected);
  const problem = useAppState((state) => state.connectionProblem);
  useKeymap(commands);
  useCopyOfTables();
  useTitle();

  useEffect(() => {
    app.shell.onCommand((id) => {
      const command = commands.find((each) => each.id === id);
      if (command?.when(app.store.getState())) command.run();
    });
  }, [app, commands]);

  if (problem) return <Disconnected problem={problem} onReload={app.shell.reload} />;
  if (!connected) {
    return (
      <main className="whole-page">
        <EmptyState busy title="Connecting to the engine…" />
      </main>
    );
  }
  return (
    <TooltipRoom>
      <div className="workbench">
        <TopBar commands={commands} />
        <Rail commands={commands} />
        <GridMenu value={rowMenu}>
          <Screen />
        </GridMenu>
      </div>
      <Dialogs commands={commands} />
      <AuthoriseDialog />
      <ContextMenu />
      <News />
      <DropZone />
    </TooltipRoom>
  );
}

function Screen() {
  const screen = useAppState((state) => state.screen);
  const shown = useAppState(activeDocument);
  const room = useRef<HTMLElement | null>(null);
  const place = `${screen} ${shown?.id ?? ""}`;
  // What had the focus may be gone with the screen before: the keys then start from the new one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at every change of the screen
  useEffect(() => {
    if (document.activeElement === document.body) room.current?.focus();
  }, [place]);
  return (
    <main
      ref={room}
      tabIndex={-1}
      className="screen"
      aria-label={screen === "document" ? (shown?.title ?? "") : screen}
    >
      {screen === "targets" ? <HomeView /> : null}
      {screen === "sessions" ? <SessionsView /> : null}
      {screen === "compare" ? <CompareView /> : null}
      {screen === "doctor" ? <DoctorView /> : null}
      {screen === "settings" ? <SettingsView /> : null}
      {shown ? <DocumentScreen key={shown.id} document={shown} /> : null}
    </main>
  );
}

function ContextMenu() {
  const menu = useAppState((state) => state.menu);
  const closeMenu = useAppState((state) => state.closeMenu);
  return menu ? <MenuAt key={`${menu.x},${menu.y}`} {...menu} onClose={closeMenu} /> : null;
}

function News() {
  const toasts = useAppState((state) => state.toasts);
  const dismiss = useAppState((state) => state.dismissToast);
  return <Toasts items={toasts} onDismiss={dismiss} />;
}

function useTitle(): void {
  const { shell } = useApp();
  const title = useAppState((state) => activeDocument(state)?.title ?? "");
  useEffect(() => {
    shell.setTitle(title ? `${title} – Flamewright` : "Flamewright");
  }, [shell, title]);
}
