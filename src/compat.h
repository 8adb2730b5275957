/*
 * compat.h
 *		Every difference between the supported majors, 15 to 19, in one place.
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

/* 17: the number of the transaction within the session has moved; no later transaction of the session has it */
#include "storage/proc.h"
#if PG_VERSION_NUM >= 170000
#define nps_local_transaction() (MyProc->vxid.lxid)
#else
#define nps_local_transaction() (MyProc->lxid)
#endif

/* 16: one function asks for the owner or the rights of any object */
#if PG_VERSION_NUM >= 160000
#define nps_owns_relation(relation, role) object_ownercheck(RelationRelationId, relation, role)
#define nps_uses_schema(schema, role) (object_aclcheck(NamespaceRelationId, schema, role, ACL_USAGE) == ACLCHECK_OK)
#else
#define nps_owns_relation(relation, role) pg_class_ownercheck(relation, role)
#define nps_uses_schema(schema, role) (pg_namespace_aclcheck(schema, role, ACL_USAGE) == ACLCHECK_OK)
#endif

/* 18: a function in SQL makes a plan anew when it was invalidated; before, it plans in this context, and has the plan as long as that */
#if PG_VERSION_NUM >= 180000
#define nps_is_context_of_sql_function(context) false
#else
#define nps_is_context_of_sql_function(context) (strcmp((context)->name, "SQL function") == 0)
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

/* 17: JSON_VALUE() and its like read text as a type, InvalidOid for anything else; 16: JSON is made of values */
#if PG_VERSION_NUM >= 170000
#define nps_json_is_read_as(node) (IsA(node, JsonExpr) && ((JsonExpr *) (node))->returning != NULL ? ((JsonExpr *) (node))->returning->typid : InvalidOid)
#else
#define nps_json_is_read_as(node) InvalidOid
#endif
#if PG_VERSION_NUM >= 160000
#define nps_json_is_made_of(node) (IsA(node, JsonConstructorExpr) ? ((JsonConstructorExpr *) (node))->args : NIL)
#else
#define nps_json_is_made_of(node) NIL
#endif

/* 18: a tuple may be formed with room before it */
#if PG_VERSION_NUM >= 180000
#define nps_form_minimal_tuple(columns, values, nulls) heap_form_minimal_tuple(columns, values, nulls, 0)
#else
#define nps_form_minimal_tuple(columns, values, nulls) heap_form_minimal_tuple(columns, values, nulls)
#endif

/* 19: these functions have a header of their own, and others bring it in no longer */
#include "utils/tuplestore.h"

/* 19: a scan of a table takes flags */
#if PG_VERSION_NUM >= 190000
#define nps_beginscan(table, snapshot) table_beginscan(table, snapshot, 0, NULL, SO_NONE)
#else
#define nps_beginscan(table, snapshot) table_beginscan(table, snapshot, 0, NULL)
#endif

/* 19: deleting a row takes options */
#if PG_VERSION_NUM >= 190000
#define nps_tuple_delete(table, tid, command, snapshot, failure) table_tuple_delete(table, tid, command, 0, snapshot, InvalidSnapshot, true, failure)
#else
#define nps_tuple_delete(table, tid, command, snapshot, failure) \
	table_tuple_delete(table, tid, command, snapshot, InvalidSnapshot, true, failure, false)
#endif

/* 19: types and functions are found too, and the caller learns what was found */
#if PG_VERSION_NUM >= 190000
#include "catalog/dependency.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"

static inline bool
nps_uses_temporary(Query *query, bool *is_relation)
{
	ObjectAddress found;

	if (!query_uses_temp_object(query, &found))
		return false;
	*is_relation = found.classId == RelationRelationId;
	return true;
}
#else
#define nps_uses_temporary(query, is_relation) (*(is_relation) = true, isQueryUsingTempRelation(query))
#endif

#endif							/* NPS_COMPAT_H */
