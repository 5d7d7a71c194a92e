import { useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { Button, IconButton } from "../../widgets/button.tsx";
import { Icon, type IconName } from "../../widgets/icon.tsx";
import { Menu } from "../../widgets/menu.tsx";
import type { Command } from "../commands.ts";
import { readableKeys } from "../keymap.ts";
import { isBroken, isRecording } from "../store/document.ts";
import type { Screen } from "../store/workspace.ts";
import { useApp, useAppState } from "../use-app.ts";
import "./rail.css";

const screens: readonly {
  readonly screen: Exclude<Screen, "document">;
  readonly title: string;
  readonly icon: IconName;
}[] = [
  { screen: "targets", title: "Targets", icon: "target" },
  { screen: "sessions", title: "Sessions", icon: "sessions" },
  { screen: "compare", title: "Compare", icon: "compare" },
  { screen: "doctor", title: "Doctor", icon: "doctor" },
  { screen: "settings", title: "Settings", icon: "settings" },
];

export function Rail({ commands }: { readonly commands: readonly Command[] }) {
  const { actions } = useApp();
  const current = useAppState((state) => state.screen);
  const showScreen = useAppState((state) => state.showScreen);
  const documentIds = useAppState(useShallow((state) => state.documents.map(({ id }) => id)));
  const interrupted = useAppState(
    (state) => state.sessions?.filter((session) => session.state === "interrupted").length ?? 0,
  );
  return (
    <nav className="rail" aria-label="Workbench">
      <ul>
        {screens.map(({ screen, title, icon }) => (
          <li key={screen}>
            <button
              type="button"
              className="rail-item"
              aria-current={current === screen ? "page" : undefined}
              onClick={() => showScreen(screen)}
            >
              <Icon name={icon} />
              <span className="truncate">{title}</span>
              {screen === "sessions" && interrupted > 0 ? (
                <span className="rail-count" title={`${interrupted} interrupted`}>
                  {interrupted}
                  <span className="visually-hidden"> interrupted</span>
                </span>
              ) : null}
            </button>
          </li>
        ))}
        <li>
          <button type="button" className="rail-item" onClick={() => void actions.openDialog()}>
            <Icon name="open" />
            <span className="truncate">Open file…</span>
          </button>
        </li>
      </ul>
      {documentIds.length > 0 ? (
        <>
          <h2 id="rail-open">Open profiles</h2>
          <ul className="rail-documents" aria-labelledby="rail-open">
            {documentIds.map((id) => (
              <DocumentItem key={id} id={id} />
            ))}
          </ul>
        </>
      ) : null}
      <RailFoot commands={commands} />
    </nav>
  );
}

function DocumentItem({ id }: { readonly id: string }) {
  const { actions } = useApp();
  const active = useAppState((state) => state.screen === "document" && state.activeId === id);
  const showDocument = useAppState((state) => state.showDocument);
  const { title, live, failed } = useAppState(
    useShallow(({ documents }) => {
      const found = documents.find((each) => each.id === id);
      return {
        title: found?.title ?? "",
        live: found !== undefined && isRecording(found),
        failed: found !== undefined && isBroken(found),
      };
    }),
  );
  const item = useRef<HTMLLIElement | null>(null);
  useEffect(() => {
    if (!active) return;
    const show = (): void => item.current?.scrollIntoView({ block: "nearest" });
    show();
    window.addEventListener("resize", show);
    return () => window.removeEventListener("resize", show);
  }, [active]);
  return (
    <li className="rail-document" ref={item}>
      <button
        type="button"
        className="rail-item"
        aria-current={active ? "page" : undefined}
        title={title}
        onClick={() => showDocument(id)}
      >
        {live ? (
          <span className="live-dot" aria-hidden="true" />
        ) : (
          <Icon name={failed ? "fail" : "flame"} size={14} />
        )}
        <span className="truncate">{title}</span>
        {live ? <span className="visually-hidden"> (recording)</span> : null}
        {failed ? <span className="visually-hidden"> (failed)</span> : null}
      </button>
      <IconButton label={`Close ${title}`} icon="close" small onClick={() => actions.closeDocument(id)} />
    </li>
  );
}

function RailFoot({ commands }: { readonly commands: readonly Command[] }) {
  const { shell } = useApp();
  const engine = useAppState((state) => state.engine);
  const theme = useAppState((state) => state.settings?.theme ?? "system");
  const run = (id: string): void => commands.find((command) => command.id === id)?.run();
  return (
    <footer className="rail-foot">
      <div className="rail-tools">
        <Menu
          heading="Theme"
          actions={(["system", "light", "dark"] as const).map((each) => ({
            id: each,
            title: { system: "As the system", light: "Light", dark: "Dark" }[each],
            checked: theme === each,
            run: () => run(`theme-${each}`),
          }))}
        >
          <Button look="quiet" small icon="sun" aria-label="Theme" title="Theme" />
        </Menu>
        <IconButton
          label="Keys"
          hint={readableKeys("?", shell.mac)}
          icon="keys"
          small
          onClick={() => run("keyboard-help")}
        />
        <IconButton label="Take the tour" icon="info" small onClick={() => run("tour")} />
      </div>
      {engine ? (
        <p className="truncate" title={`Flamewright ${engine.version} on ${engine.host}, ${engine.kernel}`}>
          {engine.user}@{engine.host}
        </p>
      ) : null}
    </footer>
  );
}
