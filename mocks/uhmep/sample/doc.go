// Package sample writes documents as a client of the UHMEP API would send them: one valid instance per template, tasks, patches
// and evaluations. Seeds and tests start from these and change what they are about.
//
//	body := sample.JSON(sample.Request("hygienic-care", sample.Options{Patient: inTransit, Key: key, KeyID: kid}))
//
// Without options pseudonyms and encrypted texts have the right form and no meaning.
package sample
