// Package query reads the search parameters of the UHMEP API into a Query:
// which filters are known, which are mandatory for whom, what paging and
// shaping was asked. It decides nothing about documents.
//
//	q, bad := query.Parse(form)
//	bad = q.Demand(query.Asker{…})   // mandatory filters, comparison with the token
package query
