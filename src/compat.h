/*
 * compat.h
 *		Every difference between the supported majors, 15 to 18, in one place.
 */
#ifndef NPS_COMPAT_H
#define NPS_COMPAT_H

#include "postgres.h"

#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "nps needs PostgreSQL 15 or later"
#endif

/* 16: the varlena macros have a header of their own */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16: input functions report bad input softly, for pg_input_is_valid() and COPY ... ON_ERROR */
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#else
#define ereturn(context, value, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* 17: the sequence of an identity column is asked for by the open table */
#if PG_VERSION_NUM >= 170000
#define nps_identity_sequence(table, number) getIdentitySequence(table, number, true)
#else
#define nps_identity_sequence(table, number) getIdentitySequence(RelationGetRelid(table), number, true)
#endif

/* 18: the module tells its name and version in pg_get_loaded_modules() */
#ifdef PG_MODULE_MAGIC_EXT
#define NPS_MODULE_MAGIC(version_) PG_MODULE_MAGIC_EXT(.name = "nps", .version = version_)
#else
#define NPS_MODULE_MAGIC(version_) PG_MODULE_MAGIC
#endif

/* 18: virtual generated columns, which are NULL in the rows that a trigger gets */
#if PG_VERSION_NUM >= 180000
#define nps_expand_generated_columns(expression, relation) expand_generated_columns_in_expr(expression, relation, 1)
#else
#define nps_expand_generated_columns(expression, relation) ((void) (relation), (expression))
#endif

#endif							/* NPS_COMPAT_H */
