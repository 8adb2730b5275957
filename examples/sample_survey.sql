-- A customer survey to try things on: table customer_survey in the current schema.
--
-- The invented company behind it sells hand-held scanners, label printers and the stock
-- app that goes with them.  It asked its customers "How likely are you to recommend us?"
-- for two years, about every half year, and what you see is the table as its form tool
-- exported it: answers, invitations nobody answered, and some rubbish.
--
-- What there is to find in it:
--   * plan free in region LATAM is weak;
--   * a year ago deliveries went wrong for a quarter, then it took two months to recover;
--   * plan starter became dearer 80 days ago, and its customers say so;
--   * unhappy customers leave more often than happy ones.
--
-- All times are relative to now(), so the newest answer is always about an hour old.
-- People, scores and comments are the same in every run.  PostgreSQL 15 or later, database
-- encoding UTF8; the extension is not needed.

CREATE TABLE customer_survey (
    response_id     bigint PRIMARY KEY,
    customer_id     text,
    company         text,
    sent_at         timestamptz NOT NULL,
    answered_at     timestamptz,
    score           text,
    comment         text,
    region          text,
    plan            text,
    channel         text NOT NULL,
    revenue         numeric,
    renewal_at      date,
    churned_at      timestamptz,
    allows_contact  boolean,
    account_manager text
);

COMMENT ON TABLE customer_survey IS
    'Sample: "How likely are you to recommend us to a friend or colleague?", 0 to 10, as exported from a form tool. One row per invitation, answered or not.';
COMMENT ON COLUMN customer_survey.response_id     IS 'Number of the row: the newer, the higher';
COMMENT ON COLUMN customer_survey.customer_id     IS 'The person who was asked; NULL if anonymous (public link)';
COMMENT ON COLUMN customer_survey.company         IS 'The company the person works for; NULL if self-employed or anonymous';
COMMENT ON COLUMN customer_survey.sent_at         IS 'When the question was sent or shown';
COMMENT ON COLUMN customer_survey.answered_at     IS 'When it was answered; NULL if it was not';
COMMENT ON COLUMN customer_survey.score           IS 'The answer as raw text: mostly 0 to 10, NULL or blank if unanswered, sometimes not a valid answer at all';
COMMENT ON COLUMN customer_survey.comment         IS 'What the person wrote, in whatever language';
COMMENT ON COLUMN customer_survey.region          IS 'Where the customer is';
COMMENT ON COLUMN customer_survey.plan            IS 'What the customer subscribes to; NULL if anonymous';
COMMENT ON COLUMN customer_survey.channel         IS 'How the question reached the person: email, in-app, sms, or web (public link)';
COMMENT ON COLUMN customer_survey.revenue         IS 'Yearly revenue of the customer: of the company, the same on all its rows, or of the self-employed person';
COMMENT ON COLUMN customer_survey.renewal_at      IS 'Next renewal of the contract; NULL if there is none or the customer left';
COMMENT ON COLUMN customer_survey.churned_at      IS 'When the customer left; NULL if still a customer';
COMMENT ON COLUMN customer_survey.allows_contact  IS 'False if the person asked not to be contacted; NULL if anonymous';
COMMENT ON COLUMN customer_survey.account_manager IS 'Who looks after the customer; NULL on plan free and if anonymous';

-- Hashes of numbers stand in for random values: they give the same survey in every run
-- and, unlike hashes of text, on every kind of machine.  Each topic has a number of its own.

-- Number from 0 to 1 (exclusive).
CREATE FUNCTION pg_temp.draw(key bigint, topic integer) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT (pg_catalog.hashint8extended(key, topic) & 4294967295) / 4294967296.0::double precision $$;

-- Bell-shaped number with mean 0 and standard deviation 1.
CREATE FUNCTION pg_temp.bell(key bigint, topic integer) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT 2 * (pg_temp.draw(key, topic) + pg_temp.draw(key, topic + 1000) + pg_temp.draw(key, topic + 2000) - 1.5) $$;

-- One element of a list; an element listed twice is twice as likely.
CREATE FUNCTION pg_temp.pick(list text[], key bigint, topic integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT list[1 + floor(pg_temp.draw(key, topic) * cardinality(list))::integer] $$;

INSERT INTO customer_survey
WITH phrase_list (lang, tone, cause, phrases) AS (
    -- One sentence a line; words in braces are filled in below.  Other languages than English
    -- have fewer lines: what they lack under a cause is taken from 'any'.
    VALUES
    ('en', 'awful', 'price', $$
You raised the price by {n}0 % without a word beforehand. We are cancelling.
I was billed twice and getting the money back took {n} phone calls.
An invoice for {n} licences we never ordered, and then a reminder fee on top!
Far too expensive for something that only works half of the time.
The cancellation fee in the small print is an insult.
$$),
    ('en', 'awful', 'support', $$
Nobody answers. My ticket has been open for {n} weeks and I have heard nothing except the automatic reply.
I was passed on between {n} people and each of them asked me the same questions again.
Your support closed my ticket without solving anything and then asked me how satisfied I was.
Called {n} times, was promised a call back {n} times, nobody ever called.
The hotline told me to read the manual. The manual is for the old model.
Our {place} stood still for a whole day and support told us to be patient.
On the first day of our stocktaking none of the {item} could log in. {n} people stood in the {place} and waited. Your hotline had us on hold for an hour, then asked us to send an e-mail. The answer came the day after, with a link to the forum.
$$),
    ('en', 'awful', 'feature', $$
Sales promised us {feature}, and we signed because of it. It turned out to be fiction.
{n} months of "it is on the roadmap". We have moved to another supplier.
Without {feature} this is useless to us, and we only learned that after signing.
$$),
    ('en', 'awful', 'delivery', $$
The {item} came {n} weeks late, right in the middle of our stocktaking. Nobody warned us.
Half of the order is still missing and nobody can tell me where it is.
Wrong {item} delivered, twice. Sent them back twice at our own cost.
You confirmed a date, we planned {n} people around it and nothing arrived. Then you confirmed another date and again nothing arrived. I do not believe a third one, and my boss does not either. We have started to talk to your competitor.
The parcel was marked as delivered. It was not. Since then everyone points at the carrier.
Express shipping paid, {n}0 days waited.
$$),
    ('en', 'awful', 'quality', $$
{n} of our ten {item} were dead on arrival.
The last update wiped the counts of our {place}. Two days of work gone.
Screens crack if you only look at them. Third replacement this year.
The app loses the connection in the middle of a count and everything has to be scanned again.
Stock figures were simply wrong after the sync. We sold goods we did not have and had to apologise to {n} customers.
$$),
    ('en', 'awful', 'ease', $$
My people refuse to use it. Seven taps to book a single carton.
Setting it up took {n} weeks and an outside consultant.
I have given up. Back to paper and Excel.
The new screen layout came overnight with no warning and nobody in the {place} could work.
$$),
    ('en', 'awful', 'general', $$
Never again.
Worst purchase of the year.
I tell everyone I know to stay away.
Nothing of what was agreed has been kept.
Not one thing worked as it was sold to us.
$$),

    ('en', 'bad', 'price', $$
Too expensive for what we use of it.
Every little add-on costs extra. The offer we signed looked very different from what we pay now.
The price per device makes no sense for seasonal staff.
Third increase in two years, and I cannot see what for.
For a small shop like ours this has become hard to justify.
Label rolls cost twice as much as elsewhere, and other rolls are not accepted.
$$),
    ('en', 'bad', 'support', $$
Support takes days to answer, and then it is a link to an article I had read already.
Good luck if your problem comes up on a Friday afternoon.
I explained the same problem to {n} different agents.
Friendly people on the phone, but the problem is still there.
Chat only, no phone number anywhere. When the {place} is down I need a human.
The first answer never solves it, only the third or fourth does.
We had a good contact in {name}, who knew our set-up and picked up the phone. Then that was replaced by a ticket form. Since then we describe the same printers and the same {place} to somebody new each time, and by the time they understand it our shift is over.
$$),
    ('en', 'bad', 'feature', $$
Still no {feature}. Asked for it {n} months ago.
We need {feature} and have to do without it every single day.
Exports are useless for our accountant, every month somebody fixes them by hand.
No {feature}, no recommendation.
Fine for one location, not for {n} of them.
$$),
    ('en', 'bad', 'delivery', $$
{n} weeks for {item} that were shown as in stock.
The {item} arrived without the chargers, so we could not use them.
Deliveries have become a lottery.
The date slipped {n} times. Each time we were the ones who had to ask.
Partial deliveries without a note what is still to come.
Return label never arrived, so the faulty {item} are still standing here.
$$),
    ('en', 'bad', 'quality', $$
Batteries are at 40 % by noon.
The app freezes about {n} times a day.
Scans of worn labels fail far too often, our people type the numbers by hand.
The {item} feel cheap compared with the model before.
Since the last update it logs me out all the time.
Every release breaks something that used to work.
$$),
    ('en', 'bad', 'ease', $$
Complicated. New staff need days before they can work with it.
Too many clicks for the simplest things.
I never find the report I need.
The set-up guide skips the steps that matter.
Permissions are a riddle, even for our IT.
$$),
    ('en', 'bad', 'general', $$
Expected more.
It does part of the job, for the rest we still keep our lists.
Sales was great until we had signed.
Not what we were shown in the demo.
Disappointed so far.
$$),

    ('en', 'lukewarm', 'price', $$
It does the job, but I can get the same for less.
The product is decent. The price is not.
Price and value are drifting apart.
If the yearly price goes up again we will have to look around.
There should be something between starter and business.
We pay for {n} modules and use one.
Fair for a big company, a lot for us.
$$),
    ('en', 'lukewarm', 'support', $$
Support is hit and miss: great with {name} on the line, poor otherwise.
Answers come, but slowly.
The knowledge base is outdated, so I end up writing tickets for small things.
It took a while until somebody understood what we meant.
Got an answer after {n} days, by then we had found our own way.
Nice people, little authority to decide anything.
$$),
    ('en', 'lukewarm', 'feature', $$
It would be a lot more useful with {feature}.
I miss {feature}.
Good basis, but reporting is thin.
Reports cannot be sent by mail, so I do that by hand each Monday.
We still need a second tool because {feature} is missing.
Integration with our shop system only works one way.
The counting part is really good and the team likes it. But as soon as something unusual happens, a return, a swap between two sites, a carton with the wrong label, we are back to paper, because the app has no way to record it. {feature} would already help a lot.
$$),
    ('en', 'lukewarm', 'delivery', $$
{item} are fine but took longer than announced.
Ordering is easy, waiting is not.
Would be nice to know when an order really ships.
One box missing, it was sent later without any fuss but also without an apology.
Quick the first time, slow the second.
The {item} came in time, the accessories {n} days after.
$$),
    ('en', 'lukewarm', 'quality', $$
Works most days. On a bad day I restart it {n} times.
The scanner is good, the app is slow.
Sync takes ages when many of us scan at once.
Hardware ok, software so-so.
Not as reliable as I hoped.
$$),
    ('en', 'lukewarm', 'ease', $$
You get used to it, but easy is something else.
Looks dated, and some menus only make sense after months.
Training helped. Without it we would be lost.
Fine on the handheld, awkward on the desktop.
Needs too much explaining for people who only work here for {n} weeks.
I use the same five screens and still get lost.
$$),
    ('en', 'lukewarm', 'general', $$
Average.
It is ok.
Neither good nor bad, it scans.
I do not know anybody who would need it.
Some things good, some things not.
Hard to say after {n} weeks.
Meh.
Mixed feelings.
Works, but it has never made me smile.
I would wait for the next version.
$$),

    ('en', 'fair', 'price', $$
Good, though not cheap.
A discount for more than {n} devices would make me happier.
Solid product, price could be friendlier for small teams.
A little cheaper and I would have given a 9.
Licences for seasonal staff should be easier to pause.
Value is fine, the invoice is hard to read.
One plan is too small for us and the next one too big.
$$),
    ('en', 'fair', 'support', $$
Support is friendly and usually quick.
Had one problem, it was solved within {n} days.
Would like support on Saturdays, otherwise happy.
Good help from {name}, the first-line chat less so.
Fast answers by chat, slower by mail.
Never needed you much, when I did it was fine.
Help articles could have more pictures, the people are great.
$$),
    ('en', 'fair', 'feature', $$
With {feature} this would be a 10.
Happy overall, would like {feature}.
Does what we need, reporting could go deeper.
Please add {feature}!
Nearly everything there. The dashboard could be more flexible.
{feature} is the one thing my colleagues keep asking for.
Covers 90 % of what we do.
More languages in the app would help our temps.
$$),
    ('en', 'fair', 'delivery', $$
Delivery took a bit longer than planned, otherwise all good.
{item} arrived well packed. Tracking would be nice.
All fine, just tell us earlier when something is late.
One delay in {n} orders, I can live with that.
Delivery on time, the paperwork came later.
The {item} were quick, the spare parts were not.
Everything complete, but in {n} separate parcels.
$$),
    ('en', 'fair', 'quality', $$
Reliable, with a hiccup now and then.
Scanning is fast. Battery could last longer.
Good devices, the app feels a little slow in our {place}.
Works well since the last update.
Good hardware. The app needs a restart once a week.
The {item} do their work, even with gloves on.
Decent quality for daily use in the {place}.
$$),
    ('en', 'fair', 'ease', $$
Easy enough once it is set up.
The start was bumpy, now it runs.
Clear on the handheld, a bit crowded on the screen.
Good tool, small learning curve.
Easy for the team, less so for the one who sets it up.
After {n} weeks everybody was used to it.
Search could be smarter, the rest is straightforward.
$$),
    ('en', 'fair', 'general', $$
Good.
Good product.
All fine.
Happy so far.
Does what it should.
Nothing to complain about, nothing that excites me either.
Ask me again in half a year.
Solid.
Quite happy, still getting to know it.
Better than what we had.
Good, but I have not tried any other.
Fine for us.
We only use half of it, that half is good.
$$),

    ('en', 'good', 'price', $$
Fair price, and no surprises on the invoice.
Paid for itself within {n} months.
Cheaper than the two others we looked at, and better.
Worth every cent.
Great value for a team of {n}.
I like that seasonal users cost nothing in the quiet months.
We checked the market again last month and stayed.
Honest pricing: what was in the offer is what we pay.
The free plan was enough to convince my boss.
Costs less than the mistakes it prevents.
$$),
    ('en', 'good', 'support', $$
Support is outstanding, {name} stayed on the line until it worked.
I wrote at 8 in the evening and had an answer {n} minutes later.
You call and a person who knows the product answers. Rare these days!
{name} from support deserves a raise.
Quick, friendly, competent.
One of the {item} broke, a replacement was here the next morning.
Every ticket answered on the same day, for years.
They even called a week later to ask whether all was well.
Thank you {name} for your patience with our old printers.
Best help desk I have dealt with, and I have dealt with many.
The training by {name} was fun, really.
Had a silly question and got a kind answer.
Reported a bug on Tuesday, fixed on Thursday.
$$),
    ('en', 'good', 'feature', $$
You actually build what customers ask for, {feature} for example.
The replenishment proposals alone save us hours.
Everything we need and nothing we do not.
Connects to our shop without any programming.
Reports that my boss understands, finally.
The offline mode saved us when the Wi-Fi in the {place} went down.
Love the new stocktaking view.
Does more than the system we had before, at {n} sites.
Labels, stock and orders in one place at last.
{feature} is exactly what we had been looking for.
The low-stock alert has saved us {n} times already.
Every update brings something we can use.
The new dashboard is the first thing I open in the morning.
$$),
    ('en', 'good', 'delivery', $$
Ordered on Monday, {item} here on Wednesday.
Delivery was quick and the boxes were labelled by site, which saved us a morning.
Always on time.
{n} new {item} arrived configured and ready to use.
Fast delivery, good packaging, nothing to add.
Arrived {n} days early.
Great packing, even the cables were sorted.
Courier called ahead, everything complete.
$$),
    ('en', 'good', 'quality', $$
It just works.
{n} years, not one broken scanner.
Dropped from the forklift and still scans.
Rock solid, even on the busiest days.
Our stock figures are right for the first time.
Counting errors have practically disappeared since we switched.
The scanners read labels I can hardly read myself.
Never let us down during the season.
Batteries last two shifts.
Cold store, dust, rain: the {item} do not care.
Not one outage that I can remember.
Good, sturdy devices.
Zero wrong picks last month, that has never happened before.
$$),
    ('en', 'good', 'ease', $$
So easy that nobody needed training.
Stocktaking used to take a weekend. Now it is done by Saturday noon.
New people scan on their own after {n}0 minutes.
Set up in one afternoon, without IT.
Simple, clear, quick.
Even my father uses it, and he hates computers.
The app is a pleasure to use.
Intuitive, well thought out, and it stays out of the way.
Our temps learn it in a coffee break.
I can change everything myself and need no consultant.
Fewer clicks than anything we had before.
We opened a second shop and copied the whole set-up in {n} minutes.
$$),
    ('en', 'good', 'general', $$
Great!
Very good product.
Keep going!
I have recommended you to {n} others already.
Excellent.
Best decision we made last year.
Perfect for our {place}.
Very happy customer here.
Top.
Love it.
No complaints at all.
A partner you can rely on.
Our whole team likes it, and they do not like many things.
You make my working day easier.
Fantastic team, fantastic tool.
Five years together and counting.
What would we do without you?
Only good things to say.
Already convinced our sister company.
Super!
Would not want to work without it.
Really pleased with the whole package.
The {place} runs like clockwork now.
All good here, thanks for asking.
When we started I was sceptical, because the last system had cost us a year and a lot of nerves. {name} looked at how we really work before showing anything, left out what we did not need, and after {n} weeks everybody was using it. I have told this story to {n} other companies.
$$),

    -- A second thought after the first sentence.
    ('en', 'awful', 'tail', $$
I expect a call, not another form.
We will not renew.
Please take this seriously.
I am out of patience.
Who is responsible for this?
What are you going to do about it?
$$),
    ('en', 'bad', 'tail', $$
We are looking at alternatives.
It used to be better.
Please fix this.
Somebody should call me about it.
I was hoping for more.
$$),
    ('en', 'lukewarm', 'tail', $$
Not a disaster, but not great.
You can do better.
I would give more if that changed.
Otherwise fine.
$$),
    ('en', 'fair', 'tail', $$
Keep it up.
Otherwise happy.
No big complaints.
Room for improvement, but we stay.
$$),
    ('en', 'good', 'tail', $$
Thank you!
Keep up the good work.
Would choose you again any time.
Please stay the way you are.
My colleagues say the same.
Five stars from us.
Greetings from the {place}!
Looking forward to what comes next.
We are staying.
$$),

    ('de', 'bad', 'delivery', $$
Liefertermin {n} Mal verschoben, jedes Mal mussten wir selbst nachfragen.
Die Scanner kamen drei Wochen zu spät, mitten in der Inventur.
Falsche Ware geliefert und für die Rücksendung sollten wir auch noch bezahlen.
$$),
    ('de', 'bad', 'any', $$
Seit {n} Wochen warte ich auf eine Antwort vom Support.
Preiserhöhung ohne jede Ankündigung, so geht man nicht mit Kunden um.
Nach dem Update stimmen unsere Bestände nicht mehr.
Viel zu umständlich, die Kollegen im Lager weigern sich.
Im Verkaufsgespräch klang das alles anders.
Man wird von einem zum anderen weitergereicht, und keiner fühlt sich zuständig.
$$),
    ('de', 'lukewarm', 'any', $$
Geht so. Die App ist oft langsam.
Preis und Leistung passen nicht mehr ganz zusammen.
Auswertungen fehlen, das mache ich weiter in Excel.
Die Lieferung dauert meist länger als angegeben.
Support bemüht, aber es zieht sich.
$$),
    ('de', 'fair', 'any', $$
Gutes Produkt, Einrichtung etwas mühsam.
Läuft. Eine Mehrlagerverwaltung wäre noch schön.
Soweit zufrieden.
Akku könnte länger halten, sonst alles gut.
Nicht billig, aber gut.
Gut, aber die Anleitung ist veraltet.
Hilfsbereiter Support, nur samstags nicht erreichbar.
$$),
    ('de', 'good', 'any', $$
Einfach zu bedienen, auch für Aushilfen.
Der Support ist schnell und kompetent, das findet man selten.
Inventur in der halben Zeit. Klare Empfehlung!
Läuft seit {n} Jahren ohne Ausfall.
Sehr zufrieden
Faires Preismodell, nette Leute.
Bestellt, geliefert, ausgepackt, läuft.
Alles bestens, weiter so.
Endlich stimmen die Bestände.
Würden wir sofort wieder kaufen.
Danke an {name} für die Hilfe bei der Umstellung!
Robust, schnell, unkompliziert.
$$),

    ('fr', 'bad', 'delivery', $$
Livraison avec {n} semaines de retard et aucune explication.
Commande incomplète, on attend toujours la suite.
$$),
    ('fr', 'bad', 'any', $$
Le service client ne répond pas, ou alors à côté de la question.
Trop cher pour ce que c'est.
L'application plante plusieurs fois par jour.
On nous avait promis une fonction qui n'existe toujours pas.
Beaucoup trop compliqué pour une petite équipe.
$$),
    ('fr', 'lukewarm', 'any', $$
Correct, mais un peu lent.
Le produit est bien, le prix moins.
Il manque des rapports plus détaillés.
Délais de livraison à améliorer.
$$),
    ('fr', 'fair', 'any', $$
Bon produit, prise en main un peu longue.
Globalement satisfait.
Il ne manque que la gestion de plusieurs entrepôts.
Équipe sympathique, réponse parfois tardive.
$$),
    ('fr', 'good', 'any', $$
Très simple à utiliser, toute l'équipe l'a adopté.
Un service client à l'écoute, merci à {name} !
Livré en deux jours, installé en une heure.
Excellent rapport qualité-prix.
Rien à redire.
Nos inventaires ne sont plus une corvée.
Je recommande sans hésiter.
$$),

    ('es', 'bad', 'delivery', $$
El pedido llegó {n} semanas tarde y nadie nos avisó.
Nos entregaron la mitad y nadie sabe dónde está el resto.
$$),
    ('es', 'bad', 'any', $$
El soporte tarda días y al final no resuelve nada.
Solo atienden en inglés y en otro horario. Así no se puede trabajar.
Quitaron la exportación sin avisar y ahora hacemos todo a mano.
Demasiado caro para nuestra moneda.
La aplicación se cierra sola cuando escaneamos mucho.
Llevo {n} semanas esperando una respuesta.
Muy complicado de configurar, no hay guía en español.
Prometieron facturación local y todavía no existe.
$$),
    ('es', 'lukewarm', 'any', $$
Funciona, pero es lento.
El producto está bien, el precio no tanto.
Faltan informes y más ayuda en español.
La entrega tardó más de lo prometido.
Regular.
Cumple, pero esperaba más opciones.
$$),
    ('es', 'fair', 'any', $$
Buen producto, falta un poco más de soporte en nuestro horario.
Bien en general.
Con varios almacenes sería perfecto.
Fácil de usar, un poco caro.
Contentos por ahora.
Cumple bien, la batería podría durar más.
Buena atención, aunque a veces tardan.
Me gusta, pero faltan reportes.
$$),
    ('es', 'good', 'any', $$
Muy fácil de usar, lo aprendimos en un día.
Excelente atención, {name} nos ayudó en todo.
El inventario ahora se hace en {n} horas.
Todo perfecto, gracias.
Muy recomendable
Llegó rápido y bien empacado.
La mejor herramienta que hemos comprado.
Precio justo y buen servicio.
Ahorramos horas cada semana.
Excelente
Ningún problema en {n} años.
Volvería a elegirlos.
$$),

    ('pt', 'bad', 'delivery', $$
A entrega atrasou {n} semanas e ninguém deu satisfação.
Recebemos o modelo errado, duas vezes.
$$),
    ('pt', 'bad', 'any', $$
O suporte demora demais, e quando responde manda um link.
Muito caro em reais.
A nova versão ficou limitada demais, não dá para trabalhar.
O aplicativo trava no meio da contagem e perde tudo.
Estou há {n} semanas esperando retorno.
Falta integração com a nota fiscal, e isso foi prometido na venda.
$$),
    ('pt', 'lukewarm', 'any', $$
Razoável, mas lento.
Atende em parte, faltam relatórios.
Bom produto, suporte deixa a desejar.
Poderia ser mais barato para empresas pequenas.
$$),
    ('pt', 'fair', 'any', $$
Bom, mas pode melhorar.
Gostamos, só falta controlar mais de um depósito.
Funciona bem, a entrega poderia ser mais rápida.
Satisfeitos até agora.
$$),
    ('pt', 'good', 'any', $$
Simples e rápido, a equipe adorou.
Atendimento excelente, parabéns {name}!
Melhor custo-benefício que encontramos.
Muito bom
Chegou antes do prazo.
Nunca mais tivemos diferença de estoque.
Recomendo de olhos fechados.
Ótimo produto e ótima equipe.
Fácil de ensinar aos novatos.
$$),

    ('it', 'bad', 'any', $$
Assistenza lentissima, {n} settimane per una risposta.
Consegna in ritardo e nessuno che avvisi.
Troppo caro rispetto a quello che offre.
Dopo l'aggiornamento non funziona più la stampa delle etichette.
$$),
    ('it', 'lukewarm', 'any', $$
Discreto, ma manca qualche funzione.
Funziona, però l'app è lenta.
Prezzo un po' alto.
$$),
    ('it', 'fair', 'any', $$
Buon prodotto, configurazione un po' lunga.
Tutto sommato bene.
Manca solo la gestione dei lotti.
$$),
    ('it', 'good', 'any', $$
Semplice e affidabile.
Assistenza gentile e veloce.
Consigliatissimo!
Inventario finito in mezza giornata.
Ottimo rapporto qualità prezzo.
Lo usano tutti senza problemi.
Molto soddisfatti.
$$),

    ('nl', 'bad', 'any', $$
Al {n} weken geen reactie van de helpdesk.
Levering veel te laat en geen bericht gekregen.
Duur, en elk jaar wordt het duurder.
De app loopt steeds vast.
$$),
    ('nl', 'lukewarm', 'any', $$
Gaat wel. Rapporten kunnen beter.
Prima apparaat, trage app.
Levertijd valt tegen.
$$),
    ('nl', 'fair', 'any', $$
Goed, maar niet goedkoop.
Werkt prima, instellen was even zoeken.
Tevreden.
$$),
    ('nl', 'good', 'any', $$
Werkt gewoon, elke dag weer.
Snelle levering en goede service!
Iedereen kan ermee overweg.
Scheelt ons uren per week.
Top
Handige app, fijne mensen.
Na {n} jaar nog steeds tevreden.
$$),

    ('ja', 'bad', 'any', $$
納期が{n}週間も遅れ、連絡もありませんでした。
サポートの返事が遅すぎます。
アップデート後に在庫数が合わなくなりました。
値上げの理由が分かりません。
$$),
    ('ja', 'lukewarm', 'any', $$
悪くはないですが、アプリが重いです。
レポート機能が物足りない。
日本語のマニュアルが古いです。
$$),
    ('ja', 'fair', 'any', $$
概ね満足しています。
使いやすいですが、少し高いです。
電池がもう少し持てば嬉しいです。
$$),
    ('ja', 'good', 'any', $$
とても使いやすいです。
棚卸しが{n}時間で終わるようになりました。
サポートの対応が丁寧でした。
故障もなく安心して使えます。
社内でも好評です。
導入して本当に良かったです。
{n}拠点で問題なく使っています。
$$)
),
phrase AS (
    SELECT lang, tone, cause, string_to_array(trim(phrases, E'\n'), E'\n') AS phrases
    FROM phrase_list
),
-- Numbers above 900 are self-employed people: no company, a small plan, one seat.
account AS (
    SELECT account,
           CASE WHEN account <= 900 THEN
               (ARRAY['Tarn', 'Velm', 'Oske', 'Brin', 'Hald', 'Quor', 'Ymber', 'Sela', 'Torv', 'Mire',
                      'Lund', 'Pell', 'Aske', 'Corv', 'Drae', 'Fenn', 'Gild', 'Harv', 'Isk', 'Jorn',
                      'Kest', 'Lorn', 'Marl', 'Nord', 'Orl', 'Pend', 'Rav', 'Sker', 'Thal', 'Wend'])
                   [1 + (account - 1) / 30]
               || (ARRAY['wick', 'ora', 'mark', 'ford', 'holm', 'ita', 'stead', 'una', 'bury', 'gate',
                         'lin', 'mere', 'ridge', 'sund', 'tor', 'vale', 'well', 'worth', 'by', 'dell',
                         'field', 'garth', 'haven', 'lea', 'mont', 'row', 'stow', 'thorpe', 'ven', 'wood'])
                   [1 + (account - 1) % 30]
               || ' '
               || pg_temp.pick(ARRAY['Foods', 'Logistics', 'Textiles', 'Tools', 'Pharmacies', 'Cycles', 'Furniture',
                                     'Homeware', 'Optics', 'Toys', 'Books', 'Gardens', 'Electronics', 'Wholesale',
                                     'Medical', 'Sports', 'Bakeries', 'Paints', 'Parts', 'Outdoor'], account, 1)
           END AS company,
           pg_temp.pick(ARRAY['EMEA', 'EMEA', 'EMEA', 'EMEA', 'EMEA', 'North America', 'North America',
                              'North America', 'North America', 'LATAM', 'LATAM', 'APAC', 'APAC'], account, 2) AS region,
           CASE WHEN account <= 900
                THEN pg_temp.pick(ARRAY['free', 'free', 'starter', 'starter', 'business', 'business', 'enterprise'],
                                  account, 3)
                ELSE pg_temp.pick(ARRAY['free', 'starter'], account, 3)
           END AS plan
    FROM generate_series(1, 1020) AS account
),
customer AS (
    SELECT account, company, region, plan,
           account * 10 + seat AS customer,
           CASE plan
               WHEN 'free' THEN 0
               WHEN 'starter' THEN 480 + 60 * floor(40 * pg_temp.draw(account, 4))
               WHEN 'business' THEN 6000 + 500 * floor(70 * pg_temp.draw(account, 4) ^ 2)
               WHEN 'enterprise' THEN 50000 + 1000 * floor(350 * pg_temp.draw(account, 4) ^ 3)
           END::numeric AS revenue,
           CASE WHEN plan <> 'free' THEN 1 + floor(365 * pg_temp.draw(account, 5))::integer END AS renewal_in_days,
           CASE WHEN plan <> 'free' THEN pg_temp.pick(
               CASE region
                   WHEN 'EMEA' THEN ARRAY['Ilse Brandauer', 'Tomas Verhelst', 'Noor Haddad']
                   WHEN 'North America' THEN ARRAY['Dana Whitlock', 'Marcus Oyelaran']
                   WHEN 'LATAM' THEN ARRAY['Lucia Ferrante', 'Rafael Quiroga']
                   WHEN 'APAC' THEN ARRAY['Mei Takahara', 'Arjun Velloth']
               END, account, 6) END AS account_manager,
           pg_temp.draw(account * 10 + seat, 7) >= 0.06 AS allows_contact,
           -- Customers from LATAM write Spanish or Portuguese half of the time, and so on.
           pg_temp.pick(
               CASE region
                   WHEN 'EMEA' THEN ARRAY['en', 'en', 'en', 'en', 'en', 'en', 'en', 'de', 'de', 'fr', 'fr', 'it', 'nl']
                   WHEN 'LATAM' THEN ARRAY['en', 'en', 'en', 'es', 'es', 'pt']
                   WHEN 'APAC' THEN ARRAY['en', 'en', 'en', 'en', 'en', 'ja']
                   ELSE ARRAY['en']
               END, account * 10 + seat, 9) AS lang
    FROM account
    JOIN generate_series(1, 6) AS seat
        ON seat <= CASE WHEN account > 900 THEN 1
                        WHEN plan = 'enterprise' THEN 3 + floor(4 * pg_temp.draw(account, 8))
                        WHEN plan = 'business' THEN 2 + floor(4 * pg_temp.draw(account, 8))
                        ELSE 1 + floor(4 * pg_temp.draw(account, 8)) END
),
-- Some people are asked every half year, others less often.  age: days before now.
invitation AS (
    SELECT c.*,
           customer * 10 + i AS key,
           (i + pg_temp.draw(customer, 42)) * gap AS age,
           pg_temp.pick(CASE plan
                            WHEN 'free' THEN ARRAY['in-app', 'in-app', 'in-app', 'email', 'email']
                            ELSE ARRAY['email', 'email', 'email', 'email', 'email', 'in-app', 'in-app', 'sms']
                        END, customer * 10 + i, 12) AS channel
    FROM customer c
    CROSS JOIN LATERAL (SELECT 160 + 20 * pg_temp.draw(customer, 11) AS gap) g
    JOIN generate_series(0, 4) AS i
        ON (i + pg_temp.draw(customer, 42)) * gap < 729
           AND pg_temp.draw(customer * 10 + i, 13) < 0.33 + 0.66 * pg_temp.draw(customer, 14) - 0.05 * i
    UNION ALL
    -- Anonymous answers through a public link.
    SELECT NULL, NULL,
           pg_temp.pick(ARRAY['EMEA', 'EMEA', 'EMEA', 'North America', 'North America', 'LATAM', 'APAC'], key, 2),
           NULL, NULL, NULL, NULL, NULL, NULL, 'en', key, 729 * pg_temp.draw(key, 10), 'web'
    FROM generate_series(900001, 900240) AS key
),
-- How satisfied people are, around 0 with a standard deviation of about 1: what a company,
-- a person and a day have in common, and the stories from the head of this file.
mood AS (
    SELECT i.*, delivery_trouble, dearer,
           pg_temp.draw(key, 15) < CASE channel WHEN 'email' THEN 0.70 WHEN 'sms' THEN 0.74 WHEN 'in-app' THEN 0.86 ELSE 1 END
               AS answered,
           0.12
           + 0.38 * coalesce(pg_temp.bell(account, 16), 0)
           + 0.50 * coalesce(pg_temp.bell(customer, 17), 0)
           + 0.72 * pg_temp.bell(key, 18)
           + CASE plan WHEN 'free' THEN -0.25 WHEN 'starter' THEN 0 WHEN 'business' THEN 0.08 WHEN 'enterprise' THEN 0.15
                       ELSE -0.20 END
           + CASE region WHEN 'North America' THEN 0.10 WHEN 'LATAM' THEN -0.12 ELSE 0 END
           + CASE WHEN plan = 'free' AND region = 'LATAM' THEN -0.50 ELSE 0 END
           + CASE WHEN age < 210 THEN 0.05 ELSE 0 END
           - CASE plan WHEN 'free' THEN 0.15 ELSE 0.75 END * delivery_trouble
           - CASE WHEN dearer THEN 0.40 ELSE 0 END AS satisfaction
    FROM invitation i
    CROSS JOIN LATERAL (SELECT CASE WHEN age BETWEEN 210 AND 360 THEN least(1, (age - 210) / 60, (360 - age) / 10) ELSE 0 END
                                   AS delivery_trouble,
                               coalesce(plan = 'starter' AND age < 80, false) AS dearer) t
),
-- The steps are uneven because people are: many 10s, 9s and 8s, and 5 and 0 are
-- more popular than their neighbours.
answer AS (
    SELECT m.*,
           CASE WHEN answered THEN
               width_bucket(satisfaction, ARRAY[-1.80, -1.67, -1.53, -1.38, -1.24, -0.98, -0.80, -0.48, -0.03, 0.43]) END AS score
    FROM mood m
),
-- A company leaves after the answer of one of its people: the worse, the likelier.
departure AS (
    SELECT account, max(age - 5 - 90 * pg_temp.draw(key, 19)) AS churn_age
    FROM answer
    WHERE pg_temp.draw(key, 20) < CASE WHEN score <= 2 THEN 0.26 WHEN score <= 6 THEN 0.15 WHEN score <= 8 THEN 0.02
                                       WHEN score <= 10 THEN 0.003 ELSE 0.01 END
      AND age - 5 - 90 * pg_temp.draw(key, 19) > 0
    GROUP BY account
),
-- Who has left is no longer asked.  One day more, because the hour of an answer is set apart
-- from its age.
asked AS (
    SELECT a.*, churn_age,
           CASE WHEN a.lang <> 'en' AND score <= 4 THEN 'bad'
                WHEN score <= 2 THEN 'awful'
                WHEN score <= 4 THEN 'bad'
                WHEN score <= 6 THEN 'lukewarm'
                WHEN score <= 8 THEN 'fair'
                ELSE 'good' END AS tone,
           CASE WHEN score <= 8 AND pg_temp.draw(key, 21) < 0.7 * delivery_trouble THEN 'delivery'
                WHEN score <= 8 AND dearer AND pg_temp.draw(key, 21) < 0.6 THEN 'price'
                WHEN score >= 9 THEN pg_temp.pick(ARRAY['general', 'general', 'general', 'ease', 'ease', 'support', 'support',
                                                        'quality', 'quality', 'feature', 'feature', 'price',
                                                        CASE WHEN delivery_trouble > 0 THEN 'general' ELSE 'delivery' END], key, 22)
                WHEN plan = 'free' THEN pg_temp.pick(ARRAY['support', 'support', 'feature', 'feature', 'feature', 'ease', 'ease',
                                                           'quality', 'quality', 'general'], key, 22)
                ELSE pg_temp.pick(ARRAY['support', 'support', 'support', 'feature', 'feature', 'ease', 'quality', 'quality',
                                        'price', 'price', 'delivery', 'general'], key, 22) END AS cause,
           answered AND pg_temp.draw(key, 23) < CASE WHEN score <= 6 THEN 0.70 WHEN score <= 8 THEN 0.46 ELSE 0.54 END AS writes
    FROM answer a
    LEFT JOIN departure USING (account)
    WHERE churn_age IS NULL OR age > churn_age + 1
),
-- Taking the sentences of one kind in turn repeats them least.
worded AS (
    SELECT a.*,
           CASE WHEN writes THEN
               first.phrases[1 + turn % cardinality(first.phrases)]
               || CASE WHEN extra < 0.30
                           THEN coalesce(CASE WHEN extra < 0.03 THEN E'\n' ELSE ' ' END
                                         || tail.phrases[1 + turn % cardinality(tail.phrases)], '')
                       WHEN extra < 0.50 AND other.cause <> first.cause
                           THEN ' ' || other.phrases[1 + turn % cardinality(other.phrases)]
                       ELSE '' END
           END AS text
    FROM (SELECT a.*,
                 (row_number() OVER (PARTITION BY writes, lang, tone, cause ORDER BY hashint8extended(key, 24)))::integer AS turn,
                 pg_temp.draw(key, 25) AS extra,
                 pg_temp.pick(ARRAY['support', 'feature', 'delivery', 'quality', 'ease',
                                    CASE plan WHEN 'free' THEN 'ease' ELSE 'price' END], key, 26) AS other_cause
          FROM asked a) a
    LEFT JOIN LATERAL (SELECT cause, phrases FROM phrase p
                       WHERE p.lang = a.lang AND p.tone = a.tone AND p.cause IN (a.cause, 'any')
                       ORDER BY p.cause = 'any' LIMIT 1) first ON true
    LEFT JOIN phrase tail ON tail.lang = a.lang AND tail.tone = a.tone AND tail.cause = 'tail'
    LEFT JOIN phrase other ON other.lang = a.lang AND other.tone = a.tone AND other.cause = a.other_cause
),
filled AS (
    SELECT w.*,
           replace(replace(replace(replace(text,
               '{n}', (2 + floor(5 * pg_temp.draw(key, 27)))::text),
               '{name}', pg_temp.pick(ARRAY['Anouk', 'Jonas', 'Priya', 'Mateo', 'Claire', 'Dilan', 'Wren'], key, 28)),
               '{place}', pg_temp.pick(ARRAY['warehouse', 'shop', 'stock room', 'second site', 'back office', 'cold store'], key, 29)),
               '{item}', pg_temp.pick(ARRAY['scanners', 'label printers', 'handhelds', 'charging docks', 'wrist scanners'], key, 30))
               AS with_item,
           pg_temp.pick(ARRAY['batch tracking', 'serial number tracking', 'returns handling', 'bulk editing', 'role management',
                              'scheduled reporting', 'stock transfer between sites', 'Excel import', 'expiry date tracking',
                              'voice picking', 'multi-currency pricing'], key, 31) AS feature,
           pg_temp.draw(key, 32) AS handwriting
    FROM worded w
),
finished AS (
    SELECT f.*,
           CASE WHEN age < 1 THEN now() - interval '1 hour' - age ^ 2 * interval '14 hours'
                ELSE date_trunc('day', now()) - floor(age) * interval '1 day'
                     + interval '19 hours 30 minutes' - (age - floor(age)) * interval '12 hours 30 minutes'
           END AS at,
           CASE WHEN answered THEN
               pg_temp.draw(key, 33) ^ 4 * CASE channel WHEN 'email' THEN interval '9 days' WHEN 'sms' THEN interval '1 day'
                                                        ELSE interval '3 minutes' END + interval '20 seconds'
               ELSE interval '0' END AS hesitation,
           CASE WHEN handwriting < 0.12 THEN lower(rtrim(whole, '.'))
                WHEN handwriting < 0.13 AND lang = 'en' THEN upper(whole)
                WHEN handwriting < 0.17 AND score >= 9 THEN rtrim(whole, '.') || ' 👍'
                ELSE whole END AS comment_text
    FROM filled f
    CROSS JOIN LATERAL (SELECT replace(with_item, '{feature}', feature) AS sentence) x
    -- COLLATE, because upper() and lower() must not depend on the locale of the database.
    CROSS JOIN LATERAL (SELECT (upper(left(sentence, 1) COLLATE "C") || substr(sentence, 2)) COLLATE "C" AS whole) y
)
SELECT row_number() OVER (ORDER BY age DESC, key),
       -- The multiplier scatters the numbers, so that colleagues are not neighbours.
       'C-' || 20000 + customer * 7919 % 10211,
       company,
       date_trunc('second', at - hesitation),
       CASE WHEN answered THEN date_trunc('second', at) END,
       CASE WHEN answered THEN coalesce(rubbish, untidy, score::text)
            WHEN pg_temp.draw(key, 34) < 0.15 THEN ''
            WHEN pg_temp.draw(key, 34) < 0.17 THEN ' ' END,
       CASE WHEN rubbish IS NULL OR score IN (7, 8, 10) THEN
           coalesce(comment_text, CASE WHEN answered AND pg_temp.draw(key, 35) < 0.05 THEN '' END) END,
       region,
       plan,
       channel,
       revenue,
       CASE WHEN churn_age IS NULL THEN now()::date + renewal_in_days END,
       date_trunc('second', now() - churn_age * interval '1 day'),
       allows_contact,
       account_manager
FROM finished
-- What a form tool lets through.  Where a number can be guessed, the comment fits it.
CROSS JOIN LATERAL (SELECT
    CASE WHEN pg_temp.draw(key, 36) < 0.011 THEN
        CASE score WHEN 10 THEN pg_temp.pick(ARRAY['11', 'ten', 'N/A'], key, 37)
                   WHEN 8 THEN '8.5'
                   WHEN 7 THEN '7/10'
                   ELSE pg_temp.pick(ARRAY['N/A', '-1', '99'], key, 37) END END AS rubbish,
    CASE WHEN pg_temp.draw(key, 38) < 0.008 THEN
        CASE WHEN score = 10 THEN '10 - Extremely likely'
             WHEN pg_temp.draw(key, 38) < 0.004 THEN format(' %s ', score)
             ELSE lpad(score::text, 2, '0') END END AS untidy) AS typed;

DROP FUNCTION pg_temp.pick(text[], bigint, integer);
DROP FUNCTION pg_temp.bell(bigint, integer);
DROP FUNCTION pg_temp.draw(bigint, integer);

ANALYZE customer_survey;
