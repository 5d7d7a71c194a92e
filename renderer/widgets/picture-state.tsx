import "./picture-state.css";

export interface PictureStateProps {
  readonly title: string;
  readonly detail: string;
  /** Something is on its way. */
  readonly busy?: boolean;
}

/** What a picture says while there is nothing to draw: what is going on, and what to do next. */
export function PictureState({ title, detail, busy = false }: PictureStateProps) {
  return (
    <div className="picture-state" role="status" aria-busy={busy}>
      {busy ? <span className="picture-state-pulse" aria-hidden="true" /> : null}
      <p className="picture-state-title">{title}</p>
      <p className="picture-state-detail">{detail}</p>
    </div>
  );
}
