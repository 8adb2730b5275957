/* nps/sql/report/style.sql */

CREATE FUNCTION @extschema@.nps_report_style()
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE
	SET search_path = pg_catalog, pg_temp
	AS $body$
/*
 * How a report looks, on screens light and dark, on paper and on a phone.  Each colour has 4.5:1 on the page as text and
 * 3:1 as a line, and a second sign beside it: the side of zero, an arrow, the word, a hollow dot.
 */
BEGIN
	RETURN $style$
:root{--bg:#fff;--ink:#1a1f26;--mut:#56606b;--rule:#d9dee4;--grid:#e8ebef;--zero:#9aa4af;--det:#b8500b;--pas:#8a94a0;--pro:#1c6bb0;--few:#8a94a0;--band:#cfe0f0;--bar:#56606b;--barbg:#e8ebef}
@media screen and (prefers-color-scheme:dark){:root{--bg:#14181d;--ink:#e9ecef;--mut:#a7b0ba;--rule:#39424c;--grid:#272e36;--zero:#66717d;--det:#f0974a;--pas:#848f9b;--pro:#62aeea;--few:#7d8894;--band:#1f3a52;--bar:#a7b0ba;--barbg:#272e36}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/24px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main{max-width:1152px;margin:0 auto;padding:40px 32px 48px}
h1{font-size:34px;line-height:40px;letter-spacing:-.01em;margin:4px 0 0;overflow-wrap:anywhere;text-wrap:balance}
h2{font-size:20px;line-height:26px;margin:0;overflow-wrap:anywhere;text-wrap:balance}
p{margin:0}
.over{color:var(--mut);font-size:14px;line-height:20px;overflow-wrap:anywhere}
.lede{font-size:18px;line-height:26px;margin-top:8px;max-width:52em;overflow-wrap:anywhere}
.sub{color:var(--mut);font-size:14px;line-height:20px;margin:4px 0 16px;max-width:76em;overflow-wrap:anywhere;text-wrap:pretty}
section{margin-top:48px;min-width:0}
.two{display:grid;grid-template-columns:5fr 7fr;gap:0 48px}
.two.even{grid-template-columns:1fr 1fr}
.two>:only-child{grid-column:1/-1}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
svg{display:block;overflow:visible}
svg text{font-size:13px;fill:var(--mut);font-variant-numeric:tabular-nums}
svg .v,svg .b{fill:var(--ink);font-weight:600}
svg .yr{font-size:12px}
table{border-collapse:collapse;width:100%;font-size:14px;line-height:20px;font-variant-numeric:tabular-nums}
th,td{text-align:start;padding:6px 12px 6px 0;vertical-align:middle;font-weight:400}
thead th{color:var(--mut);font-size:13px;line-height:18px;vertical-align:bottom}
.n{text-align:end;white-space:nowrap}
td:last-child,th:last-child{padding-inline-end:0}
.f td,.f th{padding-top:2px;padding-bottom:2px}
.f .pc{padding-top:0;padding-bottom:0}
.f td.pc{overflow:hidden}
.cl{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden;overflow-wrap:anywhere}
small{display:block;font-size:12px;line-height:16px;color:var(--mut)}
/* marks */
.detractor{fill:var(--det)}
.passive{fill:var(--pas)}
.promoter{fill:var(--pro)}
.g{stroke:var(--grid)}
.g0,.base{stroke:var(--zero)}
.ref{stroke:var(--mut);stroke-dasharray:2 3}
.iv{stroke:var(--mut);stroke-width:2}
.dot{fill:var(--mut)}
.iv.main{stroke:var(--ink);stroke-width:3}
.dot.main{fill:var(--ink)}
.iv.dn{stroke:var(--det);stroke-width:3}
.dot.dn{fill:var(--det)}
.iv.up{stroke:var(--pro);stroke-width:3}
.dot.up{fill:var(--pro)}
.iv.few{stroke:var(--few);stroke-width:1}
.dot.few{fill:var(--bg);stroke:var(--few);stroke-width:1.5}
.tick{stroke:var(--ink);stroke-width:3}
tr.few,tr.few th{color:var(--mut)}
b.dn{color:var(--det)}
b.up{color:var(--pro)}
rect.dn{fill:var(--det)}
rect.up{fill:var(--pro)}
rect.mix{fill:var(--pas)}
rect.pale{fill-opacity:.25;stroke-width:1}
rect.dn.pale{stroke:var(--det)}
rect.up.pale{stroke:var(--pro)}
.nb{fill:var(--bar)}
.nbg{fill:var(--barbg)}
/* the score */
.hero{display:grid;grid-template-columns:4fr 8fr;gap:32px 48px;margin-top:32px;border-top:1px solid var(--rule);padding-top:24px;align-items:center}
.big{font-size:96px;line-height:88px;font-weight:700;letter-spacing:-.03em}
.bigl{color:var(--mut);margin-top:12px}
.cmp{table-layout:fixed}
.cmp thead th:first-child{width:21%}
.cmp thead .n{width:52px}
.cmp thead .t{width:39%}
.cmp .t{line-height:18px}
.cmp td.t,.cmp th.t{padding-inline-start:8px}
.cmp th[scope=row]{overflow-wrap:anywhere;line-height:18px}
.facts{grid-column:1/-1;display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:24px 32px;margin:0;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);padding:16px 0}
dt{font-size:13px;line-height:18px;color:var(--mut)}
dd{margin:0;font-size:22px;line-height:28px;font-weight:600;font-variant-numeric:tabular-nums}
dd span{display:block;font-size:13px;line-height:18px;font-weight:400;color:var(--mut)}
/* distribution and trend */
.br{display:flex;margin-top:8px;font-size:13px;line-height:18px;color:var(--mut)}
.br p{border-top:3px solid;padding-top:4px;margin:0 .8%;text-align:center;min-width:0}
.br b{color:var(--ink);white-space:nowrap}
.br .detractor{border-color:var(--det)}
.br .passive{border-color:var(--pas)}
.br .promoter{border-color:var(--pro)}
.tp{display:grid;grid-template-columns:40px minmax(0,1fr) 56px}
.band{fill:var(--band)}
.ln{fill:none;stroke:var(--pro);stroke-width:2.5;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.dash{stroke-dasharray:5 4}
.pt{fill:var(--pro);stroke:var(--bg);stroke-width:1.5}
.pt.hollow{fill:var(--bg);stroke:var(--pro);stroke-width:2.5}
.goal{stroke:var(--ink);stroke-width:1.5;stroke-dasharray:7 4}
svg .gl{fill:var(--ink)}
.an{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
svg .an tspan{fill:var(--ink)}
/* segments */
.mult{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:24px 40px;align-items:start}
.mult caption,.gr th{text-align:start;font-weight:600;padding:4px 0;overflow-wrap:anywhere}
.mv{table-layout:fixed}
.mv th{width:44%}
.mv .n{width:60px}
.mult+.sub{margin-top:12px}
.key{white-space:nowrap}
.key i{display:inline-block;width:18px;height:11px;background:var(--det);margin:0 6px 0 8px;vertical-align:-1px}
.key .k2{height:4px;background:var(--pas);vertical-align:2px}
.key .k3{background:color-mix(in srgb,var(--det) 25%,var(--bg));border:1px solid var(--det)}
.fs{table-layout:fixed}
.fs thead th:nth-child(1){width:22%}
.fs thead th:nth-child(2){width:84px}
.fs thead th:nth-child(4){width:64px}
.fs thead .iv2{width:116px}
.fs thead th:nth-child(6){width:80px}
.fs thead .t{width:148px}
.fs .pc{padding-inline-start:6px}
.fs td.t,.fs th.t{padding-inline-start:12px}
.gr th{padding-top:12px!important}
.gr{border-bottom:1px solid var(--rule)}
.fs+.sub{margin-top:12px}
/* causes, follow-up, comments */
.ca{table-layout:fixed}
.ca thead th:nth-child(1){width:44%}
.ca thead th:nth-child(3){width:92px}
.ca thead th:nth-child(4){width:72px}
.ca td,.ca th{vertical-align:top;padding-top:4px}
.ca .pc{padding-top:0}
.lo{table-layout:fixed}
.lo thead th:first-child{width:34%}
.lo td,.lo tbody th{padding-top:8px;padding-bottom:8px;vertical-align:top}
.lo tr+tr>*{border-top:1px solid var(--grid)}
.pb{margin:3px 0}
.li td,.li thead th{border-bottom:1px solid var(--grid);overflow-wrap:break-word}
.li .n{max-width:12em;white-space:normal}
blockquote{margin:16px 0 0;padding-inline-start:12px;border-inline-start:3px solid var(--rule);font-size:14px;line-height:20px;max-width:76em;overflow-wrap:anywhere}
blockquote p{white-space:pre-line}
blockquote footer{color:var(--mut);font-size:12px;line-height:16px;margin-top:4px}
details{margin-top:12px;font-size:14px}
summary{color:var(--mut);cursor:pointer;width:max-content}
summary:focus-visible,.sc:focus-visible{outline:2px solid var(--pro);outline-offset:3px}
details td,details th{border-bottom:1px solid var(--grid);padding:3px 12px 3px 0;overflow-wrap:anywhere}
.sc{overflow-x:auto}
.foot{margin-top:56px;border-top:1px solid var(--rule);padding-top:16px;color:var(--mut);font-size:13px;line-height:19px}
.foot h2{font-size:14px;line-height:20px;color:var(--ink)}
.foot div{columns:2;column-gap:48px;margin-top:8px}
.foot p{overflow-wrap:anywhere;break-inside:avoid;padding-bottom:8px}
.foot b{color:var(--ink)}
.none{border-top:1px solid var(--rule);margin-top:32px}
/* narrow, phone, paper */
@media screen and (max-width:900px){
main{padding:24px 16px 32px}
.two,.two.even,.hero{grid-template-columns:minmax(0,1fr)}
.foot div{columns:1}
.facts{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
section{margin-top:40px}
h1{font-size:28px;line-height:34px}
.lede{font-size:17px;line-height:25px}
.fs .iv2,.fs .t{display:none}
.fs thead th:nth-child(1){width:28%}
}
@media screen and (max-width:560px){
.hs{display:none}
th,td{padding-inline-end:8px}
.by{display:none}
.fs,.fs thead,.fs tbody,.cmp,.cmp thead,.cmp tbody{display:block}
.fs tr{display:grid;grid-template-columns:minmax(0,1fr) 72px 52px 64px;align-items:end;padding-bottom:6px}
.fs tr>*{width:auto!important}
.fs .gr{display:block;padding-bottom:0}
.fs .gr th{display:block}
.fs .pc{grid-row:2;grid-column:1/-1;padding:0}
.fs thead tr{padding-bottom:0}
.cmp tr{display:grid;grid-template-columns:minmax(0,1fr) auto;align-items:end}
.cmp tr>*{width:auto!important}
.cmp tr .pc{grid-column:1/-1;grid-row:2}
.cmp tr .t{grid-column:1/-1;grid-row:3;padding:0 0 10px;color:var(--mut)}
.cmp thead .pc{grid-row:1}
.cmp thead .t,.cmp thead .n{position:absolute}
.tp{grid-template-columns:34px minmax(0,1fr) 44px}
.br{font-size:11px;line-height:16px}
.ca thead th:nth-child(3){width:84px}
.key{white-space:normal}
.lo thead th:first-child{width:34%}
.li{font-size:13px}
.li td,.li th{padding-inline-end:6px}
}
@page{size:A4;margin:12mm}
@media print{
main{max-width:none;padding:0;zoom:.74}
section,.foot,blockquote,tr{break-inside:avoid}
.seg,.moved,.quotes{break-inside:auto}
.mult table,.fs tbody{break-inside:avoid}
.mult{grid-template-columns:repeat(3,minmax(0,1fr))}
h2,.sub{break-after:avoid}
details{display:none}
section{margin-top:40px}
.foot{margin-top:32px}
}
$style$;
END
$body$;
COMMENT ON FUNCTION @extschema@.nps_report_style() IS 'part of nps_report_html(): the style sheet';
