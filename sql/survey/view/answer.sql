-- the mapping: one row for each row of the source, with the survey's column names
SELECT
	<<mapping.response_id>> AS response_id, -- names the response, as in the source
	<<mapping.respondent>> AS respondent, -- who answered; NULL if unknown
	<<mapping.account>> AS account, -- customer that the respondent belongs to
	<<mapping.responded_at>> AS responded_at, -- when the answer was given
	<<mapping.asked_at>> AS asked_at, -- when the customer was asked
	<<mapping.raw_score>> AS raw_score, -- the score as it stands in the source
	<<mapping.score>> AS score, -- the score, valid on the survey's scale
	<<mapping.rejection>> AS rejection, -- why the row does not count: no answer, not a number, not whole or out of range; NULL if it counts
	<<mapping.comment>> AS comment, -- what the respondent wrote
	<<mapping.revenue>> AS revenue, -- revenue of the customer, as mapped
	<<mapping.renewal_at>> AS renewal_at, -- when the customer's contract is up for renewal
	<<mapping.churned_at>> AS churned_at, -- when the customer left; NULL if not
	<<mapping.contactable>> AS contactable, -- whether the customer may be contacted; NULL counts as yes
	<<mapping.owner>> AS owner, -- who is responsible
	<<mapping.open_tickets>> AS open_tickets, -- open support tickets of the customer
	<<mapping.received_at>> AS received_at, -- when the row arrived
	<<mapping.wants_contact>> AS wants_contact, -- whether the customer asks for contact
	<<mapping.topic>> AS topic -- what the answer is about: cases are kept apart by it
	<<mapping.segments>> -- segment of the survey, as mapped
FROM <<mapping.source>>
<<mapping.filter>>
