/** Line icons on a 16 px grid. They decorate a text or an aria-label; none is the only sign of anything. */
const paths = {
  target: "M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM8 8h.01",
  sessions: "M2.5 4.5h11M2.5 8h11M2.5 11.5h7",
  open: "M2 12.5v-9h4l1.5 2H14v7H2Z",
  compare: "M3 3.5h4v9H3zM9 3.5h4v9H9zM5 6.5v3M11 5.5v5",
  doctor: "M6.5 2.5h3v4h4v3h-4v4h-3v-4h-4v-3h4v-4Z",
  record: "M8 13a5 5 0 1 0 0-10 5 5 0 0 0 0 10Z",
  stop: "M4 4h8v8H4z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.5v9l7-4.5-7-4.5Z",
  mark: "M4 14V2.5h8l-2 3 2 3H4",
  export: "M8 2v8M5 5l3-3 3 3M3 9.5v4h10v-4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14",
  filter: "M2 3.5h12L9.5 9v4.5l-3-1.5V9Z",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3 8.5 3.2 3.2L13 4.8",
  warn: "M8 2 1.5 13.5h13L8 2ZM8 6.5v3.2M8 11.7h.01",
  fail: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.5v3.5M8 5.2h.01",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  down: "m4 6 4 4 4-4",
  right: "m6 4 4 4-4 4",
  up: "m4 10 4-4 4 4",
  trash: "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.5 9h6l.5-9",
  undo: "M5.5 3 2.5 6l3 3M2.5 6h6.8a3.7 3.7 0 0 1 0 7.4H6",
  redo: "m10.5 3 3 3-3 3M13.5 6H6.7a3.7 3.7 0 0 0 0 7.4H10",
  terminal: "M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10h3",
  link: "M6.5 9.5 9.5 6.5M7 4.5l1-1a3.2 3.2 0 0 1 4.5 4.5l-1 1M9 11.5l-1 1A3.2 3.2 0 0 1 3.5 8l1-1",
  file: "M4 1.8h5l3.2 3.2v9.2H4zM9 1.8v3.2h3.2",
  flip: "M5 2.5v11M2.5 11 5 13.5 7.5 11M11 13.5v-11M8.5 5 11 2.5 13.5 5",
  callers: "M6.5 4h3M4.5 8h7M2.5 12h11",
  keys: "M1.5 4.5h13v7.5h-13zM4 7h.01M6.7 7h.01M9.3 7h.01M12 7h.01M5 9.6h6",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  settings: "M2 4.5h6M11 4.5h3M8 3v3M2 11.5h3M8 11.5h6M5 10v3",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  refresh: "M13 5.5A5.5 5.5 0 1 0 13.5 9M13.3 2.5v3.2h-3.2",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1.5v1.5M8 13v1.5M1.5 8h1.5M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
} as const;

export type IconName = keyof typeof paths | "dot" | "flame";

const filled: readonly IconName[] = ["stop", "play"];

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={filled.includes(name) ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {name === "dot" ? (
        <circle cx="8" cy="8" r="4" fill="currentColor" stroke="none" />
      ) : name === "flame" ? (
        <path
          fill="var(--flame)"
          stroke="none"
          d="M8.7 1c.5 2.3-.4 3.5-1.6 4.8C5.8 7.2 4 8.7 4 11a4 4 0 0 0 8 .2c0-1.6-.6-2.6-1.2-3.4-.1 1-.5 1.6-1.2 2 .4-3.3.2-6.5-.9-8.8Z"
        />
      ) : (
        <path d={paths[name]} />
      )}
    </svg>
  );
}
