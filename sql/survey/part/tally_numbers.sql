	-- the numbers of a tally, m, besides its responses
	m.detractors, -- answers that are detractors
	m.passives, -- answers that are passives
	m.promoters, -- answers that are promoters
	m.detractor_share, -- detractors / responses, 0 to 1
	m.passive_share, -- passives / responses, 0 to 1
	m.promoter_share, -- promoters / responses, 0 to 1; on a satisfaction scale the share of satisfied customers
	m.nps, -- Net Promoter Score in points, -100 to 100; NULL without answers
	m.nps_low, -- lower end of the 95 % interval of nps
	m.nps_high, -- upper end of the 95 % interval of nps
	m.mean_score, -- mean answer on its own scale
