import { memo } from "react";
import { readableKeys } from "../../app/keymap.ts";
import { isSameControl } from "../../app/same-document.ts";
import { isRecording, isSampling, type ProfileDocument } from "../../app/store/document.ts";
import { useApp } from "../../app/use-app.ts";
import { Button } from "../../widgets/button.tsx";
import { Tooltip } from "../../widgets/tooltip.tsx";

export const RecordingControls = memo(Controls, isSameControl());

function Controls({ document }: { readonly document: ProfileDocument }) {
  const { actions, store, shell } = useApp();
  const { id, recording, paused, request } = document;
  if (!isRecording(document)) {
    return request ? (
      <Tooltip text="Record the same target with the same options">
        <Button icon="record" onClick={() => void actions.again(id)}>
          Record again
        </Button>
      </Tooltip>
    ) : null;
  }
  const stopping = recording?.phase === "stopping" || recording?.phase === "importing";
  return (
    <>
      <Tooltip
        text={paused ? "Show what is recorded now" : "Hold the display; the recording goes on"}
        hint={readableKeys("P", shell.mac)}
      >
        <Button
          icon={paused ? "play" : "pause"}
          disabled={document.profileId === ""}
          onClick={() => actions.togglePause(id)}
        >
          {paused ? "Resume" : "Pause"}
        </Button>
      </Tooltip>
      <Tooltip text="Name this moment on the timeline" hint={readableKeys("M", shell.mac)}>
        <Button
          icon="mark"
          disabled={!isSampling(document)}
          onClick={() => store.getState().openDialog({ kind: "mark", documentId: id })}
        >
          Mark
        </Button>
      </Tooltip>
      {recording?.ask ? (
        <Tooltip text={recording.ask.help} hint={readableKeys("Alt+A", shell.mac)}>
          <Button
            icon="plus"
            disabled={!isSampling(document)}
            busy={document.asking}
            onClick={() => void actions.ask(id)}
          >
            {recording.ask.title}
          </Button>
        </Tooltip>
      ) : null}
      <Tooltip text="Stop and save the session" hint={readableKeys("Ctrl+.", shell.mac)}>
        <Button icon="stop" look="primary" busy={stopping} onClick={() => void actions.stop(id)}>
          Stop
        </Button>
      </Tooltip>
    </>
  );
}
