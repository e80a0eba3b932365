// Package journal keeps, per tenant, what was asked, answered, checked and
// refused: a ring bounded in entries and in bytes.
//
// The router opens an entry for each request and puts a Recorder into the
// request's context. Handlers add to it with Check, Warn and Note; the entry is
// closed with the answer. Readers list, wait for and stream entries.
//
// What must never be kept does not arrive here: services do not note secret
// scalars or AES keys, and national numbers that may belong to living people
// are masked by Mask before an entry is stored.
package journal
