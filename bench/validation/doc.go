// Package validation measures what judging one UHMEP document costs, step by step:
//
//	go test ./bench/validation -bench . -benchtime 1s -cpu 1
package validation
