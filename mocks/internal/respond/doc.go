// Package respond carries requests to handlers and answers to clients, the
// same way for every service.
//
// A handler returns a value or an error. A *Refusal is the only error a client
// sees; the service's Dialect turns it into what the real service would say
// (OAuth error, problem, OperationOutcome). Any other error, and a panic, is
// our bug: logged once with the trace id and answered 500 in the same dialect.
//
// Around each handler the router bounds and reads the body, applies injected
// faults, answers preflights, unknown paths and wrong methods, and writes the
// journal.
package respond
