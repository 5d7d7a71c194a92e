import { frameTextColour } from "../../model/colour.ts";

/** One style for light, dark and paper. */
export const htmlStyle = `
:root{color-scheme:light dark;--page:#fff;--text:#1c2027;--dim:#59616e;--rule:#d6dae1;--stripe:#f4f5f8;--bar:#c9dcf7;--link:#0b57c2;--lane:#8ba0bf;--note:#fff6e0;--note-rule:#e3b341;--card:#f8f9fb}
@media screen and (prefers-color-scheme:dark){:root{--page:#15171c;--text:#e4e7ec;--dim:#9aa3b2;--rule:#343a45;--stripe:#1b1e25;--bar:#28456e;--link:#84b6ff;--lane:#6f88ad;--note:#33290f;--note-rule:#8a6d1d;--card:#1b1e25}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1288px;padding:28px 24px 48px;background:var(--page);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",Arial,sans-serif}
h1{font-size:24px;line-height:1.25;margin:0 0 14px;overflow-wrap:anywhere}
h2{font-size:17px;margin:36px 0 10px}
p{margin:6px 0}
.dim{color:var(--dim)}
nav{margin:0 0 20px}
nav a{margin-right:18px}
a{color:var(--link)}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr) max-content minmax(0,1fr);gap:4px 16px;margin:0}
dt{color:var(--dim)}
dd{margin:0;overflow-wrap:anywhere}
dd.wide{grid-column:2/-1}
.notes{border-left:3px solid var(--note-rule);background:var(--note);padding:8px 14px;margin:16px 0;border-radius:0 4px 4px 0}
.advice-title{font-size:14px;margin:0 0 4px}
.certain{display:inline-block;min-width:84px;font-size:12px}
.notes ul,.read{margin:4px 0;padding-left:20px}
.user-notes{border-left:3px solid var(--link);padding:2px 14px;margin:0 0 16px;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
.scroll>svg{width:100%;min-width:900px;height:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--dim);padding:0 0 8px}
th{font-weight:600;border-bottom:1px solid var(--rule);padding:4px 10px;text-align:left;white-space:nowrap}
td{padding:3px 10px;vertical-align:top}
tbody tr:nth-child(even){background:var(--stripe)}
th.number,td.number{text-align:right;white-space:nowrap}
td.name,td.where{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:12px;overflow-wrap:anywhere;line-height:1.75}
td.name{min-width:150px}
td.where{color:var(--dim);min-width:180px}
td.share{position:relative;padding-left:84px}
.bar{position:absolute;left:10px;top:8px;height:11px;border-radius:2px;background:var(--bar);}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th button:disabled{cursor:default}
th button:not(:disabled):hover{text-decoration:underline}
th[aria-sort=descending] button::after{content:" \\2193" / ""}
th[aria-sort=ascending] button::after{content:" \\2191" / ""}
button:focus-visible,input:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.filter{margin:0 0 10px}
input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--dim);border-radius:4px;padding:4px 8px;width:260px;max-width:100%}
.lane{fill:var(--lane)}
.data .number{width:1%}
.data .words{white-space:nowrap;width:1%}
.scroll+.scroll,p+.scroll,.scroll+p{margin-top:14px}
.drawn{display:block;max-width:100%;height:auto}
.ground{fill:var(--card)}
.mark{fill:none;stroke:var(--dim);stroke-dasharray:2 3}
.call{fill:none;stroke:var(--lane)}
.tip{fill:var(--dim)}
.number{text-anchor:end;font-variant-numeric:tabular-nums}
.line{fill:none;stroke:var(--link);stroke-width:1.5;vector-effect:non-scaling-stroke}
.hot{fill:#d9560b}
.verdict{font-size:17px;font-weight:600;margin:0 0 8px}
.noise{color:var(--dim)}
svg text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",Arial,sans-serif;font-size:12px;fill:var(--text)}
svg text.dim{fill:var(--dim)}
.node text{fill:${frameTextColour}}
.node .own{fill:${frameTextColour};opacity:.45}
.frame text{font-family:"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:11px;fill:${frameTextColour};pointer-events:none}
.frame{cursor:pointer;outline:none}
.frame:hover rect,.frame:focus rect{stroke:var(--text);stroke-width:1.5}
.frame.above rect{opacity:.55}
.frame.match rect{fill:#e58cff;stroke:#5b0b7a;stroke-width:1.5}
.button{cursor:pointer;fill:var(--link)!important;text-decoration:underline}
footer{margin-top:40px;border-top:1px solid var(--rule);padding-top:10px;color:var(--dim)}
@page{margin:14mm}
@media print{body{max-width:none;padding:0;font-size:11px;print-color-adjust:exact;-webkit-print-color-adjust:exact}.controls,.filter,nav{display:none!important}h2,p{break-after:avoid}h2{margin-top:20px}svg{break-inside:avoid}.scroll{overflow:visible}.scroll>svg{min-width:0}tr{break-inside:avoid}thead{display:table-header-group}td.where{min-width:0}.data td.name{overflow-wrap:break-word}th,td{padding:2px 5px}td.share{padding-left:72px}.bar{left:5px;top:5px}td.name{min-width:110px}td.name,td.where{font-size:10px}.certain{font-size:10px;min-width:64px}}
@media (max-width:760px){dl{grid-template-columns:max-content minmax(0,1fr)}}
`;
