// The style sheet of a page: light and dark by the reader's setting, paper for printers, from 320 pixels up. Colours are variables, which
// pictures use too: two classes of Okabe and Ito's palette, told apart by colour-blind people; text has a contrast of 4.5 and more.

export const style = `
:root{color-scheme:light dark;--paper:#fff;--raised:#f5f6f8;--ink:#1b1f24;--quiet:#57606a;--line:#d5dae0;--accent:#0a5c92;--c1:#0072b2;--c2:#d98200;--c3:#00825f;--c4:#b3588f;--on:#fff;--plot-background:var(--paper)}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--raised:#1d2228;--ink:#e6e9ed;--quiet:#a3adb8;--line:#39414b;--accent:#7cc0f2;--c1:#56b4e9;--c2:#f0a73a;--c3:#3ccba0;--c4:#e29cc6;--on:#0d1117}}
*{box-sizing:border-box}
html{scroll-padding-top:16px}
body{margin:0 auto;max-width:1000px;padding:24px 16px 48px;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1{font-size:28px;line-height:1.25;margin:0 0 8px}
h2{font-size:21px;margin:0 0 12px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:17px;margin:24px 0 8px}
p,ul{margin:0 0 12px;max-width:72ch}
ul{padding-left:20px}
section{margin:32px 0 0}
a{color:var(--accent)}
a:focus-visible,summary:focus-visible,.table:focus-visible,pre:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:16px;top:8px;background:var(--paper);padding:8px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:16px 0 0;max-width:none;font-size:15px}
main:focus{outline:none}
.lead{font-size:18px}
.quiet,figcaption,caption,footer{color:var(--quiet)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px;margin:16px 0;padding:0;max-width:none}
.cards div{background:var(--raised);border-radius:8px;padding:10px 12px}
.cards dt{font-size:14px;color:var(--quiet)}
.cards dd{margin:0;font-size:20px;font-weight:600}
.cards dd small{font-size:14px;font-weight:400;color:var(--quiet);display:block}
.beside{display:flex;flex-wrap:wrap;gap:8px 32px;align-items:flex-start}.beside>figure{flex:0 1 440px}.beside>.table{flex:0 1 auto;max-width:100%}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr));gap:16px 24px;margin:12px 0;align-items:start}
figure{margin:0;min-width:0;break-inside:avoid}
figcaption{font-size:14px;margin-top:4px}
.plot{display:block;height:auto;max-width:100%;overflow:visible}
.plot text,.plot tspan{white-space:pre}
.plot-swatches{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:14px;margin-bottom:4px}
.plot-swatch{display:inline-flex;align-items:center;gap:6px}
.table{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;font-size:15px}
caption{text-align:left;font-size:14px;padding-bottom:4px}
th,td{padding:4px 12px 4px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);font-weight:400;overflow-wrap:normal}
thead th{font-weight:600;border-bottom:2px solid var(--line);white-space:nowrap}
tbody th{font-weight:600}
.n{text-align:right;white-space:nowrap}
tr.best{background:var(--raised)}
details{margin:8px 0;font-size:15px}
summary{cursor:pointer;color:var(--accent)}
pre{background:var(--raised);border-radius:8px;padding:12px;overflow-x:auto;font:14px/1.45 ui-monospace,monospace;overflow-wrap:normal}
code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}
footer{margin-top:48px;font-size:14px}
@media (max-width:480px){h1{font-size:24px}.lead{font-size:17px}th,td{padding-right:10px}#data table{min-width:640px}#parallel .plot text{font-size:14px}}
@media print{:root{color-scheme:light;--paper:#fff;--raised:#f2f3f5;--ink:#000;--quiet:#444;--line:#bbb;--accent:#000;--c1:#0072b2;--c2:#d98200;--c3:#00825f;--c4:#b3588f;--on:#fff}
body{max-width:none;padding:0;font-size:11pt}nav,.skip,details{display:none}.table{overflow:visible}pre{white-space:pre-wrap}
.pictures{grid-template-columns:1fr 1fr}h2,h3{break-after:avoid}tr{break-inside:avoid}a{text-decoration:none}}
`
  .trim()
  .replace(/\n/g, '');
