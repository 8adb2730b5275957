/*
 * tally_io.c
 *		The text and the binary form of nps_tally: what is read is a tally that is as
 *		it must be, and comes back the same; nothing else is read.
 *
 * The first bit of the input says which form the rest is.
 */
#include "fuzz.h"
#include "server.h"

#include "../../src/tally.c"

/* What always holds of a tally, said another way than nps_tally_check() does. */
static void
must_be_sound(const NpsTally *tally)
{
	unsigned __int128 sum = 0;

	MUST(tally->version == 1);
	MUST(tally->scale <= NPS_LAST_SCALE);
	for (int i = 0; i < NPS_COUNTERS; i++)
	{
		MUST(tally->counter[i] >= 0);
		sum += (uint64) tally->counter[i];
		if (i < NPS_SCORES && tally->counter[i] != 0)
		{
			MUST(tally->scale != NPS_SCALE_NONE && tally->scale != NPS_SCALE_HEALTH);
			MUST(i <= nps_scale_table[tally->scale].max && i >= nps_scale_table[tally->scale].min);
		}
	}
	MUST(sum <= INT64_MAX);
	MUST((sum == 0) == (tally->scale == NPS_SCALE_NONE));
}

/* There and back, in both forms. */
static void
must_come_back(NpsTally *tally)
{
	char	   *printed;
	NpsTally   *read = NULL;
	bytea	   *sent;
	StringInfoData message;

	must_be_sound(tally);
	CATCH(printed = DatumGetCString(CALL1(nps_tally_out, PointerGetDatum(tally)));
		  read = (NpsTally *) DatumGetPointer(CALL1(nps_tally_in, CStringGetDatum(printed))));
	MUST(error_code == 0);
	MUST(memcmp(read, tally, sizeof(NpsTally)) == 0);

	CATCH(sent = DatumGetByteaPP(CALL1(nps_tally_send, PointerGetDatum(tally)));
		  message.data = VARDATA_ANY(sent);
		  message.len = message.maxlen = VARSIZE_ANY_EXHDR(sent);
		  message.cursor = 0;
		  read = (NpsTally *) DatumGetPointer(CALL1(nps_tally_recv, PointerGetDatum(&message))));
	MUST(error_code == 0);
	MUST(memcmp(read, tally, sizeof(NpsTally)) == 0);

	MUST(DatumGetBool(CALL2(nps_tally_eq, PointerGetDatum(tally), PointerGetDatum(read))));
	MUST(DatumGetInt32(CALL2(nps_tally_cmp, PointerGetDatum(tally), PointerGetDatum(read))) == 0);
	MUST(CALL1(nps_tally_hash, PointerGetDatum(tally)) == CALL1(nps_tally_hash, PointerGetDatum(read)));
}

/* Accessors agree with each other. */
static void
must_add_up(NpsTally *tally)
{
	NpsTally   *sum = NULL;
	NpsTally   *rest = NULL;
	NpsTotals	totals;

	CATCH(totals = nps_totals(tally));
	MUST(error_code == 0);
	MUST(totals.category[0] + totals.category[1] + totals.category[2] == totals.responses);

	/* x + x - x = x, or x + x does not fit */
	CATCH(sum = (NpsTally *) DatumGetPointer(CALL2(nps_tally_add, PointerGetDatum(tally), PointerGetDatum(tally))));
	MUST((error_code != 0) == (totals.responses > INT64_MAX / 2));
	if (error_code != 0)
	{
		MUST(error_code == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE);
		return;
	}
	must_be_sound(sum);
	CATCH(rest = (NpsTally *) DatumGetPointer(CALL2(nps_tally_subtract, PointerGetDatum(sum), PointerGetDatum(tally))));
	MUST(error_code == 0);
	MUST(memcmp(rest, tally, sizeof(NpsTally)) == 0);
	if (tally->scale != NPS_SCALE_NONE)
	{
		CATCH(CALL2(nps_tally_subtract, PointerGetDatum(tally), PointerGetDatum(sum)));
		MUST(error_code == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	NpsTally   *volatile tally = NULL;
	Input		input = {data, size};
	uint8_t		form = take_byte(&input);

	if (form & 1)
	{
		StringInfoData message;

		message.data = palloc(input.left + 1);
		memcpy(message.data, input.at, input.left);
		message.len = message.maxlen = (int) input.left;
		message.cursor = 0;
		CATCH(tally = (NpsTally *) DatumGetPointer(CALL1(nps_tally_recv, PointerGetDatum(&message))));
		MUST(error_code == 0 || error_code == ERRCODE_INVALID_BINARY_REPRESENTATION ||
			 error_code == ERRCODE_PROTOCOL_VIOLATION);
		MUST(error_code != 0 || input.left == sizeof(NpsTally));
	}
	else
	{
		char	   *string = palloc(input.left + 1);

		memcpy(string, input.at, input.left);
		string[input.left] = '\0';
		CATCH(tally = (NpsTally *) DatumGetPointer(CALL1(nps_tally_in, CStringGetDatum(string))));
		MUST(error_code == 0 || error_code == ERRCODE_INVALID_TEXT_REPRESENTATION ||
			 error_code == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE);
	}
	if (error_code == 0)
	{
		must_come_back(tally);
		must_add_up(tally);
	}
	free_all();
	return 0;
}
