package sample

import "github.com/ehealth-sandbox/sandbox/mocks/uhmep/tree"

// PerformerTask assigns a professional (PractitionerRole/…) to the ServiceRequest of that id, status ready.
func PerformerTask(request, owner string) tree.Object {
	return task("be-performer-task", request, owner)
}

// OrganizationTask assigns an organisation (Organization/NIHII-…), status ready.
func OrganizationTask(request, owner string) tree.Object {
	return task("be-organization-task", request, owner)
}

func task(profile, request, owner string) tree.Object {
	return tree.Object{
		"resourceType": "Task",
		"meta":         tree.Object{"profile": list(Referral + profile)},
		"status":       "ready",
		"intent":       "order",
		"focus":        tree.Object{"reference": "ServiceRequest/" + request},
		"partOf":       list(tree.Object{"reference": "Task/" + request}),
		"owner":        tree.Object{"reference": owner},
	}
}

// Operation is one operation of a FHIRPath Patch. An empty name and a nil value are left out; member is value[x] as in JSON.
func Operation(kind, path, name, member string, value any) tree.Object {
	parts := list(tree.Object{"name": "type", "valueCode": kind}, tree.Object{"name": "path", "valueString": path})
	if name != "" {
		parts = append(parts, tree.Object{"name": "name", "valueString": name})
	}
	if value != nil {
		parts = append(parts, tree.Object{"name": "value", member: value})
	}
	return tree.Object{"name": "operation", "part": parts}
}

// Patch is a FHIRPath Patch of operations.
func Patch(operations ...tree.Object) tree.Object {
	doc := tree.Object{"resourceType": "Parameters"}
	for _, operation := range operations {
		tree.Append(doc, "parameter", operation)
	}
	return doc
}

// SetStatus replaces the status of a ServiceRequest or Task.
func SetStatus(resource, status string) tree.Object {
	return Operation("replace", resource+".status", "", "valueCode", status)
}

// StartAt and FinishAt record an execution; at is a dateTime.
func StartAt(at string) tree.Object {
	return Operation("add", "Task.executionPeriod", "start", "valueDateTime", at)
}

// FinishAt records the end of an execution; at is a dateTime.
func FinishAt(at string) tree.Object {
	return Operation("add", "Task.executionPeriod", "end", "valueDateTime", at)
}

// Substitute lists the operations that accept another exam in place of the one asked for.
func Substitute(code string) []tree.Object {
	return []tree.Object{
		SetStatus("Task", "accepted"),
		Operation("add", "Task", "output", "", nil),
		Operation("add", "Task.output", "type", "valueCodeableConcept", Concept(ehealth+"terminology/ValueSet/be-vs-task-output-type", "substituted")),
		Operation("add", "Task.output", "valueCodeableConcept", "valueCodeableConcept", Concept(SNOMED, code)),
	}
}

// Refuse lists the operations that refuse an exam for a reason of be-cs-refusal-reason.
func Refuse(reason string) []tree.Object {
	return []tree.Object{
		SetStatus("Task", "rejected"),
		Operation("add", "Task", "statusReason", "valueCodeableConcept", Concept(Terminology+"be-cs-refusal-reason", reason)),
	}
}

// Evaluation is the body of $approve and $reject with an encrypted note; an empty requester is left out.
func Evaluation(requester string, options Options) tree.Object {
	o := options.filled()
	doc := tree.Object{"resourceType": "Parameters", "meta": KeyMeta(o.KeyID, o.Key)}
	if requester != "" {
		tree.Append(doc, "parameter", tree.Object{"name": "requester", "valueReference": tree.Object{"reference": requester}})
	}
	tree.Append(doc, "parameter", tree.Object{"name": "note", "valueCodeableConcept": SetText(tree.Object{}, "text", o.Encrypt("note"))})
	return doc
}
