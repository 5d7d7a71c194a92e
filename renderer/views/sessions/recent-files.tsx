import type { RecentFile } from "#core/contract.ts";
import { useApp } from "../../app/use-app.ts";
import { Icon } from "../../widgets/icon.tsx";
import { momentWords } from "../../widgets/time-words.ts";

/** Profile files that were opened before. Those that are gone stay listed, but say so. */
export function RecentFiles({ files }: { readonly files: readonly RecentFile[] }) {
  const { actions } = useApp();
  if (files.length === 0) return null;
  return (
    <section className="recent" aria-labelledby="recent-files">
      <h2 id="recent-files">Recent files</h2>
      <ul>
        {files.map((file) => (
          <li key={file.path}>
            <button type="button" disabled={!file.exists} onClick={() => void actions.openPath(file.path)}>
              <Icon name="file" size={14} />
              <span className="recent-title">{file.title}</span>
              <span className="recent-path truncate">{file.path}</span>
              <span className="recent-when">
                {file.exists ? momentWords(file.openedAtMs, Date.now()) : "not there any more"}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
