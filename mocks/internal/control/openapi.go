package control

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/ehealth-sandbox/sandbox/mocks/internal/origin"
	"github.com/ehealth-sandbox/sandbox/mocks/internal/respond"
)

// openapi.json describes the calls in words: operation id → summary, query
// parameters, request and response schema. Paths and methods come from the
// router, so that the document cannot name a call that does not exist.
//
//go:embed openapi.json
var openAPIWords []byte

// words is what openapi.json says about one operation.
type words struct {
	Summary string         `json:"summary"`
	Query   []string       `json:"query"`
	Body    map[string]any `json:"body"`    // JSON schema
	Example any            `json:"example"` // of the body
	Status  string         `json:"status"`  // of success, 200 when empty
	Answer  map[string]any `json:"answer"`  // JSON schema
}

var pathVariable = regexp.MustCompile(`\{([^}:]+)(:[^}]*)?\}`)

func (h *Handler) openAPI(r *http.Request) (any, error) {
	said := map[string]words{}
	if err := json.Unmarshal(openAPIWords, &said); err != nil {
		return nil, fmt.Errorf("openapi.json: %w", err)
	}
	paths := map[string]map[string]any{}
	for _, route := range h.Routes() {
		path := Prefix + pathVariable.ReplaceAllString(route.Path, "{$1}")
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		paths[path][strings.ToLower(route.Method)] = operationObject(route, said[route.Operation])
	}
	return map[string]any{
		"openapi": "3.0.3",
		"info": map[string]any{"title": "eHealth sandbox control API", "version": h.Version,
			"description": "Calls that exist only in the sandbox: nothing below /_sandbox exists at eHealth."},
		"servers":    []any{map[string]any{"url": origin.Of(r)}},
		"paths":      paths,
		"components": map[string]any{"schemas": schemas()},
	}, nil
}

// schemas are the shapes that more than one operation refers to.
func schemas() map[string]any {
	str, number := typed("string"), typed("integer")
	return map[string]any{
		"Error": map[string]any{"type": "object", "required": []string{"error", "message"},
			"properties": map[string]any{"error": str, "message": str, "got": str, "want": str, "hint": str, "trace": str}},
		"ClockChange": map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "properties": map[string]any{
			"freeze": map[string]any{"description": "RFC 3339 instant, or true for the present"}, "offset": str,
			"offset_seconds": typed("number"), "advance": str, "to": str, "real": typed("boolean")}},
		"Fault": map[string]any{"type": "object", "properties": map[string]any{
			"match":  map[string]any{"type": "object", "properties": map[string]any{"service": str, "operation": str, "client": str}},
			"status": number, "error": str, "message": str, "delay_ms": number, "cut": typed("boolean"), "garble": typed("boolean"), "times": number}},
	}
}

func typed(name string) map[string]any { return map[string]any{"type": name} }

func operationObject(route respond.Route, w words) map[string]any {
	status := w.Status
	if status == "" {
		status = "200"
	}
	success := map[string]any{"description": "done"}
	if status != "204" {
		schema := w.Answer
		if schema == nil {
			schema = map[string]any{}
		}
		success["content"] = map[string]any{"application/json": map[string]any{"schema": schema}}
	}
	tag, _, _ := strings.Cut(strings.TrimPrefix(route.Path, "/"), "/")
	op := map[string]any{
		"operationId": route.Operation, "tags": []string{tag}, "summary": w.Summary,
		"responses": map[string]any{status: success, "default": map[string]any{"description": "refused",
			"content": map[string]any{"application/json": map[string]any{"schema": map[string]any{"$ref": "#/components/schemas/Error"}}}}},
	}
	var params []any
	for _, m := range pathVariable.FindAllStringSubmatch(route.Path, -1) {
		params = append(params, map[string]any{"name": m[1], "in": "path", "required": true, "schema": typed("string")})
	}
	for _, q := range w.Query {
		params = append(params, map[string]any{"name": q, "in": "query", "schema": typed("string")})
	}
	if params != nil {
		op["parameters"] = params
	}
	if w.Body != nil {
		media := map[string]any{"schema": w.Body}
		if w.Example != nil {
			media["example"] = w.Example
		}
		op["requestBody"] = map[string]any{"content": map[string]any{"application/json": media}}
	}
	return op
}
