package pss_test

import "github.com/ehealth-sandbox/sandbox/mocks/internal/journal"

func journalOf(op string) journal.Filter { return journal.Filter{Service: "pss", Op: op} }
