// Package terminology measures the terminology server on a synthetic release: import, size, start-up and queries.
//
//	BENCH_CONCEPTS=500000 go test -run xxx -bench Import -benchtime 1x ./bench/terminology
//	BENCH_CONCEPTS=500000 go test -run xxx -bench 'Open|Concept|Subsumes|Autocomplete|ECL|FirstPage|HTTP' -benchtime 300x ./bench/terminology
package terminology
